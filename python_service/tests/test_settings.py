"""Settings come from the environment, and one line names a bad one."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import trustme
from python_service.settings import (
    BadSettingsError,
    Connections,
    Driver,
    Lookup,
    Metrics,
    Plan,
    SerializerName,
    Statements,
)
from python_service.upstream.knobs import ClientStrategy, HttpClient

from python_service import settings
from tests.served import APPS, CHECKOUT, command, environment, exchange

CASES = tomllib.loads((CHECKOUT / "contract" / "settings.toml").read_text())["case"]
URL = "postgresql://ada:s3cret@127.0.0.1:5432/showdown"


@pytest.fixture(autouse=True)
def _only_what_the_test_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ.keys() - environment(DATABASE_URL=URL).keys():
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABASE_URL", URL)


@pytest.fixture
def trustee(tmp_path: Path) -> str:
    """The file of a CA."""
    file = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(file))
    return str(file)


def test_the_defaults() -> None:
    loaded = settings.load()
    assert (loaded.host, loaded.port) == ("127.0.0.1", 8000)
    assert (loaded.workers, loaded.pool_size, loaded.connections_per_worker) == (2, 20, 10)
    assert (loaded.queue_size, loaded.waiting_per_worker) == (100, 50)
    assert (loaded.pool_timeout_seconds, loaded.pool_reset, loaded.pool_ping) == (2.0, False, False)
    assert (loaded.driver, loaded.connections, loaded.statements) == (
        *(Driver.ASYNCPG, Connections.POOLED),
        Statements.CACHED,
    )
    assert (loaded.plan, loaded.serializer) == (Plan.SINGLE, SerializerName.ORJSON)
    assert (loaded.lookup, loaded.set_time_zone, loaded.access_log) == (Lookup.BY_ID, False, False)
    assert (loaded.upstream_url, loaded.upstream_ca, loaded.upstream_deadline_ms) == (None, None, 2000)
    assert (loaded.metrics, loaded.traces, loaded.otel_exporter_otlp_endpoint) == (Metrics.OFF, False, None)
    assert (loaded.client, loaded.http_client, loaded.http2) == (ClientStrategy.SHARED, HttpClient.HTTPX, False)


def test_every_setting_has_a_variable(monkeypatch: pytest.MonkeyPatch, trustee: str) -> None:
    given = {
        "DRIVER": "asyncpg",
        "HOST": "::1",
        "PORT": "8001",
        "WORKERS": "3",
        "POOL_SIZE": "6",
        "QUEUE_SIZE": "10",
        "POOL_TIMEOUT_SECONDS": "0.5",
        "POOL_RESET": "true",
        "POOL_PING": "true",
        "CONNECTIONS": "per-request",
        "STATEMENTS": "each",
        "PLAN": "sequential",
        "LOOKUP": "random",
        "SET_TIME_ZONE": "true",
        "SERIALIZER": "msgspec",
        "UPSTREAM_URL": "https://127.0.0.1:8443",
        "UPSTREAM_CA": trustee,
        "UPSTREAM_DEADLINE_MS": "500",
        "CLIENT": "leaky",
        "HTTP_CLIENT": "httpx2",
        "HTTP2": "true",
        "METRICS": "otlp",
        "TRACES": "true",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318",
        "ACCESS_LOG": "true",
        "LOG_LEVEL": "debug",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    public = settings.load().public()
    assert {name.upper(): str(value) for name, value in public.items()} == given | {
        **{name: "True" for name, value in given.items() if value == "true"},
        "DATABASE_URL": "postgresql://ada:***@127.0.0.1:5432/showdown",
    }


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("HOST", "", "HOST='' must be a host name or an address"),
        ("PORT", "http", "PORT='http' must be a whole number from 0 to 65535"),
        ("PORT", "65536", "PORT='65536' must be a whole number from 0 to 65535"),
        ("WORKERS", "0", "WORKERS='0' must be a whole number from 1 to 256"),
        ("POOL_SIZE", "-2", "POOL_SIZE='-2' must be a whole number from 1 to 10000"),
        ("POOL_SIZE", "21", "POOL_SIZE='21' must be a multiple of WORKERS (2)"),
        ("POOL_TIMEOUT_SECONDS", "nan", "POOL_TIMEOUT_SECONDS='nan' must be a number of seconds from 0.001 to 60"),
        ("POOL_RESET", "yes", "POOL_RESET='yes' must be one of true, false"),
        ("POOL_PING", "1", "POOL_PING='1' must be one of true, false"),
        ("DRIVER", "libpq", "DRIVER='libpq' must be one of asyncpg, psycopg"),
        ("CONNECTIONS", "many", "CONNECTIONS='many' must be one of pooled, per-request"),
        ("STATEMENTS", "Cached", "STATEMENTS='Cached' must be one of cached, each"),
        ("PLAN", "double", "PLAN='double' must be one of sequential, single, packed, json"),
        ("PLAN", "packed", "SERIALIZER='orjson' must be rowjson with PLAN=packed"),
        (
            "SERIALIZER",
            "serde",
            "SERIALIZER='serde' must be one of pydantic, pydantic-v1, json, orjson, msgspec, rowjson",
        ),
        ("LOOKUP", "first", "LOOKUP='first' must be one of by-id, random"),
        ("LOOKUP", "random", "LOOKUP='random' must be by-id with PLAN=single"),
        ("SET_TIME_ZONE", "UTC", "SET_TIME_ZONE='UTC' must be one of true, false"),
        ("SET_TIME_ZONE", "true", "SET_TIME_ZONE='true' must be false with PLAN=single"),
        ("ACCESS_LOG", "1", "ACCESS_LOG='1' must be one of true, false"),
        ("METRICS", "1", "METRICS='1' must be one of false, true, otlp"),
        ("METRICS", "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT is missing: METRICS='otlp' needs a collector"),
        ("TRACES", "true", "OTEL_EXPORTER_OTLP_ENDPOINT is missing: TRACES='true' needs a collector"),
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "localhost:4318",
            "OTEL_EXPORTER_OTLP_ENDPOINT='localhost:4318' must be http://host:port",
        ),
        ("LOG_LEVEL", "loud", "LOG_LEVEL='loud' must be one of debug, info, warning, error"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettingsError, match=f"^{re.escape(message)}$"):
        settings.load()


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["set"]))
def test_the_services_accept_and_refuse_the_same_values(monkeypatch: pytest.MonkeyPatch, case: dict[str, Any]) -> None:
    for name, value in case["set"].items():
        monkeypatch.setenv(name, value)
    if case["ok"]:
        settings.load()
        return
    with pytest.raises(BadSettingsError):
        settings.load()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("CONNECTIONS", "per-request", "CONNECTIONS='per-request' must be pooled with DRIVER=psycopg"),
        ("POOL_RESET", "true", "POOL_RESET='true' must be false with DRIVER=psycopg"),
    ],
)
def test_psycopg_has_one_pool(monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str) -> None:
    monkeypatch.setenv("DRIVER", "psycopg")
    assert settings.load().driver is Driver.PSYCOPG
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettingsError, match=f"^{message}$"):
        settings.load()


def test_packed_rows_are_for_the_one_serializer_that_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAN", "packed")
    monkeypatch.setenv("SERIALIZER", "rowjson")
    assert settings.load().plan is Plan.PACKED


def test_without_rowjson_there_is_no_such_serializer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "HAS_ROWJSON", False)
    assert settings.load().serializer is SerializerName.ORJSON
    monkeypatch.setenv("SERIALIZER", "rowjson")
    with pytest.raises(BadSettingsError, match=r"^SERIALIZER='rowjson' needs rowjson: install Rust"):
        settings.load()


def test_all_bad_values_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "x")
    monkeypatch.setenv("PLAN", "y")
    with pytest.raises(BadSettingsError, match=r"PORT='x'.*; PLAN='y'"):
        settings.load()


def test_the_database_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL")
    with pytest.raises(BadSettingsError, match="DATABASE_URL is missing, it must be postgresql://user:password@host"):
        settings.load()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "showdown",
        "mysql://ada:s3cret@127.0.0.1/showdown",
        "postgresql://ada:s3cret@127.0.0.1",
        "postgresql://ada:s3cret@127.0.0.1:port/showdown",
        "postgresql://127.0.0.1/showdown",
        "postgresql://ada:s3cret@[::1/showdown",
        "postgresql://ada:12/s3cret@127.0.0.1:port/showdown",
        "postgresql://ada:s3cret/x@127.0.0.1/showdown",
        "postgresql://ada:s3cret?x@127.0.0.1/showdown",
        "postgresql://ada:s3cret#x@127.0.0.1/showdown",
        "postgresql://127.0.0.1/showdown?user=ada&password=s3cret",
        "host=127.0.0.1 user=ada password=s3cret dbname=showdown",
    ],
)
def test_a_bad_url_is_refused_without_showing_a_password(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(BadSettingsError, match=r"^DATABASE_URL=.*must be postgresql://") as raised:
        settings.load()
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize("parameters", ["", "?application_name=me", "?sslmode=disable"])
def test_no_tls_is_asked_for_in_two_ways(monkeypatch: pytest.MonkeyPatch, parameters: str) -> None:
    monkeypatch.setenv("DATABASE_URL", URL + parameters)
    assert settings.load().database_tls() is None


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ("sslmode=require", "sslmode=require does not make sure that the server is the one it names"),
        ("sslmode=verify-ca&sslrootcert=/ca.crt", "sslmode=verify-ca does not make sure"),
        ("sslmode=prefer", "sslmode=prefer does not make sure"),
        ("sslmode=verify-full", "sslmode=verify-full needs sslrootcert"),
        ("sslrootcert=/ca.crt", "sslrootcert is of use only with sslmode=verify-full"),
        ("sslmode=disable&sslrootcert=/ca.crt", "sslrootcert is of use only with sslmode=verify-full"),
        ("sslmode=verify-full&sslrootcert=/no/ca.crt", "sslrootcert=/no/ca.crt cannot be used (No such file"),
        ("sslmode=verify-full&sslrootcert=/dev/null", "sslrootcert=/dev/null cannot be used ("),
    ],
)
def test_tls_that_does_not_verify_is_refused(monkeypatch: pytest.MonkeyPatch, parameters: str, message: str) -> None:
    monkeypatch.setenv("DATABASE_URL", f"{URL}?{parameters}")
    with pytest.raises(BadSettingsError, match=f"^{re.escape(f'DATABASE_URL: {message}')}") as raised:
        settings.load()
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"CLIENT": "per-call-shared-tls", "HTTP_CLIENT": "pyreqwest"}, "CLIENT='per-call-shared-tls' cannot be with"),
        ({"CLIENT": "per-call-shared-tls", "HTTP_CLIENT": "niquests"}, "CLIENT='per-call-shared-tls' cannot be with"),
        ({"HTTP2": "true", "HTTP_CLIENT": "aiohttp"}, "HTTP2='true' must be false with HTTP_CLIENT=aiohttp"),
        ({"HTTP2": "true", "HTTP_CLIENT": "requests"}, "HTTP2='true' must be false with HTTP_CLIENT=requests"),
        ({"UPSTREAM_URL": "https://a:1", "UPSTREAM_CA": "/no/ca"}, "UPSTREAM_CA='/no/ca' cannot be used (No such file"),
        (
            {"UPSTREAM_URL": "https://a:1", "HTTP_CLIENT": "pyreqwest", "METRICS": "true"},
            "METRICS='true' cannot be with HTTP_CLIENT=pyreqwest",
        ),
        # It is not in this environment, for it would change what requests does.
        ({"UPSTREAM_URL": "https://a:1", "HTTP_CLIENT": "niquests"}, "HTTP_CLIENT='niquests' is not installed"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_a_client_for_the_upstream_cannot_do(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], message: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadSettingsError, match=f"^{re.escape(message)}"):
        settings.load()


def test_settings_do_not_show_the_password() -> None:
    assert "s3cret" not in repr(settings.load())


@pytest.mark.parametrize(
    ("app", "variables", "named"),
    [
        *((app, {}, "DATABASE_URL is missing") for app in APPS),
        *((app, {"DATABASE_URL": URL, "PORT": "x"}, "PORT='x'") for app in APPS),
        *((app, {"DATABASE_URL": URL, "PLAN": "packed"}, "SERIALIZER='orjson'") for app in APPS),
        ("starlette", {"DATABASE_URL": URL, "POOL_PING": "true"}, "POOL_PING='true' must be false"),
        ("django", {"DATABASE_URL": URL, "POOL_SIZE": "2", "POOL_RESET": "true"}, "POOL_RESET='true' must be false"),
        ("django", {"DATABASE_URL": URL, "WORKERS": "2", "POOL_SIZE": "4"}, "POOL_SIZE='4'"),
        ("django", {"DATABASE_URL": URL, "POOL_SIZE": "2", "DRIVER": "psycopg"}, "DRIVER='psycopg' must be asyncpg"),
        ("fastapi", {"DATABASE_URL": URL, "STATEMENTS": "each"}, "STATEMENTS='each' must be cached: this service"),
        ("fastapi", {"DATABASE_URL": URL, "POOL_RESET": "true"}, "POOL_RESET='true' must be false: this service"),
        (
            "fastapi",
            {"DATABASE_URL": URL, "TRACES": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://a:1"},
            "TRACES='true' must be false: this service",
        ),
        (
            "django-orm",
            {"DATABASE_URL": URL, "POOL_SIZE": "2", "PLAN": "sequential"},
            "PLAN='sequential' must be single",
        ),
    ],
)
def test_a_server_with_bad_settings_ends_with_one_line_and_code_2(
    app: str, variables: dict[str, str], named: str
) -> None:
    ended = subprocess.run(
        command(app), cwd=CHECKOUT, env=environment(**variables), capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("bad settings: ")
    assert named in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(("app", "pool_size"), [("starlette", 20), ("django", 2)])
def test_port_0_is_any_free_one_and_the_log_says_which(app: str, pool_size: int, database_url: str) -> None:
    # `serve` asks the port that it has chosen; this service chooses one itself.
    variables = environment(DATABASE_URL=database_url, PORT=0, WORKERS=2, POOL_SIZE=pool_size)
    process = subprocess.Popen(command(app), cwd=CHECKOUT, env=variables, stderr=subprocess.PIPE)
    try:
        assert process.stderr is not None
        started = next(line for line in map(json.loads, process.stderr) if line["message"] == "started")
        status, _ = exchange(started["port"], b"GET /healthz HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
    finally:
        process.terminate()
        process.communicate(timeout=20)
    assert status == 200

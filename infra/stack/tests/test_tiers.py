"""The stack starts in order, goes on without missing programs, and leaves nothing running."""

import json
import os
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import psycopg
import pytest
from showdown.contract.contract import load_contract
from showdown_contract.errors import ShowdownError
from showdown_stack import link, programs, upstream
from showdown_stack.ports import LOOPBACK
from showdown_stack.tiers import SAME_USER, TierOptions, Tiers, running_tiers

RECIPES = 2_000
NOT_ISOLATED = [] if os.geteuid() == 0 else [SAME_USER]
Mentioning = Callable[[Path], list[str]]
needs_haproxy = pytest.mark.skipif(programs.find("haproxy") is None, reason="haproxy is not installed")
needs_pgbouncer = pytest.mark.skipif(programs.find("pgbouncer") is None, reason="pgbouncer is not installed")
needs_link = pytest.mark.skipif(link.program() is None, reason=link.NOT_BUILT)
needs_upstream = pytest.mark.skipif(upstream.program() is None, reason=upstream.NOT_BUILT)

# The least possible service: it answers every request with 200 and its environment.
SERVICE = """
import json, os
from http.server import BaseHTTPRequestHandler, HTTPServer

class Environment(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({**os.environ, "uid": os.getuid(), "folder": os.getcwd()}).encode())

HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Environment).serve_forever()
"""


def get(url: str) -> str:
    with build_opener(ProxyHandler({})).open(url) as answer:
        return str(answer.read().decode())


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server((LOOPBACK, 0)) as server:
        yield int(server.getsockname()[1])


@needs_haproxy
def test_all_tiers_run(stack: Tiers) -> None:
    assert set(stack.processes) == {"postgres", "haproxy"}
    assert set(stack.versions) == {"postgres", "haproxy"}
    assert stack.missing == NOT_ISOLATED
    assert stack.lost() is None
    assert stack.service_dsn == stack.postgres.api_dsn
    assert stack.url != stack.service_url


def test_a_service_is_told_where_it_is_and_nothing_else_of_ours(stack: Tiers) -> None:
    with stack.service("echo", [sys.executable, "-c", SERVICE], {"KNOB": "on"}) as service:
        answer = get(f"{stack.url}/healthz")
        assert f'"PORT": "{stack.service_port}"' in answer
        assert '"HOST": "127.0.0.1"' in answer
        assert f'"DATABASE_URL": "{stack.service_dsn}"' in answer
        assert '"KNOB": "on"' in answer
        assert "SHOWDOWN_STATE" not in answer
        assert answer == get(f"{stack.service_url}/healthz")
    assert not service.running


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to drop")
def test_a_service_is_not_root(stack: Tiers) -> None:
    with stack.service("echo", [sys.executable, "-c", SERVICE], {}):
        assert '"uid": 0,' not in get(f"{stack.url}/healthz")


def test_a_service_that_does_not_come_up_is_shown_with_its_log(stack: Tiers) -> None:
    with (
        pytest.raises(ShowdownError, match=r"broken exited with code 2 at start(.|\n)*POOL_SIZE is no number"),
        stack.service("broken", ["sh", "-c", "echo POOL_SIZE is no number; exit 2"], {}),
    ):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux: nothing else tells of orphans")
def test_a_service_that_leaves_what_has_to_be_killed_is_a_fault(stack: Tiers) -> None:
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    command = ["sh", "-c", 'setsid "$0" -c "$1" & exec "$0" -c "$2"', sys.executable, deaf, SERVICE]
    with (
        pytest.raises(ShowdownError, match=r"daemon did not end when it was asked to: killed \S+ \(process \d+\)"),
        stack.service("daemon", command, {}) as service,
    ):
        service.wait_until(lambda: "deaf" in service.log.read_text(), 60)
    assert not service.running


def test_a_services_port_that_is_taken_is_named(stack: Tiers) -> None:
    with (
        stack.service("first", [sys.executable, "-c", SERVICE], {}),
        pytest.raises(ShowdownError, match=f"port {stack.service_port} on"),
        stack.service("second", [sys.executable, "-c", SERVICE], {}),
    ):
        pass


def test_several_services_are_up_at_once_each_at_a_place_of_its_own(own_state: Path) -> None:
    options = TierOptions(load_contract(), RECIPES, services=3, connections=200)
    with running_tiers(options) as stack, ExitStack() as started:
        command = [sys.executable, "-c", SERVICE]
        services = [stack.start_service(f"echo{place.number}", command, {}, place=place) for place in stack.places]
        for service in services:
            started.enter_context(service.process)
            service.wait_until_ready()
        answers = [json.loads(get(f"{place.url}/healthz")) for place in stack.places]
        assert [answer["PORT"] for answer in answers] == [str(place.service_port) for place in stack.places]
        if os.geteuid() == 0:
            assert len({answer["uid"] for answer in answers}) == 3
        with psycopg.connect(stack.postgres.owner_dsn) as connection:
            (most,) = connection.execute("SHOW max_connections").fetchone() or ("",)
        assert int(most) > 200
    assert own_state.exists()


def test_what_is_missing_is_named_and_done_without(own_state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "find", lambda _: None)
    with running_tiers(TierOptions(load_contract(), RECIPES, pgbouncer="session")) as stack:
        assert stack.missing == [
            *NOT_ISOLATED,
            "pgbouncer is not installed: services connect to Postgres directly",
            "haproxy is not installed: requests go to the service directly",
        ]
        assert set(stack.processes) == {"postgres"}
        assert stack.url == stack.service_url
        with stack.service("echo", [sys.executable, "-c", SERVICE], {}):
            assert stack.service_dsn in get(f"{stack.url}/healthz")
    assert own_state.exists()


@needs_haproxy
@needs_pgbouncer
def test_with_pgbouncer_a_service_connects_through_it(own_state: Path, mentioning: Mentioning) -> None:
    logs = own_state / "kept" / "logs"
    with running_tiers(TierOptions(load_contract(), RECIPES, pgbouncer="session"), lambda: logs) as stack:
        assert set(stack.processes) == set(stack.versions) == {"postgres", "pgbouncer", "haproxy"}
        assert stack.service_dsn != stack.postgres.api_dsn
        with psycopg.connect(stack.service_dsn) as connection:
            assert connection.execute("SELECT recipes FROM seed").fetchone() == (RECIPES,)
        assert len(mentioning(own_state)) >= 3
    assert mentioning(own_state) == []
    assert {path.name for path in logs.iterdir()} >= {"postgres.log", "pgbouncer.log", "haproxy.log"}


@needs_upstream
def test_a_service_is_told_of_the_upstream(own_state: Path, mentioning: Mentioning) -> None:
    with running_tiers(TierOptions(load_contract(), RECIPES, haproxy=False, upstream=True)) as stack:
        assert stack.upstream is not None
        assert set(stack.processes) == {"postgres", "upstream"}
        with stack.service("echo", [sys.executable, "-c", SERVICE], {}):
            told = json.loads(get(f"{stack.url}/healthz"))
        assert (told["UPSTREAM_URL"], told["UPSTREAM_CA"]) == (stack.upstream.url, str(stack.upstream.ca_file))
        # Every server may read the one, and only the upstream the other.
        assert stat.S_IMODE(stack.upstream.ca_file.stat().st_mode) == 0o644
        assert stat.S_IMODE(stack.upstream.ca_file.with_name("key.pem").stat().st_mode) == 0o600
        stack.upstream.process.stop()
        assert stack.lost() is stack.upstream.process
    assert mentioning(own_state) == []


@needs_link
def test_services_reach_postgres_through_the_link(own_state: Path, mentioning: Mentioning) -> None:
    with running_tiers(TierOptions(load_contract(), RECIPES, haproxy=False, link=True)) as stack:
        assert stack.link is not None
        assert set(stack.processes) == {"postgres", "link"}
        assert stack.service_dsn == stack.link.dsn != stack.postgres.api_dsn
        with psycopg.connect(stack.service_dsn) as connection:
            assert connection.execute("SELECT recipes FROM seed").fetchone() == (RECIPES,)
        assert stack.link.counters().round_trips > 0
        assert len(mentioning(own_state)) >= 2
        stack.link.process.stop()
        assert stack.lost() is stack.link.process
    assert mentioning(own_state) == []


def test_without_a_link_nothing_that_asks_for_one_is_measured(own_state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "PROGRAM", own_state / "not-built")
    with (
        pytest.raises(ShowdownError, match="the link between service and Postgres is not built: type 'cargo build"),
        running_tiers(TierOptions(load_contract(), RECIPES, haproxy=False, link=True)),
    ):
        pass


def test_an_upstream_that_is_not_built_is_named_and_done_without(
    own_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upstream, "PROGRAM", own_state / "not-built")
    with running_tiers(TierOptions(load_contract(), RECIPES, haproxy=False, upstream=True)) as stack:
        assert stack.missing == [
            *NOT_ISOLATED,
            f"{upstream.NOT_BUILT}; without it services have nothing to call",
        ]
        with stack.service("echo", [sys.executable, "-c", SERVICE], {}):
            assert "UPSTREAM" not in get(f"{stack.url}/healthz")


def test_the_users_own_postgres_is_used_and_not_stopped(empty_state: Path, empty_database: str) -> None:
    told: list[int] = []
    with running_tiers(
        TierOptions(load_contract(), 3, dsn=empty_database, haproxy=False), on_seeded=told.append
    ) as stack:
        assert stack.processes == {}
        assert stack.service_dsn == f"{empty_database}?sslmode=disable"
        assert told == [3]
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("SELECT recipes FROM seed").fetchone() == (3,)
    assert not list(empty_state.glob("postgres-*"))


def test_a_port_can_be_chosen_but_not_one_in_use(own_state: Path, taken_port: int, mentioning: Mentioning) -> None:
    with (
        pytest.raises(ShowdownError, match=f"port {taken_port} on 127.0.0.1 cannot be used"),
        running_tiers(TierOptions(load_contract(), RECIPES, port=taken_port)),
    ):
        pass
    assert mentioning(own_state) == []


@needs_haproxy
def test_after_an_error_nothing_runs(own_state: Path, mentioning: Mentioning) -> None:
    def fail_midway(url: str) -> None:
        assert get(f"{url}/healthz")
        raise ZeroDivisionError

    with (
        pytest.raises(ZeroDivisionError),
        running_tiers(TierOptions(load_contract(), RECIPES)) as stack,
        stack.service("echo", [sys.executable, "-c", SERVICE], {}) as service,
    ):
        fail_midway(stack.url)
    assert mentioning(own_state) == []
    assert not service.running


@needs_haproxy
def test_a_tier_that_ended_is_found(own_state: Path) -> None:
    with running_tiers(TierOptions(load_contract(), RECIPES)) as stack:
        assert stack.haproxy is not None
        assert stack.lost() is None
        stack.haproxy.process.stop()
        assert stack.lost() is stack.haproxy.process
    assert own_state.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root writes where others could not")
@pytest.mark.parametrize("written", ["run", "run/logs"])
def test_root_writes_into_no_folder_that_anybody_may_write_to(own_state: Path, tmp_path: Path, written: str) -> None:
    logs = tmp_path / "run" / "logs"
    logs.mkdir(parents=True)
    (tmp_path / written).chmod(0o1777)
    with (
        pytest.raises(ShowdownError, match=f"anybody may write to {tmp_path / written}, contenders too: .* --out"),
        running_tiers(TierOptions(load_contract(), RECIPES, haproxy=False), lambda: logs),
    ):
        pass
    assert own_state.exists()


def test_logs_without_a_folder_are_those_of_the_last_stack(own_state: Path) -> None:
    (own_state / "logs").mkdir(exist_ok=True)
    (own_state / "logs" / "stale.log").touch()
    with running_tiers(TierOptions(load_contract(), RECIPES, haproxy=False)) as stack:
        assert {path.name for path in stack.logs.iterdir()} == {"postgres.log"}


def test_what_is_refused_before_anything_starts_leaves_no_logs(own_state: Path, taken_port: int) -> None:
    def new_logs() -> Path:
        raise AssertionError("nothing has started")

    refused = [
        TierOptions(load_contract(), RECIPES, port=taken_port),
        TierOptions(load_contract(), RECIPES, dsn="postgresql://me@127.0.0.1:1/nothing"),
    ]
    for options in refused:
        with pytest.raises(ShowdownError), running_tiers(options, new_logs):
            pass
    with (
        running_tiers(TierOptions(load_contract(), RECIPES, haproxy=False)),
        pytest.raises(ShowdownError, match="another showdown"),
        running_tiers(TierOptions(load_contract(), RECIPES), new_logs),
    ):
        pass
    assert own_state.exists()

"""What METRICS and TRACES show of each service, and that they change no answer."""

import http.client
import re
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import psycopg
import pytest
from otlp_collector import Collector, Span, running_collector
from prometheus_client.parser import text_string_to_metric_families
from showdown.contenders.build import build
from showdown.contenders.variants import Variant
from showdown.contenders.verify import differences
from showdown.contract.contract import load_contract
from showdown.stacks.local import started_service
from showdown_contract.files import CHECKOUT, golden_body
from showdown_contract.golden import load_cases
from showdown_stack.process import Process
from showdown_stack.tiers import Tiers
from showdown_stack.upstream import Upstream

# Prints nothing, and says why to stderr, where Rust is too old for sqlx.
SQLX = subprocess.run(["rust_service/features.sh"], cwd=CHECKOUT, capture_output=True, text=True, check=True)
# One for each way to send spans and metrics, and to switch that off. The others differ only in what makes spans.
SENDING = ["starlette", "django", "axum"]
TRACED = [
    *SENDING,
    *("starlette-psycopg", "django-orm"),
    pytest.param("axum-sqlx", marks=pytest.mark.skipif(not SQLX.stdout, reason=SQLX.stderr.strip())),
]
# FastAPI refuses TRACES.
MEASURED = [*TRACED, "fastapi"]
EVENT_LOOPS = {"starlette", "starlette-psycopg", "fastapi"}
HEADERS = {"cookie": "sessionid=golden-ada"}
RECIPE = "/api/v1/recipes/1"
NUTRITION = "/api/v1/recipes/1/nutrition"
# Without those of event loops.
METRICS = {
    "http_requests",
    "http_requests_in_flight",
    "database_pool_size",
    "database_pool_in_use",
    "outbound_handshakes",
    "outbound_connections_open",
    "process_open_fds",
}
EVENT_LOOP = {"event_loop_lag_seconds", "event_loop_tasks"}
# What a collector gets of /metrics: the metric, its unit, whether it is an amount that only grows or a level, and the
# attributes of its values. Another service calls each the same.
SENT = {
    "http_requests_total": ("http_requests", "{request}", "amount", {"http.response.status_code"}),
    "http_requests_in_flight": ("http.server.active_requests", "{request}", "level", {"url.scheme"}),
    "database_pool_size": ("db.client.connection.max", "{connection}", "level", {"db.client.connection.pool.name"}),
    "database_pool_in_use": (
        *("db.client.connection.count", "{connection}", "level"),
        {"db.client.connection.pool.name", "db.client.connection.state"},
    ),
    "outbound_handshakes_total": ("outbound_handshakes", "{handshake}", "amount", {"server.address", "server.port"}),
    "outbound_connections_open": (
        *("outbound_connections_open", "{connection}", "level"),
        {"server.address", "server.port"},
    ),
    "process_open_fds": ("process.unix.file_descriptor.count", "{file_descriptor}", "level", set[str]()),
}
SENT_OF_EVENT_LOOPS = {
    "event_loop_lag_seconds": ("event_loop_lag", "s", "histogram", set[str]()),
    "event_loop_tasks": ("event_loop_tasks", "{task}", "level", set[str]()),
}
TRACE = "0af7651916cd43dd8448eb211c80319c"
CLIENT = "b7ad6b7169203331"
SERVER_KIND, CLIENT_KIND = 2, 3


def quickly_built(variant: Variant) -> Variant:
    """The variant as `cargo test` has built it, where it is sqlx: in other ways that would take minutes."""
    if "--features" not in (variant.build or []):
        return variant
    # With a single program as its target, cargo would compile tokio without what only tests need, and then all else.
    build = [
        "cargo",
        "build",
        "--tests",
        "--locked",
        "--features",
        "sqlx",
        "--manifest-path",
        "rust_service/Cargo.toml",
    ]
    command = [argument.replace("/release/", "/debug/") for argument in variant.command]
    return variant.model_copy(update={"build": build, "command": command})


VARIANTS = {name: quickly_built(variant) for name, variant in load_contract().contenders().all.items()}


@dataclass(frozen=True)
class Observed:
    """A service that is measured and traced, behind haproxy."""

    name: str
    process: Process
    stack: Tiers
    upstream: Upstream
    collector: Collector

    def metrics(self) -> dict[tuple[str, tuple[str, ...]], float]:
        """Each sample's value, by its name and its labels' values."""
        status, body = ask(self.stack.service_url, "/metrics")
        assert status == HTTPStatus.OK
        families = list(text_string_to_metric_families(body.decode()))
        expected = METRICS | (EVENT_LOOP if self.name in EVENT_LOOPS else set())
        assert {family.name for family in families} >= expected
        return {
            (sample.name, tuple(sample.labels.values())): sample.value
            for family in families
            for sample in family.samples
        }


def ask(url: str, path: str, headers: dict[str, str] = HEADERS, method: str = "GET") -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)) as connection:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with running_collector() as running:
        yield running


@pytest.fixture(scope="module", params=MEASURED)
def observed(
    request: pytest.FixtureRequest, stack: Tiers, real_upstream: Upstream, collector: Collector
) -> Iterator[Observed]:
    with observing(request.param, stack, real_upstream, collector) as running:
        yield running


@contextmanager
def observing(name: str, stack: Tiers, upstream: Upstream, collector: Collector) -> Iterator[Observed]:
    environment = {
        **upstream.environment,
        "METRICS": "otlp",
        "TRACES": str(name != "fastapi").lower(),
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        "OTEL_METRIC_EXPORT_INTERVAL": "100",
    }
    with served(name, stack, environment) as process:
        yield Observed(name, process, stack, upstream, collector)


@contextmanager
def served(name: str, stack: Tiers, environment: dict[str, str]) -> Iterator[Process]:
    variant = VARIANTS[name]
    build({name: variant})
    # Connecting takes a while on a busy machine.
    environment = {**variant.environment, "POOL_TIMEOUT_SECONDS": "15", **environment}
    with started_service(stack, name, variant.model_copy(update={"environment": environment})) as process:
        yield process
    # It was not killed.
    assert process.exit_code == 0


# First, before a service that is observed has their place.


@pytest.mark.parametrize("is_away", [False, True])
@pytest.mark.parametrize("name", SENDING)
def test_a_collector_that_never_answers_delays_nothing(name: str, is_away: bool, stack: Tiers) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        if is_away:
            silent.close()
        environment = {
            "TRACES": "true",
            "METRICS": "otlp",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
            "OTEL_METRIC_EXPORT_INTERVAL": "100",
        }
        with served(name, stack, environment):
            for _ in range(5):
                assert ask(stack.service_url, RECIPE)[0] == HTTPStatus.OK
                time.sleep(0.1)


@pytest.mark.parametrize("name", [*SENDING, "fastapi"])
def test_nobody_is_observed_unasked(name: str, stack: Tiers, real_upstream: Upstream, collector: Collector) -> None:
    collector.spans.clear()
    collector.metrics.clear()
    with served(name, stack, {**real_upstream.environment, "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}):
        assert ask(stack.service_url, "/metrics") == (HTTPStatus.NOT_FOUND, golden_body("not_found"))
        headers = {**HEADERS, "traceparent": f"00-{'7' * 32}-{CLIENT}-01"}
        assert ask(stack.service_url, NUTRITION, headers)[0] == HTTPStatus.OK
    assert not collector.spans
    assert not collector.metrics
    assert not any("7" * 32 in said for said in real_upstream.traceparents())


@pytest.mark.parametrize("name", SENDING)
def test_metrics_are_sent_only_where_that_is_asked_for(name: str, stack: Tiers, collector: Collector) -> None:
    collector.metrics.clear()
    environment = {
        "METRICS": "true",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_METRIC_EXPORT_INTERVAL": "100",
    }
    with served(name, stack, environment):
        assert ask(stack.service_url, "/metrics")[0] == HTTPStatus.OK
    assert not collector.metrics


traced = pytest.mark.parametrize("observed", TRACED, indirect=True, scope="module")


@traced
def test_a_trace_crosses_all_tiers(observed: Observed, eventually: Callable[[Callable[[], object]], None]) -> None:
    collector = observed.collector
    collector.spans.clear()
    headers = {**HEADERS, "traceparent": f"00-{TRACE}-{CLIENT}-01"}
    status, _ = ask(observed.stack.url, NUTRITION, headers)
    assert status == HTTPStatus.OK
    # The request, its statements and its calls. The request ends last.
    eventually(lambda: [span for span in collector.of(TRACE) if span.kind == SERVER_KIND])
    spans = collector.of(TRACE)
    assert {span.service for span in spans} == {observed.name.split("-")[0]}

    (request,) = (span for span in spans if span.kind == SERVER_KIND)
    assert request.parent == CLIENT
    assert re.fullmatch(r"GET /api/v1/recipes/[{<].*[}>]/nutrition", request.name)
    assert request.attributes["http.response.status_code"] == HTTPStatus.OK
    inner = [span for span in spans if span.parent == request.id]
    assert len(inner) == len(spans) - 1
    assert {span.kind for span in inner} == {CLIENT_KIND}

    statements = [span for span in inner if "db.query.text" in span.attributes]
    # An ORM asks for the user first.
    assert len(statements) == (2 if observed.name == "django-orm" else 1)
    for statement in statements:
        assert statement.name.startswith("SELECT")
        assert statement.attributes["db.system.name"] == "postgresql"
    assert any(re.search(r"\bsessions\b", str(statement.attributes["db.query.text"])) for statement in statements)
    calls = {urlsplit(str(span.attributes["url.full"])).path: span for span in inner if "url.full" in span.attributes}
    assert calls.keys() == {"/analysis/1", "/facts/1", "/price/1"}
    arrived = [said for said in observed.upstream.traceparents() if TRACE in said]
    assert {f"00-{TRACE}-{span.id}-01" for span in calls.values()} <= set(arrived)


@traced
def test_each_request_is_a_trace_of_its_own(
    observed: Observed, eventually: Callable[[Callable[[], object]], None]
) -> None:
    """Also after HEAD, whose body is not read, and after a request that fails."""
    collector = observed.collector
    collector.spans.clear()
    asked = [("HEAD", RECIPE, 200), ("GET", "/api/v1/recipes/0", 400), ("GET", RECIPE, 200), ("GET", "/nowhere", 404)]
    for method, path, status in asked:
        assert ask(observed.stack.service_url, path, method=method)[0] == status

    def roots() -> list[Span]:
        return [span for span in collector.spans if not span.parent]

    eventually(lambda: len(roots()) >= len(asked))
    assert {span.kind for span in roots()} == {SERVER_KIND}
    assert len({span.trace for span in roots()}) == len(asked)


def test_metrics_tell_what_the_service_does(
    observed: Observed, eventually: Callable[[Callable[[], object]], None]
) -> None:
    database = psycopg.conninfo.conninfo_to_dict(observed.stack.service_dsn)
    # A metric with labels begins with its first value.
    assert ask(observed.stack.url, NUTRITION)[0] == HTTPStatus.OK
    before = observed.metrics()
    calls = observed.upstream.counters()
    for _ in range(5):
        assert ask(observed.stack.url, NUTRITION)[0] == HTTPStatus.OK
        assert ask(observed.stack.url, "/api/v1/recipes/0")[0] == HTTPStatus.BAD_REQUEST
    # sqlx pings a connection that is given back.
    eventually(lambda: observed.metrics()["database_pool_in_use", ()] == 0)
    now = observed.metrics()
    variant = VARIANTS[observed.name]
    handshakes = ("outbound_handshakes_total", (urlsplit(observed.upstream.url).netloc,))
    made = observed.upstream.counters().handshakes - calls.handshakes
    assert now[handshakes] - before.get(handshakes, 0) == made
    for status in ["200", "400"]:
        answered = ("http_requests_total", (status,))
        assert now[answered] - before.get(answered, 0) >= 5
    assert now["database_pool_size", ()] == variant.pool
    # The one that asks is under way, too, and so may be one that has its answer, for a moment.
    eventually(lambda: observed.metrics()["http_requests_in_flight", ()] == 1)
    open_ = {labels[0]: value for (name, labels), value in now.items() if name == "outbound_connections_open"}
    assert 1 <= open_[f"{database['host']}:{database['port']}"] <= variant.pool
    assert 1 <= open_[urlsplit(observed.upstream.url).netloc] <= now[handshakes]
    assert now["process_open_fds", ()] > sum(open_.values())
    if observed.name in EVENT_LOOPS:
        assert now["event_loop_lag_seconds_count", ()] > 0
        assert now["event_loop_lag_seconds_bucket", ("+Inf",)] == now["event_loop_lag_seconds_count", ()]
        assert now["event_loop_tasks", ()] >= variant.workers


def test_a_collector_gets_the_same_metrics(
    observed: Observed, eventually: Callable[[Callable[[], object]], None]
) -> None:
    database = psycopg.conninfo.conninfo_to_dict(observed.stack.service_dsn)
    variant = VARIANTS[observed.name]
    for path in [NUTRITION, "/api/v1/recipes/0"]:
        ask(observed.stack.url, path)
    # sqlx pings a connection that is given back.
    eventually(lambda: observed.metrics()["database_pool_in_use", ()] == 0)
    before = observed.metrics()
    received = observed.collector.metrics
    received.clear()
    # Each worker is an instance that counts for itself. Axum's are threads of one process.
    instances = 1 if observed.name.startswith("axum") else variant.workers
    # What comes first may have been read before this.
    eventually(lambda: [len(times) > 1 for times in list(received.values())] == [True] * instances)
    sent = [point for times in received.values() for point in times[-1]]
    now = observed.metrics()

    assert {service for service, _ in received} == {observed.name.split("-")[0]}
    names = SENT | (SENT_OF_EVENT_LOOPS if observed.name in EVENT_LOOPS else {})
    said = {(point.name, point.unit, point.kind, frozenset(point.attributes)) for point in sent}
    assert said == {(*named, frozenset(attributes)) for *named, attributes in names.values()}

    total = Counter[tuple[str, tuple[str, ...]]]()
    for point in sent:
        total[point.name, tuple(str(value) for value in point.attributes.values())] += int(point.value)
    for status in ["200", "400"]:
        scraped = ("http_requests_total", (status,))
        assert before[scraped] <= total["http_requests", (status,)] <= now[scraped]
    assert total["http.server.active_requests", ("http",)] == 0
    pool = f"{database['host']}:{database['port']}/{database['dbname']}"
    assert total["db.client.connection.max", (pool,)] == now["database_pool_size", ()] == variant.pool
    assert total["db.client.connection.count", (pool, "used")] == now["database_pool_in_use", ()] == 0
    for host in [f"{database['host']}:{database['port']}", urlsplit(observed.upstream.url).netloc]:
        server = tuple(host.split(":"))
        assert total["outbound_connections_open", server] == now["outbound_connections_open", (host,)]
        assert total["outbound_handshakes", server] == now.get(("outbound_handshakes_total", (host,)), 0)
    connections = sum(number for (name, _), number in total.items() if name == "outbound_connections_open")
    assert total["process.unix.file_descriptor.count", ()] > connections
    if observed.name in EVENT_LOOPS:
        lag = ("event_loop_lag_seconds_count", ())
        assert before[lag] <= total["event_loop_lag", ()] <= now[lag]


def test_metrics_are_not_for_the_outside(observed: Observed) -> None:
    assert ask(observed.stack.url, "/metrics") == (HTTPStatus.NOT_FOUND, golden_body("not_found"))
    assert ask(observed.stack.service_url, "/metrics", method="POST")[0] == HTTPStatus.METHOD_NOT_ALLOWED


def test_who_is_observed_answers_as_before(observed: Observed) -> None:
    assert differences(observed.stack.service_url, load_cases()) == []

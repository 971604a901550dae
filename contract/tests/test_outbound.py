"""What services answer, and leave behind, when the upstream is away, late or wrong: each HTTP client."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TypeAlias

import fake_upstream as fake
import pytest
from benches import Bench, Service, build_all, running_bench
from fake_upstream import FakeUpstream, Fault
from showdown.contenders.verify import differences
from showdown.contract.contract import load_contract
from showdown_contract.files import golden_body
from showdown_contract.golden import load_cases
from showdown_stack.tiers import Tiers

VARIANTS = load_contract().contenders().all
DEFAULT = ["starlette", "django", "axum"]
KNOBS = {"CLIENT", "HTTP_CLIENT", "HTTP2"}
# A variant that is observed calls as the same one without.
OBSERVED = {"PYTHONTRACEMALLOC", "METRICS"}
CALLING = [
    *DEFAULT,
    *(
        name
        for name, one in VARIANTS.items()
        if one.environment.keys() & KNOBS and not one.environment.keys() & OBSERVED
    ),
]


def strategy(name: str) -> str:
    return VARIANTS[name].environment.get("CLIENT", "shared")


def library(name: str) -> str:
    return VARIANTS[name].environment.get("HTTP_CLIENT", "")


# Each client with the two strategies that differ when a call fails: its connections are kept, or it is closed. Of the
# earlier versions of httpx2 one of them. The fake upstream speaks HTTP/1.1.
OUTBOUND = [
    name
    for name in CALLING
    if strategy(name) in {"shared", "per-call"}
    if "HTTP2" not in VARIANTS[name].environment
    if not (library(name) == "httpx2" and VARIANTS[name].build and strategy(name) == "per-call")
]

PATH = "/api/v1/recipes/1/nutrition"
RIGHT = (
    '{"id":1,"name":"Baked Pasta with Sausage and Ricotta","summary":"½ salt 🧂","confidence":0.50,"energy_kcal":250,'
    '"protein_g":7.5,"fat_g":3.0,"carbohydrate_g":1e1,"price_cents":199,"currency":"EUR"}'
).encode()
WRONG, LATE = golden_body("bad_gateway.upstream"), golden_body("gateway_timeout.upstream")
STATUS = {RIGHT: 200, WRONG: 502, LATE: 504}

# Long enough for right answers of a client for each call on a busy machine.
DEADLINE_MS = 1_500
# What such a machine may take beside that.
PATIENCE_SECONDS = 15.0
POLL_SECONDS = 0.02
SETTLE_SECONDS = 0.05
MOST_REQUESTS = {"analysis": 1, "facts": 2, "price": 3}
# A client that keeps connections has so many at most, after calls that were made one recipe at a time.
MOST_KEPT = 6
# How often a client may be asked to show that it ends a call before its deadline, which a busy machine may pass.
TRIES = 4


@dataclass(frozen=True)
class Case:
    """What the upstream does to a resource, what the service then answers, and how often it may have asked."""

    resource: str
    fault: Fault
    body: bytes
    requests: int = 1

    def __str__(self) -> str:
        return f"{self.resource} {self.fault.__name__}"


CASES = [
    Case("price", fake.right, RIGHT),
    Case("price", fake.busy, WRONG, 3),
    Case("price", fake.busy_once, RIGHT, 2),
    Case("facts", fake.busy, WRONG),
    Case("analysis", fake.busy, WRONG),
    Case("price", fake.closes, WRONG, 3),
    Case("price", fake.closes_once, RIGHT, 2),
    Case("price", fake.resets, WRONG, 3),
    Case("facts", fake.closes, WRONG, 2),
    Case("facts", fake.closes_once, RIGHT, 2),
    Case("analysis", fake.closes, WRONG),
    Case("analysis", fake.closes_once, WRONG),
    Case("price", fake.broken, WRONG),
    Case("price", fake.elsewhere, WRONG),
    Case("analysis", fake.no_http, WRONG),
    Case("facts", fake.no_json, WRONG),
    Case("price", fake.wrong_shape, WRONG),
    Case("facts", fake.text_for_numbers, WRONG),
    Case("analysis", fake.other_id, WRONG),
    Case("analysis", fake.too_large, WRONG),
    Case("price", fake.cut_off, WRONG),
    Case("facts", fake.endless, WRONG),
    Case("analysis", fake.hangs, LATE),
    Case("facts", fake.drips, LATE),
    Case("price", fake.drips_head, LATE),
]


def a_bad_upstream_is_answered_for_in_time_and_leaves_nothing(name: str, bench: Bench) -> None:
    with bench.upstream() as upstream, bench.service(name, VARIANTS[name], **calling(upstream)) as service:
        assert ask(service) == (200, RIGHT)
        before = service.descriptors() - service.connections(upstream.port)
        check_connections(service, upstream, notices_reset=library(name) != "niquests")
        for case in CASES:
            upstream.behave()
            upstream.faults = {case.resource: case.fault}
            assert ask(service) == (STATUS[case.body], case.body), str(case)
            asked = upstream.requests
            # A call may also be made again because a kept connection has just ended.
            assert case.requests <= asked[case.resource] <= MOST_REQUESTS[case.resource], str(case)
            assert asked["analysis"] <= MOST_REQUESTS["analysis"], str(case)
            if case.body is LATE:
                eventually(lambda: upstream.left, f"the call ends: {case}")
            # The end of a kept connection has to be noticed.
            time.sleep(SETTLE_SECONDS)
        check_cancelling(service, upstream, cancels=library(name) != "pyreqwest")
        upstream.behave()
        assert ask(service) == (200, RIGHT)
        eventually(lambda: upstream.open <= MOST_KEPT, "no connection is left at the upstream")
        eventually(lambda: service.connections(upstream.port) <= MOST_KEPT, "no connection is left")
        eventually(
            lambda: service.descriptors() - service.connections(upstream.port) <= before, "no descriptor is left"
        )


def check_connections(service: Service, upstream: FakeUpstream, *, notices_reset: bool) -> None:
    """Without a connection that can be trusted there is no answer.

    niquests 3.21.2 may wait for a connection that is reset while it is made, until its own time limit, the deadline.
    """
    # This also ends the connections that were kept.
    upstream.go_away()
    assert ask(service) == (502, WRONG), "refused"
    upstream.come_back()
    upstream.behave()
    for context, fault in [(upstream.of_another_ca, "of another CA"), (upstream.expired, "expired")]:
        upstream.tls = context
        assert ask(service) == (502, WRONG), fault
    upstream.behave()
    for before_tls, bodies, fault in [
        (fake.no_tls, [WRONG], "no TLS"),
        (fake.reset, [WRONG] if notices_reset else [WRONG, LATE], "reset"),
        (upstream.wait_for_the_client, [LATE], "silent"),
    ]:
        upstream.before_tls = before_tls
        assert ask(service) in [(STATUS[body], body) for body in bodies], fault
    assert not upstream.requests
    upstream.behave()
    assert ask(service) == (200, RIGHT)


def check_cancelling(service: Service, upstream: FakeUpstream, *, cancels: bool) -> None:
    """Calls end when the client goes.

    Not with pyreqwest 0.15.1: it goes on with a call that was cancelled, until its own time limit, the deadline.
    """
    for _ in range(TRIES):
        upstream.behave()
        upstream.faults = {"analysis": fake.hangs}
        start = time.monotonic()
        with service.begin(PATH):
            eventually(lambda: upstream.requests["analysis"] and upstream.requests["facts"], "it calls")
        eventually(lambda: upstream.left, "the call of a client who has gone ends")
        ended_early = time.monotonic() - start < DEADLINE_MS / 1000
        if ended_early or not cancels:
            break
    assert ended_early == cancels


def golden_cases_with_the_real_upstream(name: str, bench: Bench) -> None:
    before = bench.real.counters()
    with bench.service(name, VARIANTS[name], **bench.real.environment):
        assert differences(bench.place.service_url, [case for case in load_cases() if case.upstream]) == []
        now = bench.real.counters()
        calls, handshakes = now.requests - before.requests, now.handshakes - before.handshakes
        assert calls >= 15
        if strategy(name) == "shared":
            # Three calls side by side have three connections at first.
            assert handshakes <= 3
        else:
            assert handshakes == calls

        def is_open(connections: int) -> bool:
            return bench.real.counters().connections_open == connections

        match strategy(name):
            case "shared":
                assert now.connections_open <= 3
            case "leaky":
                assert is_open(calls)
            case _:
                eventually(lambda: is_open(0), "all connections are closed")
    eventually(lambda: is_open(0), "all connections are closed at the end")


def without_an_upstream_all_else_works(name: str, bench: Bench) -> None:
    with bench.service(name, VARIANTS[name]) as service:
        assert ask(service) == (502, WRONG)
        assert ask(service, "/api/v1/recipes/1") == (200, golden_body("recipe-usual"))


def ask(service: Service, path: str = PATH) -> tuple[int, bytes]:
    """Ask, and see that the answer comes in time."""
    start = time.monotonic()
    answer = service.ask(path)
    assert time.monotonic() - start < DEADLINE_MS / 1000 + PATIENCE_SECONDS
    return answer


def calling(upstream: FakeUpstream) -> dict[str, str]:
    return {
        "UPSTREAM_URL": upstream.url,
        "UPSTREAM_CA": str(upstream.ca_file),
        "UPSTREAM_DEADLINE_MS": str(DEADLINE_MS),
    }


def eventually(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, f"not within {PATIENCE_SECONDS} s: {what}"
        time.sleep(POLL_SECONDS)


Check: TypeAlias = Callable[[str, Bench], None]
CHECKS: list[tuple[Check, list[str]]] = [
    (a_bad_upstream_is_answered_for_in_time_and_leaves_nothing, OUTBOUND),
    (golden_cases_with_the_real_upstream, CALLING),
    (without_an_upstream_all_else_works, DEFAULT),
]
CHOICES = {f"{check.__name__}-{name}": (check, name) for check, names in CHECKS for name in names}
Outcome: TypeAlias = Callable[[Check, str], None]


@pytest.mark.parametrize(("check", "name"), CHOICES.values(), ids=CHOICES)
def test_variant(check: Check, name: str, outcome: Outcome) -> None:
    outcome(check, name)


@pytest.fixture(scope="module")
def outcome(request: pytest.FixtureRequest, stack: Tiers, session_folder: Path) -> Iterator[Outcome]:
    """Raises what a check has raised. The checks of all tests that were chosen run in the background."""
    tests = {item.name for item in request.session.items}
    chosen = [choice for label, choice in CHOICES.items() if f"{test_variant.__name__}[{label}]" in tests]
    unbuilt = build_all({name: VARIANTS[name] for _, name in chosen})
    with ExitStack() as resources:
        benches = SimpleQueue[Bench]()
        for place in stack.places:
            benches.put(resources.enter_context(running_bench(stack, place, session_folder)))

        def run(check: Check, name: str) -> None:
            bench = benches.get()
            try:
                check(name, bench)
            finally:
                benches.put(bench)

        threads = resources.enter_context(ThreadPoolExecutor(len(stack.places)))
        resources.callback(threads.shutdown, cancel_futures=True)
        running = {each: threads.submit(run, *each) for each in chosen if each[1] not in unbuilt}

        def result(check: Check, name: str) -> None:
            if name in unbuilt:
                pytest.skip(f"its Python environment cannot be made: {unbuilt[name]}")
            running[check, name].result()

        yield result

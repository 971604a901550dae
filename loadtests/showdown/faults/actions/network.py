"""Faults between service and Postgres, and of the upstream: what is slow, and what is cut."""

import ssl
import time
from http.client import HTTPSConnection
from urllib.parse import urlsplit

from showdown_stack.ports import LOOPBACK
from showdown_stack.upstream import Upstream

from showdown.faults.action_log import NoEffectError, confirm
from showdown.faults.bench import Bench
from showdown.requests.scenarios import Scenario
from showdown.requests.upstream import Behaviour

ASK_SECONDS = 60.0


def cut_connections(bench: Bench) -> None:
    """Each connection to Postgres gets half of its next answer, and a reset."""
    link = bench.link
    before = link.counters()
    at = time.time()
    link.cut()
    confirm("a connection was cut", lambda: link.counters().connections_cut > before.connections_cut)
    cut = link.counters().connections_cut - before.connections_cut
    what = f"{cut} of {before.connections_open} open connections are cut so far"
    bench.log.did("the link cuts each connection in mid-answer", link.process.pid, what, at)


def slow_down_link(bench: Bench) -> None:
    """Each round trip to Postgres takes longer for a while."""
    link = bench.link
    before, at = link.counters(), time.time()
    link.set(bench.latency_ms)
    try:
        bench.stay(at)
    finally:
        link.set(0)
    after = link.counters()
    trips = after.round_trips - before.round_trips
    took_ms = (after.waited_us - before.waited_us) / 1_000 / max(1, trips)
    if trips == 0 or took_ms < bench.latency_ms / 2:
        raise NoEffectError(f"{trips} round trips through the link took {took_ms:.1f} ms each, as if it had no latency")
    what = f"{trips} round trips took {took_ms:.1f} ms each"
    bench.log.did(f"the link delays by {bench.latency_ms:g} ms", link.process.pid, what, at)


def slow_down_upstream(bench: Bench) -> None:
    """Each answer of the upstream takes longer for a while."""
    upstream = bench.upstream
    slow = Behaviour(latency_ms=bench.latency_ms)
    at = time.time()
    upstream.set({resource: slow.model_dump() for resource in ("analysis", "facts", "price")})
    try:
        took = _time_of_an_answer(bench)
        if took < bench.latency_ms / 1_000:
            raise NoEffectError(f"the upstream answers after {took:.2f} s, though it should take longer")
        what = f"GET /facts/1 takes {took:.2f} s"
        bench.log.did(f"the upstream answers after {bench.latency_ms:g} ms", upstream.process.pid, what, at)
        bench.stay(at)
    finally:
        behave(upstream, bench.scenario)
    what = f"GET /facts/1 takes {_time_of_an_answer(bench):.2f} s"
    bench.log.did("the upstream is as before", upstream.process.pid, what, time.time())


def behave(upstream: Upstream, scenario: Scenario) -> None:
    """As a scenario says. Raises ShowdownError."""
    upstream.set({resource: each.model_dump() for resource, each in scenario.upstream.items()})


def _time_of_an_answer(bench: Bench) -> float:
    trusting = ssl.create_default_context(cafile=str(bench.upstream.ca_file))
    port = urlsplit(bench.upstream.url).port
    connection = HTTPSConnection(LOOPBACK, port, timeout=ASK_SECONDS, context=trusting)
    began = time.monotonic()
    try:
        connection.request("GET", "/facts/1")
        connection.getresponse().read()
    finally:
        connection.close()
    return time.monotonic() - began

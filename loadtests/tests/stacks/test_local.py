"""The stack of one machine, as a run sees it."""

import json
import ssl
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from showdown.contract.contract import load_contract
from showdown.requests.upstream import Behaviour, Behaviours
from showdown.stacks import machine
from showdown.stacks.local import LocalStack
from showdown.stacks.pressure import MIB, pressure
from showdown.stacks.stack import Window
from showdown_contract.seed import undo_writes
from showdown_stack import link, upstream
from showdown_stack.answers import ask
from showdown_stack.process import Process
from showdown_stack.tiers import TierOptions, Tiers
from showdown_stack.upstream import Upstream, running_upstream

OPTIONS = TierOptions(load_contract(), 2_000)
# Requests.
ASKED = 200
STARLETTE, OBSERVED = (load_contract().variants.variants[name] for name in ("starlette", "starlette-metrics"))


def test_it_is_one_machine_without_hosts_of_its_own(stack: Tiers) -> None:
    described = LocalStack(stack, OPTIONS, load_contract()).describe()
    assert (described.kind, described.hosts, described.service_hosts) == ("local", [], [1])
    assert described.generator_processes == 1
    assert described.machine == machine.describe()
    assert described.commit == machine.commit()
    assert described.versions.items() >= {**machine.versions(), **stack.versions}.items()
    assert (described.haproxy, described.pgbouncer, described.external_postgres) == (
        stack.haproxy is not None, None, False,
    )  # fmt: skip


def test_services_are_a_user_of_their_own(stack: Tiers) -> None:
    assert LocalStack(stack, OPTIONS, load_contract()).api_user == "api"


def test_what_was_taken_since_it_came_up_is_told(stack: Tiers) -> None:
    now = pressure()
    before = replace(now, stolen=now.stolen and (now.stolen[0], now.stolen[1] - 100), swapped_bytes=0)
    told = LocalStack(stack, OPTIONS, load_contract(), before).disturbed().worst
    assert (told.steal_percent is None) == (now.stolen is None)
    assert told.swapped_mib == (None if now.swapped_bytes is None else pytest.approx(now.swapped_bytes / MIB, abs=100))


def test_a_service_is_verified_and_watched(stack: Tiers, tmp_path: Path) -> None:
    local = LocalStack(stack, OPTIONS, load_contract())
    with (
        local.block({"mine": STARLETTE, "again": OBSERVED}, tmp_path / "block") as block,
        Process("generator", ["sleep", "600"], tmp_path / "log", as_ourselves=True) as generator,
    ):
        block.wait_until_ready()
        assert block.faults == {}
        assert block.differences("again") == []
        # The golden cases write notes, too.
        assert undo_writes(stack.postgres.owner_dsn) > 0
        now = time.time()
        windows = [Window(now, now, now + 1, now + 1, name) for name in ("mine", "again")]
        with block.watched(windows) as watched:
            watched.between()
            watched.begin(generator)
            watched.look()
            for _ in range(ASKED):
                ask(block.url("mine"), "GET", "/healthz", None, {}, 10, 1000)
            watched.look()
            watched.between()
            watched.begin(generator)
            watched.look()
            time.sleep(0.2)
            watched.look()
            watched.between()
            assert local.lost() is None
    busy, idle = (watched.tiers(window, 10.0) for window in (0, 1))
    if stack.haproxy:
        proxies = [watched.proxy(window) for window in (0, 1)]
        assert [proxy and proxy.responses for proxy in proxies] == [ASKED, 0]
    assert {*busy} == {*idle} == {"generator", "service", "postgres"} | ({"haproxy"} if stack.haproxy else set())
    # Only one of the two was asked anything.
    assert (busy["service"].cpu_us_per_request or 0) > 10 * (idle["service"].cpu_us_per_request or 0)
    first, *_ = map(json.loads, (tmp_path / "block-samples.json").read_text().splitlines())
    assert first["tiers"].keys() <= busy.keys()
    unobserved, observed = (watched.event_loop(window) for window in (0, 1))
    assert unobserved is None
    assert observed is not None
    assert sum(late.looks for late in observed.late) > 0


def test_without_a_service_haproxy_has_no_part(stack: Tiers, tmp_path: Path) -> None:
    local = LocalStack(stack, OPTIONS, load_contract())
    with (
        local.block({}, tmp_path / "block") as block,
        Process("pgbench", ["sleep", "600"], tmp_path / "log", as_ourselves=True) as generator,
        block.watched([Window(0, 0, 1, 1, None)]) as watched,
    ):
        watched.begin(generator)
        watched.look()
        watched.look()
    assert {*watched.tiers(0, 10.0)} == {"generator", "postgres"}
    assert watched.proxy(0) is None


@pytest.mark.skipif(upstream.program() is None, reason=upstream.NOT_BUILT)
def test_what_the_upstream_counts_is_told_by_window(stack: Tiers, reachable_folder: Path, tmp_path: Path) -> None:
    slow: Behaviours = {
        "facts": Behaviour(latency_ms=1, latency_sigma=0.5),
        "price": Behaviour(failure_share=0.5, body_ms=2),
    }
    windows = [Window(0, 0, 1, 1, "mine", upstream=slow), Window(0, 0, 1, 1, "mine"), Window(0, 0, 1, 1, None)]
    with (
        running_upstream(upstream.PROGRAM, reachable_folder, tmp_path) as called,
        Process("generator", ["sleep", "600"], tmp_path / "log", as_ourselves=True) as generator,
    ):
        called.set({"price": {"failure_share": 1}})
        local = LocalStack(replace(stack, upstream=called), OPTIONS, load_contract())
        trusting = ssl.create_default_context(cafile=str(called.ca_file))
        behaviours = []
        with local.block({"mine": STARLETTE}, tmp_path / "block") as block:
            # Golden cases are asked before any window.
            assert settings(called)["price"]["failure_share"] == 0
            with block.watched(windows) as watched:
                for calls in (3, 0, 0):
                    watched.between()
                    behaviours.append(settings(called))
                    watched.begin(generator)
                    watched.look()
                    for _ in range(calls):
                        assert httpx.get(f"{called.url}/facts/1", verify=trusting).is_success
                    watched.look()
                watched.between()
    busy, idle, of_ceiling = (watched.upstream(window, 6) for window in range(3))
    assert busy
    assert (busy.service_requests, busy.requests, busy.handshakes, busy.connections_opened) == (6, 3, 3, 3)
    assert idle
    assert (idle.requests, idle.handshakes, idle.resumed, idle.cancelled) == (0, 0, 0, 0)
    assert of_ceiling is None
    assert (behaviours[0]["facts"]["latency_sigma"], behaviours[0]["price"]["body_ms"]) == (0.5, 2)
    assert behaviours[1]["facts"]["latency_ms"] == behaviours[1]["price"]["failure_share"] == 0
    assert (watched.tiers(0, 10.0)["upstream"].cpu_us_per_request or 0) > 0
    assert "upstream" not in watched.tiers(2, 10.0)


@pytest.mark.skipif(link.program() is None, reason=link.NOT_BUILT)
def test_round_trips_are_delayed_and_counted_window_by_window(
    stack: Tiers, reachable_folder: Path, tmp_path: Path
) -> None:
    now = time.time()
    windows = [
        Window(now - 1, now, now + 1, now + 2, variant="mine", latency_ms=50),
        Window(now + 2, now + 3, now + 4, now + 5, variant="mine"),
        Window(now + 5, now + 6, now + 7, now + 8, variant=None, latency_ms=2),
    ]
    program = link.program()
    assert program is not None
    took = []
    with (
        link.running_link(program, stack.postgres.api_dsn, reachable_folder, tmp_path) as slow,
        Process("generator", ["sleep", "600"], tmp_path / "log", as_ourselves=True) as generator,
    ):
        local = LocalStack(replace(stack, link=slow), OPTIONS, load_contract())
        with (
            local.block({"mine": STARLETTE}, tmp_path / "block") as block,
            psycopg.connect(slow.dsn, autocommit=True) as connection,
            block.watched(windows) as watched,
        ):
            for trips in (3, 1, 1):
                watched.between()
                watched.begin(generator)
                watched.look()
                start = time.monotonic()
                for _ in range(trips):
                    connection.execute("SELECT 1")
                took.append(time.monotonic() - start)
                watched.look()
            watched.between()
    first, second, of_ceiling = (watched.link(window, 6) for window in range(3))
    assert first
    assert (first.service_requests, first.round_trips, first.connections_opened) == (6, 3, 0)
    assert second
    assert second.round_trips == 1
    assert first.waited_ms >= 3 * 50
    assert of_ceiling is None
    assert took[0] >= 3 * 0.05
    assert all("link" in watched.tiers(window, 10.0) for window in range(3))


def settings(called: Upstream) -> Any:
    return httpx.get(f"{called.admin.url}/settings", headers=called.admin.headers).json()


def test_our_own_postgres_has_as_many_connections_as_are_asked_for(stack: Tiers) -> None:
    assert LocalStack(stack, OPTIONS, load_contract()).available_connections() is None


def test_somebody_elses_has_what_is_left_of_it(stack: Tiers) -> None:
    theirs = replace(stack, postgres=replace(stack.postgres, process=None))
    available = LocalStack(theirs, OPTIONS, load_contract()).available_connections()
    assert available is not None
    with psycopg.connect(stack.postgres.owner_dsn):
        assert LocalStack(theirs, OPTIONS, load_contract()).available_connections() == available - 1

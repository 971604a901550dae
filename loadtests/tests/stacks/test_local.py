"""The stack of one machine, as a run sees it."""

import json
import time
from dataclasses import replace
from pathlib import Path

import psycopg
from showdown.contenders.variants import load_variant_file
from showdown.contract.contract import load_contract
from showdown.stacks import machine
from showdown.stacks.local import LocalStack
from showdown_contract.seed import undo_writes
from showdown_stack.process import Process
from showdown_stack.tiers import TierOptions, Tiers

OPTIONS = TierOptions(load_contract(), 2_000)
STARLETTE = load_variant_file().variants["starlette"]


def test_it_is_one_machine_without_hosts_of_its_own(stack: Tiers) -> None:
    described = LocalStack(stack, OPTIONS).describe()
    assert (described.kind, described.hosts, described.service_hosts) == ("local", [], [1])
    assert described.generator_processes == 1
    assert described.machine == machine.describe()
    assert described.commit == machine.commit()
    assert described.versions.items() >= {**machine.versions(), **stack.versions}.items()
    assert (described.haproxy, described.pgbouncer, described.external_postgres) == (
        stack.haproxy is not None, None, False,
    )  # fmt: skip


def test_services_are_a_user_of_their_own(stack: Tiers) -> None:
    assert LocalStack(stack, OPTIONS).api_user == "api"


def test_time_that_was_stolen_since_it_came_up_is_told(stack: Tiers) -> None:
    steal = machine.steal_seconds()
    before = (0.0, 0.0) if steal is None else (steal[0], steal[1] - 100)
    assert (LocalStack(stack, OPTIONS, before).steal().most is None) == (steal is None)


def test_a_service_is_verified_and_watched(stack: Tiers, tmp_path: Path) -> None:
    local = LocalStack(stack, OPTIONS)
    with (
        local.block({"mine": STARLETTE, "again": STARLETTE}, tmp_path / "block") as block,
        Process("generator", ["sleep", "600"], tmp_path / "log", as_ourselves=True) as generator,
    ):
        block.wait_until_ready()
        assert block.faults == {}
        assert block.differences("again") == []
        # The golden cases write notes, too.
        assert undo_writes(stack.postgres.owner_dsn) > 0
        assert set(block.totals()) == ({"mine", "again"} if stack.haproxy else set())
        with block.watched() as watched:
            watched.turn("mine", 1, generator)
            watched.look()
            before = time.time()
            assert block.differences("mine") == []
            after = time.time()
            watched.look()
            watched.turn("again", 1, generator)
            watched.look()
            time.sleep(0.2)
            watched.look()
            assert local.lost() is None
        assert undo_writes(stack.postgres.owner_dsn) > 0
    busy, idle = (watched.tiers(turn, before, after, 10.0) for turn in (0, 1))
    assert {*busy} == {*idle} == {"generator", "service", "postgres"} | ({"haproxy"} if stack.haproxy else set())
    # Only one of the two was asked anything.
    assert (busy["service"].cpu_us_per_request or 0) > 10 * (idle["service"].cpu_us_per_request or 0)
    first, *_ = map(json.loads, (tmp_path / "block-samples.json").read_text().splitlines())
    assert first["tiers"].keys() <= busy.keys()


def test_without_a_service_haproxy_has_no_part(stack: Tiers, tmp_path: Path) -> None:
    local = LocalStack(stack, OPTIONS)
    with (
        local.block({}, tmp_path / "block") as block,
        Process("pgbench", ["sleep", "600"], tmp_path / "log", as_ourselves=True) as generator,
        block.watched() as watched,
    ):
        watched.turn(None, 0, generator)
        watched.look()
        watched.look()
    assert {*watched.tiers(0, 0, 1e12, 10.0)} == {"generator", "postgres"}


def test_our_own_postgres_has_as_many_connections_as_are_asked_for(stack: Tiers) -> None:
    assert LocalStack(stack, OPTIONS).available_connections() is None


def test_somebody_elses_has_what_is_left_of_it(stack: Tiers) -> None:
    theirs = replace(stack, postgres=replace(stack.postgres, process=None))
    available = LocalStack(theirs, OPTIONS).available_connections()
    assert available is not None
    with psycopg.connect(stack.postgres.owner_dsn):
        assert LocalStack(theirs, OPTIONS).available_connections() == available - 1

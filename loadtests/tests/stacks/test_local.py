"""The stack of one machine, as rounds use it."""

import json
from pathlib import Path

from showdown.contract.contract import load_contract
from showdown.generators.load import Load
from showdown.requests.scenarios import Profile
from showdown.stacks import machine
from showdown.stacks.local import LocalStack
from showdown_contract.seed import undo_writes
from showdown_stack.process import Process
from showdown_stack.tiers import TierOptions, Tiers

OPTIONS = TierOptions(load_contract(), 2_000)
STARLETTE = load_contract().variants.variants["starlette"]
PROFILE = Profile(description="", scenarios=["healthz"], rounds=1, users=1, warm_up_seconds=1, measure_seconds=1)


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


def test_time_that_was_stolen_since_it_came_up_is_told(stack: Tiers) -> None:
    steal = machine.steal_seconds()
    before = (0.0, 0.0) if steal is None else (steal[0], steal[1] - 100)
    assert (LocalStack(stack, OPTIONS, load_contract(), before).steal().most is None) == (steal is None)


def test_a_service_is_verified_and_watched(stack: Tiers, tmp_path: Path) -> None:
    local = LocalStack(stack, OPTIONS, load_contract())
    load = Load(
        local.url, "healthz", load_contract().scenarios.scenarios["healthz"], PROFILE, 2_000, 1, tmp_path / "round"
    )
    with (
        local.service("mine", STARLETTE, 1, load) as service,
        Process("generator", ["sleep", "600"], tmp_path / "log", as_ourselves=True) as generator,
    ):
        assert local.differences() == []
        # The golden cases write notes too.
        assert undo_writes(stack.postgres.owner_dsn) > 0
        with local.watched(load, generator, service, lambda: 7) as watched:
            assert local.lost() is None
    tiers = watched.tiers(0, 1e12, 10)
    assert {*tiers} == {"generator", "service", "postgres"} | ({"haproxy"} if stack.haproxy else set())
    assert watched.peak_database_connections == 7
    first, *_ = map(json.loads, (tmp_path / "round-samples.json").read_text().splitlines())
    assert first["tiers"].keys() == tiers.keys()


def test_without_a_service_haproxy_has_no_part(stack: Tiers, tmp_path: Path) -> None:
    local = LocalStack(stack, OPTIONS, load_contract())
    load = Load(
        local.url, "healthz", load_contract().scenarios.scenarios["healthz"], PROFILE, 2_000, 1, tmp_path / "round"
    )
    with (
        Process("pgbench", ["sleep", "600"], tmp_path / "log", as_ourselves=True) as generator,
        local.watched(load, generator, None, lambda: 0) as watched,
    ):
        pass
    assert {*watched.tiers(0, 1e12, 10)} == {"generator", "postgres"}

"""Rounds are interleaved, and one that fails does not end the others."""

from collections import Counter
from pathlib import Path

import pytest
from showdown.contenders.variants import Variant
from showdown.contract.contract import load_contract
from showdown.generators.locust import LocustGenerator
from showdown.measure.results import Run, read_run
from showdown.measure.runner import CEILING, Listener, Turn, _connections, _load, measure, turns
from showdown.stacks.local import LocalStack
from showdown_stack.tiers import TierOptions, Tiers

ALL = load_contract().scenarios.scenarios
TWO = {name: ALL[name] for name in ("recipe-detail", "healthz")}


def rounds(ordered: list[Turn]) -> list[list[Turn]]:
    return [[turn for turn in ordered if turn.number == number] for number in sorted({turn.number for turn in ordered})]


def test_every_contender_has_a_turn_in_every_round(run: Run) -> None:
    ordered = turns(run, TWO)
    assert [turn.number for turn in ordered] == sorted(turn.number for turn in ordered)
    assert len(rounds(ordered)) == 3
    for each in rounds(ordered):
        assert Counter((turn.scenario, turn.contender) for turn in each) == Counter(
            [
                ("recipe-detail", "slow"),
                ("recipe-detail", "fast"),
                ("recipe-detail", CEILING),
                ("healthz", "slow"),
                ("healthz", "fast"),
            ]
        )


def test_the_order_changes_from_round_to_round_and_with_the_seed(run: Run) -> None:
    run.profile.rounds = 7
    ordered = turns(run, TWO)
    assert ordered == turns(run, TWO)
    assert len({tuple((turn.scenario, turn.contender) for turn in each) for each in rounds(ordered)}) > 1
    assert ordered != turns(run.model_copy(update={"seed": 2}), TWO)


def test_a_service_has_a_turn_on_each_number_of_hosts_and_as_many_users_for_each(run: Run, tmp_path: Path) -> None:
    run.service_hosts = [1, 3]
    ordered = [turn for turn in turns(run, TWO) if turn.number == 1 and turn.contender != CEILING]
    assert Counter(turn.service_hosts for turn in ordered) == {1: 4, 3: 4}
    largest = next(turn for turn in ordered if turn.service_hosts == 3)
    load = _load(run, largest, "http://haproxy", ALL[largest.scenario], tmp_path)
    assert load.profile.users == 3 * run.profile.users
    assert load.files.name == f"1-{largest.scenario}-{largest.contender}-3-hosts"


@pytest.mark.parametrize(("service_hosts", "connections"), [([1], 20), ([1, 3], 60), ([2], 40)])
def test_the_ceiling_has_the_connections_of_the_largest_variant_on_the_most_hosts(
    run: Run, service_hosts: list[int], connections: int
) -> None:
    run.service_hosts = service_hosts
    assert _connections(run) == connections


def test_a_round_that_fails_is_a_fault_and_the_others_go_on(run: Run, stack: Tiers, tmp_path: Path) -> None:
    run = run.model_copy(update={"results": [], "ceilings": [], "finished_at": None})
    run.profile = run.profile.model_copy(update={"rounds": 1, "warm_up_seconds": 1, "measure_seconds": 1})
    broken = Variant(description="", command=["sh", "-c", "echo no; exit 3"], workers=1, pool=3)
    run.variants = {"first": broken, "second": broken}
    told: list[str] = []
    listener = Listener(
        on_turn=lambda turn: told.append(f"{turn.contender} begins"),
        on_seconds=lambda _: None,
        on_fault=lambda fault: told.append(f"{fault.variant} failed"),
    )
    whole = LocalStack(stack, TierOptions(load_contract(), run.recipes), load_contract())
    measure(run, whole, {"recipe-detail": ALL["recipe-detail"]}, LocustGenerator(), tmp_path, listener)

    assert Counter(told) == Counter(
        ["first begins", "first failed", "second begins", "second failed", f"{CEILING} begins"]
    )
    assert told.index("first failed") == told.index("first begins") + 1
    for fault in run.faults:
        assert fault.reason.startswith(f"{fault.variant} exited with code 3 at start.")
    # pgbench has as many connections as the variants.
    assert [ceiling.connections for ceiling in run.ceilings] == [3]
    assert run.ceilings[0].requests_per_second > 0
    assert run.finished_at is not None
    assert read_run(tmp_path) == run

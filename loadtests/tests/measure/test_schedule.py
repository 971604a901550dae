"""Groups fit the database, laps are shuffled, and the slices of a scenario stand side by side."""

from collections import Counter
from itertools import groupby

import pytest
from showdown.contract.contract import load_contract
from showdown.measure.results import Run
from showdown.measure.schedule import CEILING, WARM_UP, Turn, connections_needed, groups, turns
from showdown_contract.errors import ShowdownError

KINDS, ALL = load_contract().kinds, load_contract().scenarios.scenarios
TWO = {name: ALL[name] for name in ("recipe-detail", "healthz")}
CONTENDERS = ["slow", "fast", CEILING]


def planned(run: Run, block: int = 1, group: int = 1) -> list[Turn]:
    return turns(run, block, group, CONTENDERS, TWO, KINDS)


def test_every_variant_has_a_slice_of_each_scenario_in_every_lap(run: Run) -> None:
    run.profile.laps = 3
    ordered = [turn for turn in planned(run) if turn.contender != CEILING]
    assert [turn.lap for turn in ordered] == sorted(turn.lap for turn in ordered)
    for lap in (1, 2, 3):
        assert Counter((turn.scenario, turn.contender) for turn in ordered if turn.lap == lap) == Counter(
            [("recipe-detail", "slow"), ("recipe-detail", "fast"), ("healthz", "slow"), ("healthz", "fast")]
        )


def test_the_ceiling_has_a_slice_in_each_block_of_each_scenario_that_it_can_run(run: Run) -> None:
    run.profile.laps = 3
    ceilings = [turn for block in (1, 2, 3) for turn in planned(run, block) if turn.contender == CEILING]
    assert [(turn.lap, turn.scenario) for turn in ceilings] == [
        (2, "recipe-detail"),
        (3, "recipe-detail"),
        (1, "recipe-detail"),
    ]


def test_a_block_begins_with_a_warm_up_of_every_variant_under_each_scenario(run: Run) -> None:
    warm_up = [turn for turn in planned(run) if turn.lap == WARM_UP]
    assert Counter((turn.scenario, turn.contender) for turn in warm_up) == Counter(
        [(scenario, name) for scenario in TWO for name in ("slow", "fast")]
    )


def test_scenarios_that_differ_in_latency_alone_share_a_warm_up(run: Run) -> None:
    scenarios = {"recipe-detail-0ms": ALL["recipe-detail"], "recipe-detail-2ms": ALL["recipe-detail"], **TWO}
    planned = turns(run, 1, 1, CONTENDERS, scenarios, KINDS)
    assert {turn.scenario for turn in planned if turn.lap == WARM_UP} == {"recipe-detail-0ms", "healthz"}
    assert {turn.scenario for turn in planned if turn.lap == 1} == scenarios.keys()


def test_slices_of_a_scenario_stand_side_by_side(run: Run) -> None:
    run.profile.laps = 3
    together = [key for key, _ in groupby(planned(run), key=lambda turn: (turn.lap, turn.scenario))]
    assert len(together) == len(set(together)) == 4 * len(TWO)


def test_the_order_changes_from_block_to_block_and_with_the_seed(run: Run) -> None:
    run.profile.laps = 7
    assert planned(run) == planned(run)
    assert planned(run) != planned(run, block=2)
    assert planned(run) != planned(run.model_copy(update={"seed": 2}))


def test_a_variant_has_a_slice_on_each_number_of_hosts(run: Run) -> None:
    run.service_hosts = [1, 3]
    of_lap = [turn for turn in planned(run) if turn.lap == 1 and turn.contender != CEILING]
    assert Counter(turn.service_hosts for turn in of_lap) == {1: 4, 3: 4}


@pytest.mark.parametrize(("hosts", "connections"), [(1, 20), (3, 60)])
def test_the_ceiling_has_the_connections_of_the_largest_variant(run: Run, hosts: int, connections: int) -> None:
    needed = connections_needed(run.variants, hosts, ceiling=True)
    assert needed == {"slow": 5 * hosts, "fast": 20 * hosts, CEILING: connections}
    assert CEILING not in connections_needed(run.variants, hosts, ceiling=False)


NEEDED = {"base": 5, "a": 20, "b": 20, "c": 10, CEILING: 20}


@pytest.mark.parametrize("available", [None, 75, 200])
def test_with_connections_for_all_there_is_one_group(available: int | None) -> None:
    assert groups(NEEDED, "base", available, 10) == [list(NEEDED)]


@pytest.mark.parametrize(
    ("available", "expected"),
    [
        (74, [["base", "a", "b", "c"], ["base", CEILING]]),
        (45, [["base", "a", "b"], ["base", "c", CEILING]]),
        (25, [["base", "a"], ["base", "b"], ["base", "c"], ["base", CEILING]]),
    ],
)
def test_with_fewer_there_are_groups_that_each_contain_the_baseline(available: int, expected: list[list[str]]) -> None:
    assert groups(NEEDED, "base", available, 10) == expected
    for group in expected:
        assert sum(NEEDED[name] for name in group) <= available


def test_a_ceiling_that_has_no_room_beside_the_baseline_is_measured_alone() -> None:
    assert groups({"base": 20, CEILING: 20}, "base", 25, 10) == [["base"], [CEILING]]
    assert groups({"base": 20, "a": 5, CEILING: 20}, "base", 25, 10) == [["base", "a"], [CEILING]]


def test_no_more_are_up_than_there_are_places() -> None:
    found = groups({"base": 1, "a": 1, "b": 1, "c": 1}, "base", None, 2)
    assert found == [["base", "a"], ["base", "b"], ["base", "c"]]


@pytest.mark.parametrize(("available", "name"), [(24, "a"), (4, "a")])
def test_a_contender_without_room_beside_the_baseline_is_told(available: int, name: str) -> None:
    with pytest.raises(ShowdownError, match=f"{available} connections left, and {name} beside the baseline base needs"):
        groups(NEEDED, "base", available, 10)
    with pytest.raises(ShowdownError, match="3 connections left, and base needs 5"):
        groups({"base": 5}, "base", 3, 10)

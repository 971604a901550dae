"""What a rate is a share of is measured before the first block, and is no result of its own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from made_up_runs import SCENARIO, made_up_run
from showdown.contract.contract import load_contract
from showdown.generators.locust import LocustGenerator
from showdown.measure import capacities, runner
from showdown.measure.blocks import BlockError
from showdown.measure.capacities import measure_capacities
from showdown.measure.course import BlockPlan, BlockResult
from showdown.measure.rates import Rate
from showdown.measure.results import Fault, Run, Slice, read_run
from showdown.measure.runner import Listener, measure, planned_groups
from showdown.measure.schedule import WARM_UP, Turn
from showdown.stacks.pressure import Disturbances
from showdown.stacks.stack import Disturbed
from showdown_contract.errors import ShowdownError

CONTRACT = load_contract()
DETAIL = {SCENARIO: CONTRACT.scenarios.scenarios[SCENARIO]}
LISTENER = Listener(*[lambda *_: None] * 5)


class Calm:
    """A stack that is asked only for what disturbed it."""

    def disturbed(self) -> Disturbed:
        return Disturbed(Disturbances())


class Scripted:
    """Blocks of services that do so many requests per second; those that are not named fail."""

    def __init__(self, speeds: Mapping[str, float], error: str = "") -> None:
        self.speeds, self.error = speeds, error
        self.rates: list[dict[str, float | None]] = []

    def play(self, plan: BlockPlan, *others: Any) -> None:
        result: BlockResult = others[-1]
        self.rates.append({turn.contender: plan.rates(turn) for turn in plan.turns if turn.lap != WARM_UP})
        assert all(plan.rates(turn) is None for turn in plan.turns if turn.lap == WARM_UP)
        if self.error:
            raise BlockError(self.error)
        for name in plan.variants:
            if name in self.speeds:
                result.slices.append(slice_of(plan, name, plan.rates(Turn(1, SCENARIO, name)) or self.speeds[name]))
            else:
                result.faults.append(Fault(variant=name, block=plan.number, reason="it hangs\nThe end of its log:"))


def slice_of(plan: BlockPlan, name: str, speed: float) -> Slice:
    one = made_up_run({name: speed}, blocks=1, laps=1, spread=0).slices[0]
    return one.model_copy(update={"block": plan.number})


@pytest.fixture
def run() -> Run:
    run = made_up_run({"slow": 1.0, "fast": 1.0}, blocks=2, laps=1, twin_of="fast")
    run.slices, run.finished_at, run.rate = [], None, Rate(percent_of_capacity=50)
    return run


def measured(run: Run, script: Scripted, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stack: Any = Calm()
    (folder / "blocks").mkdir()
    for room in (capacities, runner):
        monkeypatch.setattr(room, "measure_block", script.play)
    to_do = planned_groups(run, DETAIL, None, 10, CONTRACT.kinds)
    arguments = (run, stack, DETAIL, LocustGenerator(), folder, LISTENER, to_do)
    measure_capacities(*arguments)
    measure(*arguments)


def test_each_variant_has_a_share_of_its_own_and_a_twin_that_of_its_original(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Scripted({"slow": 100.0, "fast": 300.0, "fast-twin": 340.0})
    measured(run, script, tmp_path, monkeypatch)
    closed, *blocks = script.rates
    assert set(closed.values()) == {None}
    assert blocks == [{"slow": 50.0, "fast": 160.0, "fast-twin": 160.0, "pgbench": None}] * 2
    # What was measured for the rates is in no table.
    assert len(run.slices) == 6
    assert {one.requests_per_second for one in run.slices} == {50.0, 160.0}
    assert read_run(tmp_path).rate == run.rate


def test_what_is_known_is_not_measured_again(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured(run, Scripted({"slow": 100.0, "fast": 300.0, "fast-twin": 300.0}), tmp_path, monkeypatch)
    run.finished_blocks, script = 1, Scripted({})
    (again := tmp_path / "again").mkdir()
    measured(run, script, again, monkeypatch)
    assert script.rates == [{"slow": 50.0, "fast": 150.0, "fast-twin": 150.0, "pgbench": None}]


def test_a_variant_without_a_capacity_loses_all_blocks(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Scripted({"fast": 300.0, "fast-twin": 300.0})
    measured(run, script, tmp_path, monkeypatch)
    assert [set(rates) for rates in script.rates[1:]] == [{"fast", "fast-twin", "pgbench"}] * 2
    assert run.notes == ["slow: its capacity could not be measured: it hangs"]
    assert [(fault.variant, fault.block) for fault in run.faults] == [("slow", 1), ("slow", 2)]


@pytest.mark.parametrize("script", [Scripted({}), Scripted({}, error="Locust ended in mid-run")])
def test_without_any_there_is_nothing_to_measure(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: Scripted
) -> None:
    with pytest.raises(ShowdownError, match="so nothing is left to measure"):
        measured(run, script, tmp_path, monkeypatch)


def test_a_fixed_rate_needs_none(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run.rate, script = Rate(requests_per_second=70), Scripted({"slow": 1.0, "fast": 1.0, "fast-twin": 1.0})
    measured(run, script, tmp_path, monkeypatch)
    assert script.rates == [{"slow": 70.0, "fast": 70.0, "fast-twin": 70.0, "pgbench": None}] * 2

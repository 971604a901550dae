"""What the generator can do at most is measured by the path that the variants' requests take."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from showdown.contract.contract import load_contract
from showdown.generators.locust import LocustGenerator
from showdown.measure import generator_ceiling
from showdown.measure.blocks import BlockError
from showdown.measure.course import BlockPlan, BlockResult, Listener, StackLostError
from showdown.measure.generator_ceiling import NULL, measure_generator_ceiling
from showdown.measure.plan import BLOCKS, RunPlan, plan_run
from showdown.measure.results import Fault, GeneratorCeiling, Run, read_run
from showdown.measure.schedule import WARM_UP
from showdown.stacks.local import LocalStack
from showdown_stack.tiers import TierOptions, Tiers

CONTRACT = load_contract()
SCENARIO = "recipe-detail"
Measure = Callable[..., list[str]]


@pytest.fixture
def plan() -> RunPlan:
    return plan_run("starlette,axum", f"{SCENARIO},mixed", "quick", "locust", 2_000, 1, None, CONTRACT)


@pytest.fixture
def scripted(run: Run, plan: RunPlan, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Measure:
    """Measures a block that is a script: such speeds by scenario, or what is raised; returns what was asked for."""
    run.profile = run.profile.model_copy(update={"scenarios": [SCENARIO, "mixed"], "laps": 2})

    def call(speeds: dict[str, list[float]], *, error: Exception | None = None, faults: list[Fault] = []) -> list[str]:  # noqa: B006
        asked: list[str] = []

        def play(block: BlockPlan, *others: Any) -> None:
            result: BlockResult = others[-1]
            asked.extend(f"{turn.contender} {turn.scenario} {turn.lap}" for turn in block.turns)
            for scenario, of_laps in speeds.items():
                for speed in of_laps:
                    changes = {"variant": NULL, "scenario": scenario, "requests_per_second": speed}
                    result.slices.append(run.slices[0].model_copy(update=changes))
            result.faults += faults
            if error:
                raise error

        monkeypatch.setattr(generator_ceiling, "measure_block", play)
        listener = Listener(on_step=asked.append, on_turn=lambda _: None, on_seconds=lambda _: None)
        stack: Any = None
        measure_generator_ceiling(run, plan, stack, LocustGenerator(), tmp_path, listener)
        return asked

    return call


def ceilings(run: Run) -> dict[str, float]:
    return {each.scenario: each.requests_per_second for each in run.generator_ceiling}


def test_the_fastest_slice_of_each_scenario_counts(scripted: Measure, run: Run) -> None:
    asked = scripted({SCENARIO: [9_000.0, 9_500.0], "mixed": [7_000.0, 6_000.0]})
    assert asked == [
        "measuring what the generator can do",
        *(f"{NULL} {scenario} {lap}" for lap in (WARM_UP, 1, 2) for scenario in (SCENARIO, "mixed")),
    ]
    assert ceilings(run) == {SCENARIO: 9_500.0, "mixed": 7_000.0}
    assert run.notes == []


def test_latency_between_service_and_postgres_is_no_other_load(scripted: Measure, run: Run, plan: RunPlan) -> None:
    object.__setattr__(plan, "scenarios", dict.fromkeys((SCENARIO, f"{SCENARIO}-2ms"), plan.scenarios[SCENARIO]))
    asked = scripted({SCENARIO: [9_000.0]})
    assert not any("2ms" in each for each in asked)
    assert ceilings(run) == {SCENARIO: 9_000.0, f"{SCENARIO}-2ms": 9_000.0}


def test_scenarios_whose_answers_nobody_knows_are_left_out(scripted: Measure, run: Run, plan: RunPlan) -> None:
    silent = replace(CONTRACT.kinds["recipe-list"], answer=None)
    object.__setattr__(plan, "contract", replace(CONTRACT, kinds={**CONTRACT.kinds, "recipe-list": silent}))
    asked = scripted({SCENARIO: [9_000.0]})
    assert not any("mixed" in each for each in asked)
    assert ceilings(run) == {SCENARIO: 9_000.0}


@pytest.mark.parametrize(
    ("error", "faults"),
    [
        (BlockError("Locust ended in mid-run (exit code 1).\nits log"), []),
        (None, [Fault(variant=NULL, block=1, reason="Locust ended in mid-run (exit code 1).\nits log")]),
    ],
)
def test_a_run_goes_on_without_it_and_says_why(
    scripted: Measure, run: Run, error: Exception | None, faults: list[Fault]
) -> None:
    scripted({}, error=error, faults=faults)
    why = "what the generator can do at most was not measured: Locust ended in mid-run (exit code 1)."
    assert (run.generator_ceiling, run.notes) == ([], [why])
    # It is resumed, and now it is measured.
    scripted({SCENARIO: [9_000.0]})
    assert (ceilings(run), run.notes) == ({SCENARIO: 9_000.0}, [])


def test_what_was_measured_before_is_not_measured_again(scripted: Measure, run: Run) -> None:
    run.generator_ceiling = [GeneratorCeiling(scenario=SCENARIO, requests_per_second=9_000.0)]
    assert scripted({SCENARIO: [1.0]}) == []
    assert ceilings(run) == {SCENARIO: 9_000.0}


def test_a_run_that_is_stopped_here_can_be_resumed(scripted: Measure, run: Run, tmp_path: Path) -> None:
    with pytest.raises(StackLostError):
        scripted({}, error=StackLostError("haproxy ended"))
    assert read_run(tmp_path) == run


def test_locust_is_measured_through_haproxy(run: Run, plan: RunPlan, stack: Tiers, tmp_path: Path) -> None:
    run.profile = run.profile.model_copy(update={"warm_up_seconds": 0.5, "slice_seconds": 0.5, "users": 10})
    only = replace(plan, scenarios={SCENARIO: plan.scenarios[SCENARIO]})
    (tmp_path / BLOCKS).mkdir()
    whole = LocalStack(stack, TierOptions(CONTRACT, run.size), CONTRACT)
    assert stack.haproxy is not None, "install haproxy"
    before = stack.haproxy.totals().responses
    listener = Listener(on_step=lambda _: None, on_turn=lambda _: None, on_seconds=lambda _: None)
    measure_generator_ceiling(run, only, whole, LocustGenerator(), tmp_path, listener)
    assert run.notes == []
    assert ceilings(run)[SCENARIO] > 0
    assert stack.haproxy.totals().responses > before

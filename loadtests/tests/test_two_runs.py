"""A run is made again by what its results say; what cannot be compared is refused before it is measured."""

from pathlib import Path
from typing import Any

import pytest
from made_up_runs import made_up_run
from showdown import two_runs
from showdown.console import View, out
from showdown.contract.contract import load_contract
from showdown.measure.plan import RunPlan
from showdown.measure.results import Run, write_run
from showdown.report.exports.comparison import ComparedRuns
from showdown.report.flame_differences import FlameDifference
from showdown.stacks import machine
from showdown.two_runs import draw_differences, reproduce
from showdown_contract.errors import ShowdownError
from showdown_stack.tiers import TierOptions


@pytest.fixture
def before() -> Run:
    """A run on this machine of this contract."""
    run = made_up_run({"starlette": 1000.0, "axum": 2000.0})
    return run.model_copy(update={"machine": machine.describe(), "contract": load_contract().digest, "haproxy": False})


@pytest.fixture
def measured(before: Run, monkeypatch: pytest.MonkeyPatch) -> list[tuple[RunPlan, TierOptions]]:
    """What was measured, in the place of a run that would take minutes: axum is a quarter slower."""
    asked: list[tuple[RunPlan, TierOptions]] = []

    def run_locally(plan: RunPlan, options: TierOptions, chosen: Path | None, _: View) -> Run:
        asked.append((plan, options))
        assert chosen is None
        after = before.model_copy(deep=True)
        for each in after.slices:
            each.requests_per_second *= 0.75 if each.variant == "axum" else 1.0
        return after

    monkeypatch.setattr(two_runs, "run_locally", run_locally)
    return asked


def test_as_json_nothing_else_is_shown(
    before: Run, measured: list[tuple[RunPlan, TierOptions]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_run(before, tmp_path)
    again(tmp_path, as_json=True)
    assert len(measured) == 1
    compared = ComparedRuns.model_validate_json(capsys.readouterr().out)
    assert [one.is_inside for one in compared.differences].count(False) == 2


def again(folder: Path, **options: Any) -> Run:
    return reproduce(folder, None, None, load_contract(), None, None, None, **{"anyway": False, **options})


def test_the_same_settings_are_measured_and_compared(
    before: Run, measured: list[tuple[RunPlan, TierOptions]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_run(before, tmp_path)
    again(tmp_path)
    ((plan, options),) = measured
    assert [*plan.variants] == ["starlette", "axum"]
    assert (plan.profile, plan.seed, options.haproxy) == (before.profile, before.seed, False)
    shown = " ".join(capsys.readouterr().out.split())
    assert "4 of 6 figures lie in the first run's intervals" in shown
    assert "axum, recipe-detail, req/s: 1,5" in shown


@pytest.mark.parametrize("change", [{"cores": 999}, {"cpu": "another"}])
def test_another_machine_is_refused_before_anything_is_measured(
    before: Run, measured: list[tuple[RunPlan, TierOptions]], tmp_path: Path, change: dict[str, object]
) -> None:
    here = before.machine
    before.machine = here.model_copy(update=change)
    write_run(before, tmp_path)
    with pytest.raises(ShowdownError, match="the machine differs: "):
        again(tmp_path)
    assert measured == []
    again(tmp_path, anyway=True)
    assert len(measured) == 1


def test_a_run_without_intervals_is_refused(
    before: Run, measured: list[tuple[RunPlan, TierOptions]], tmp_path: Path
) -> None:
    before.slices = [each for each in before.slices if each.block == 1]
    write_run(before, tmp_path)
    with pytest.raises(ShowdownError, match="has one block only"):
        again(tmp_path)
    assert measured == []


def test_another_contract_is_refused(before: Run, measured: list[tuple[RunPlan, TierOptions]], tmp_path: Path) -> None:
    before.contract = "recipes 0"
    write_run(before, tmp_path)
    with pytest.raises(ShowdownError, match="the contract differs: "):
        again(tmp_path)
    assert measured == []


def test_flame_graphs_of_what_differs_are_named(
    before: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    drawn = [FlameDifference("a", "recipe-detail", Path("after/profiles/a-since-before.svg"))]
    monkeypatch.setattr(two_runs, "flame_differences", lambda *_: drawn)
    assert draw_differences((tmp_path, before), (tmp_path, before), out) == drawn
    assert capsys.readouterr().out == "after/profiles/a-since-before.svg\n"


def test_where_they_cannot_be_drawn_a_notice_says_why_and_the_comparison_stands(
    before: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def flame_differences(*_: object) -> None:
        raise ShowdownError("inferno-flamegraph is missing")

    monkeypatch.setattr(two_runs, "flame_differences", flame_differences)
    draw_differences((tmp_path, before), (tmp_path, before), out)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "showdown: inferno-flamegraph is missing\n")

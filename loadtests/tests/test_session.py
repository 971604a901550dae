"""A run is measured to its end, or as far as it comes, and reported."""

from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from made_up_runs import made_up_run
from showdown import session
from showdown.ending import show_report
from showdown.measure.results import Run, write_run
from showdown.session import measure_and_report, run_locally
from showdown_contract.errors import ShowdownError


@pytest.fixture
def going_on(monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run of three blocks, which is stopped by Ctrl-C when its first is over."""
    run = made_up_run({"slow": 1000.0, "fast": 2000.0}, blocks=3)
    slices, run.slices, run.finished_at = run.slices, [], None

    def measure(run: Run, *others: Any) -> None:
        run.slices = [one for one in slices if one.block == 1]
        run.finished_blocks = 1
        write_run(run, others[3])
        raise KeyboardInterrupt

    for name, replacement in {
        "new_run": lambda *_: run,
        "planned_groups": lambda *_: [],
        "measure_generator_ceiling": lambda *_: None,
        "measure_capacities": lambda *_: None,
        "measure": measure,
    }.items():
        monkeypatch.setattr(session, name, replacement)
    return run


def test_while_a_run_goes_on_only_its_results_are_written(going_on: Run, tmp_path: Path) -> None:
    anything: Any = MagicMock(resumed=None)
    at_the_end: list[list[str]] = []
    with pytest.raises(KeyboardInterrupt):
        measure_and_report(
            anything,
            anything,
            anything,
            tmp_path,
            lambda _, folder: at_the_end.append(sorted(path.name for path in folder.iterdir())),
        )
    assert at_the_end == [["results.json"]]
    assert going_on.finished_at is None


def test_a_run_that_is_stopped_has_its_reports(going_on: Run, tmp_path: Path) -> None:
    anything: Any = MagicMock(resumed=None)
    with pytest.raises(KeyboardInterrupt):
        measure_and_report(anything, anything, anything, tmp_path, partial(show_report, view="nothing"))
    assert "Not finished: 1 of 3 block(s) measured so far." in (tmp_path / "report.html").read_text()
    assert "the run has not come to its end" in (tmp_path / "report.md").read_text()
    assert going_on.finished_at is None


def test_services_are_profiled_once_all_is_measured(
    going_on: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said: list[str] = []
    monkeypatch.setattr(session, "measure", lambda *_: said.append("measured"))
    monkeypatch.setattr(session, "profile", lambda _run, profiler, *_: said.append(profiler.name))
    anything: Any = MagicMock(resumed=None, profiler="perf")
    measure_and_report(anything, anything, anything, tmp_path, lambda *_: None)
    assert said == ["measured", "perf"]
    anything.profiler = None
    measure_and_report(anything, anything, anything, tmp_path, lambda *_: None)
    assert said == ["measured", "perf", "measured"]
    assert going_on.sampled == []


def test_a_profiler_that_is_missing_ends_a_run_before_anything_is_built(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(session, "build_all", lambda *_: pytest.fail("something is built"))
    plan: Any = MagicMock(resumed=None, profiler="perf", generator="locust", scenarios={})
    with pytest.raises(ShowdownError, match="perf is missing: type 'apt install linux-perf'"):
        run_locally(plan, MagicMock(), tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        ("showdown run", "showdown run --resume '/runs/my run'"),
        (
            "showdown run --stack=terraform --identity key",
            "showdown run --resume '/runs/my run', and the same --stack and --identity as before",
        ),
        (
            "showdown run --variants-file mine.toml",
            "showdown run --resume '/runs/my run', and the same --variants-file",
        ),
    ],
)
def test_how_to_go_on_is_told_with_all_that_has_to_be_said_again(command: str, hint: str) -> None:
    run = made_up_run({"slow": 1000.0})
    run.command = command
    assert session._resuming(run, Path("/runs/my run")).startswith(hint)

"""A run that has come to its end may still be one that is not to be relied on."""

from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
import typer
from made_up_runs import made_up_run
from showdown import session
from showdown.measure.results import Fault, Run, write_run
from showdown.report.summary import summarize
from showdown.session import View, measure_and_report, require_trust, require_whole, show_report


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


def test_a_run_without_doubts_is_whole_and_trusted() -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    require_whole(run)
    require_trust(run)


def test_a_lost_block_is_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    run.faults = [Fault(variant="fast", block=1, reason="it hangs")]
    with pytest.raises(typer.Exit) as ended:
        require_whole(run)
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err == (
        "showdown: blocks that a contender has lost: 1; all others are reported: showdown verify --variants fast tells "
        "whether it answers as it should\n"
    )


@pytest.mark.parametrize(
    ("view", "begins", "ends"),
    [("table", "\nrecipe-detail, 50 users", "report.md\n"), ("json", "{", "}\n"), ("nothing", "", "")],
)
def test_a_document_is_alone_on_stdout(
    view: View, begins: str, ends: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    show_report(summarize(made_up_run({"slow": 1000.0, "fast": 2000.0})), tmp_path, view)
    said = capsys.readouterr()
    assert said.out.startswith(begins)
    assert said.out.endswith(ends)
    assert bool(said.out) == bool(begins)
    written = [] if view == "table" else [str(tmp_path / name) for name in ("report.html", "report.md")]
    assert said.err.split() == written
    assert (tmp_path / "report.md").exists()


def test_of_a_lost_twin_the_original_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0}, twin_of="fast")
    run.faults = [Fault(variant=name, block=1, reason="it hangs") for name in ("fast-twin", "fast", "pgbench")]
    with pytest.raises(typer.Exit):
        require_whole(run)
    assert "showdown verify --variants fast tells" in capsys.readouterr().err


def test_a_verdict_that_refuses_or_unranks_is_code_3(capsys: pytest.CaptureFixture[str]) -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    run.machine.throttled_percent = 1.0
    require_trust(run)
    run.machine.throttled_percent = 50.0
    with pytest.raises(typer.Exit) as ended:
        require_trust(run)
    assert ended.value.exit_code == 3
    assert "(throttled)" in capsys.readouterr().err


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

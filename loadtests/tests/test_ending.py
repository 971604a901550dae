"""A run that has come to its end may still be one that is not to be relied on."""

from pathlib import Path

import pytest
import typer
from made_up_runs import made_up_run
from showdown.console import View
from showdown.ending import require_trust, require_whole, show_report
from showdown.measure.results import Fault
from showdown.report.summary import summarize


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

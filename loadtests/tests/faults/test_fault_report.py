"""What was done stands beside what was seen, in the terminal and in faults.md."""

from io import StringIO
from pathlib import Path

import pytest
from made_up_faults import made_up_faulted, made_up_faults
from rich.console import Console
from showdown.faults.fault_report import FILE, cells, report, show_faults, write_report
from showdown.faults.fault_results import Faulted, Faults
from showdown.measure.results import Run


@pytest.fixture
def faulted() -> Faulted:
    return made_up_faulted()


@pytest.fixture
def found(run: Run) -> Faults:
    return made_up_faults(run)


def shown(found: Faults) -> str:
    written = StringIO()
    show_faults(found, Console(file=written, width=200))
    return written.getvalue()


def test_a_line_has_what_clients_saw(faulted: Faulted) -> None:
    assert cells(faulted) == [
        "worker-killed", "2 × 502", "0.5", "0", "0 of 50", "0", "250", "12.5", "kept",
    ]  # fmt: skip


def test_where_answers_stay_wrong_it_says_never(faulted: Faulted) -> None:
    faulted.recovered_seconds, faulted.broken = None, ["answers were not right again in the end"]
    assert cells(faulted)[2] == "never"
    assert cells(faulted)[-1] == "broken"


def test_a_fault_that_could_not_be_caused_has_no_figures(faulted: Faulted) -> None:
    faulted.faulted, faulted.error = None, "pgbouncer is not there"
    assert cells(faulted)[1:6] == ["–"] * 5


def test_the_log_stands_beside_what_was_seen(found: Faults) -> None:
    text = report(found)
    assert "### worker-killed: a process of the service is lost, as when memory runs out" in text
    assert "4711 | kill -9 of a worker | gone from the table of processes |" in text
    assert "with the fault: 1000 requests, failed: 2 × 502, due from 1.00 s to 1.50 s" in text
    assert "without it: 1000 requests, failed: 0; the longest right answer took 12.5 ms" in text


def test_a_broken_promise_is_said_everywhere(found: Faults) -> None:
    found.measured[0].broken = ["2 wrong bodies"]
    assert "slow under worker-killed: 2 wrong bodies" in shown(found)
    assert "**2 wrong bodies**" in report(found)


def test_what_was_left_out_is_said_everywhere(found: Faults) -> None:
    found.left_out, found.finished_at = {"disk-full": "only root can mount one"}, None
    for text in (shown(found), report(found)):
        assert "disk-full was left out: only root can mount one" in text
        assert "it was stopped before its end" in text


@pytest.mark.parametrize("error", ["a\x1b[2Jb", "a | b", "<script>"])
def test_what_a_service_says_is_safe_to_show(found: Faults, error: str) -> None:
    found = Faults.model_validate(
        {**found.model_dump(), "measured": [{**found.measured[0].model_dump(), "error": error}]}
    )
    for text in (shown(found), report(found)):
        assert "\x1b[2J" not in text
    assert "<script>" not in report(found)


def test_it_is_written(found: Faults, tmp_path: Path) -> None:
    assert write_report(found, tmp_path).read_text() == report(found)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]

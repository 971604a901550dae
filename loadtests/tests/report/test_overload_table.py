"""What became of an overload is a table with a verdict, and sentences for what is not as it should be."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from made_up_overload import made_up_overload
from made_up_runs import SCENARIO, made_up_run
from rich.console import Console
from showdown.measure.overload_results import Overload, OverloadOf, write_overload
from showdown.report.overload_table import COLUMNS, show_overload, write_overload_markdown
from showdown_contract.errors import ShowdownError


def overload(*found: OverloadOf) -> Overload:
    run = made_up_run({"slow": 100.0, "fast": 900.0})
    return Overload(finished_at="2026-01-02T03:09:05+00:00", run=run, found=list(found))


def shown(*found: OverloadOf, width: int = 160) -> str:
    output = StringIO()
    show_overload(overload(*found), Console(file=output, width=width))
    return output.getvalue()


def test_every_load_is_a_row_below_the_verdict() -> None:
    rows = shown(made_up_overload()).splitlines()
    assert rows[1].startswith(f"fast, {SCENARIO}: ")
    assert rows[1].endswith(" req/s at most; overload: holds")
    first = next(row for row in rows if row.strip().startswith("50%"))
    assert first.split() == ["50%", "50", "50", "50", "0.0%", "–", "20.0", "0.25", "100", "30%"]
    last = next(row for row in rows if "2,000 clients" in row)
    assert last.split()[2:] == ["–", "400", "98", "76%", "4.0", "400", "0.25", "100", "30%"]


def test_it_fits_into_a_narrow_terminal() -> None:
    text = shown(made_up_overload(), width=80)
    assert "…" not in text
    assert "generator" not in text.partition("50%")[0]


def test_what_is_not_as_it_should_be_is_told_below() -> None:
    text = shown(made_up_overload(clients={"recovery_seconds": None}, p1000={"offered_requests_per_second": 700.0}))
    assert "fast: after 2,000 clients it did not recover as long as it was watched" in text
    assert "fast, at 1,000%: the generator could send 700 of 1,000 req/s, and took 30% of a core" in text


def test_one_that_failed_has_a_row_and_a_reason() -> None:
    failed = OverloadOf(variant="slow", scenario=SCENARIO, fault="it hangs\nThe end of its log:")
    text = shown(failed, made_up_overload())
    assert text.index("fast") < text.index("slow")
    assert "failed" in text
    assert "slow failed: it hangs\n" in text


def test_both_files_are_written(tmp_path: Path) -> None:
    measured = overload(made_up_overload(p300={"refused_p99_ms": 700.0}))
    path = write_overload(measured, tmp_path)
    assert path.name == "overload.json"
    assert Overload.model_validate_json(path.read_bytes()) == measured
    text = write_overload_markdown(measured, tmp_path).read_text()
    assert all(heading in text for heading in COLUMNS)
    assert "- fast: at 300% 1% of refusals took longer than 700 ms" in text
    assert "slow refusals" in text


@pytest.mark.parametrize("write", [write_overload, write_overload_markdown])
def test_a_folder_that_cannot_be_written_to_is_told(write: Callable[[Overload, Path], Path], tmp_path: Path) -> None:
    with pytest.raises(ShowdownError, match="cannot write"):
        write(overload(), tmp_path / "none")

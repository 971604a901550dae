"""What readers see."""

from collections.abc import Callable
from pathlib import Path

from bench import contenders, fetches
from bench.chart import write_chart
from bench.report import markdown
from bench.results import Results
from bench.rows import SIZES


def test_the_table_has_a_line_a_contender_and_a_column_a_size(results: Callable[..., Results]) -> None:
    lines = markdown(results(), chart="docs/records.svg").splitlines()
    # Medians of 1 × and 2 × the cost.
    assert "|                       |         1 row |       10 rows |      100 rows |    1,000 rows |" in lines
    assert "| msgspec, Struct       |   450 (3.0 ×) |   450 (3.0 ×) |   450 (3.0 ×) |   450 (3.0 ×) |" in lines
    assert "| rowjson               |           150 |           150 |           150 |           150 |" in lines


def test_client_and_server_are_added_up(results: Callable[..., Results]) -> None:
    lines = markdown(results(), chart="docs/records.svg").splitlines()
    [together] = [line for line in lines if line.startswith("| packed rows, rowjson: together")]
    assert [cell.strip() for cell in together.split("|")[2:-1]] == ["3", "30", "300", "3,000"]


def test_command_commit_and_machine_are_told(results: Callable[..., Results]) -> None:
    assert markdown(results(), "").startswith("`python -m bench` at commit `0123abc`, on Abacus")


def test_who_takes_least_is_told_for_records_and_for_packed_rows(results: Callable[..., Results]) -> None:
    text = markdown(results({f"fetch/{size}/{fetches.PACKED}/client": size * 100 for size in SIZES}), chart="")
    assert "- `rowjson` takes the least at every size measured." in text
    assert (
        "- client: `packed rows, rowjson` takes the least at every size measured. The best other takes 10.0 ×" in text
    )
    assert (
        "- together: `packed rows, rowjson` takes the least at every size measured. The best other takes 1.8 ×" in text
    )


def test_the_chart_names_every_contender(results: Callable[..., Results], tmp_path: Path) -> None:
    write_chart(results(), tmp_path / "records.svg")
    drawn = (tmp_path / "records.svg").read_text()
    assert [name for name in contenders.CONTENDERS if f">{name}</text>" not in drawn] == []

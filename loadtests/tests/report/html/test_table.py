"""A table is sorted by numbers, and letters tell which rows are not distinguishable."""

from made_up_runs import SCENARIO, made_up_run
from showdown.measure.results import Run
from showdown.report.columns import ANSWER, OTHERS, columns
from showdown.report.html import table
from showdown.report.html.table import Table
from showdown.report.summary import summarize


def answer_of(run: Run) -> Table:
    summary = summarize(run)
    return table.answer(summary, SCENARIO, columns(summary.rows[SCENARIO], ANSWER))


def test_equals_share_a_letter_and_others_have_none() -> None:
    made = answer_of(made_up_run({"slow": 1000.0, "equal": 1001.0, "fast": 3000.0}))
    alike = made.headings.index("alike")
    assert {line.name: line.cells[alike].text for line in made.lines} == {"fast": "", "equal": "a", "slow": "a"}
    assert [line.begins_group for line in made.lines] == [True, True, False]


def test_a_cell_is_sorted_by_its_number_and_has_its_interval_below() -> None:
    made = answer_of(made_up_run({"slow": 1000.0, "fast": 3000.0}))
    cell = made.lines[0].cells[made.headings.index("req/s")]
    assert isinstance(cell.value, float)
    assert cell.text == f"{cell.value:,.0f}"
    assert cell.interval.startswith("[")
    assert cell.interval.endswith("]")


def test_what_is_not_known_has_no_value_to_sort_by(run: Run) -> None:
    summary = summarize(run)
    made = table.answer(summary, "recipe-detail", columns(summary.rows["recipe-detail"], ANSWER))
    ceiling = made.lines[-1]
    assert (ceiling.name, ceiling.is_ceiling) == ("pgbench", True)
    unknown = ceiling.cells[made.headings.index("p99 ms")]
    assert (unknown.text, unknown.value) == ("–", None)


def test_all_other_figures_have_a_table_too(run: Run) -> None:
    summary = summarize(run)
    shown = columns(summary.rows["recipe-detail"], OTHERS)
    made = table.others(summary, "recipe-detail", shown)
    assert list(made.headings) == [column.heading for column in shown]
    assert all(len(line.cells) == len(made.headings) for line in made.lines)


def test_what_may_be_less_than_zero_has_both_ends_with_a_comma() -> None:
    summary = summarize(made_up_run({"a": 1000.0}, laps=3))
    made = table.others(summary, SCENARIO, columns(summary.rows[SCENARIO], OTHERS))
    cell = made.lines[0].cells[made.headings.index("MiB/1,000 req")]
    assert (cell.text, cell.interval) == ("0.00", "[0.00, 0.00]")


def test_letters_of_the_numbers_of_hosts_are_not_mixed(grown: Run) -> None:
    summary = summarize(grown)
    letters = table.alike(summary, "recipe-detail")
    assert all(not {*letters.get("slow, 1 host", ())} & {*letters.get("slow, 2 hosts", ())} for _ in [0])

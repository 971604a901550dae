"""A CSV has the same columns for every run."""

import csv

from exported_runs import exported
from showdown.measure.results import Run
from showdown.report.exports.spreadsheet import as_csv
from showdown.report.summary import summarize


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def test_the_columns_are_those_of_every_other_run(run: Run, grown: Run) -> None:
    headers = {as_csv(summarize(each)).splitlines()[0] for each in (run, grown)}
    assert headers == {as_csv(exported()).splitlines()[0]}


def test_a_figure_stands_between_the_ends_of_its_interval() -> None:
    (fast,) = [line for line in lines(as_csv(exported())) if line["variant"] == "fast"]
    low, value, high = (float(fast[f"requests_per_second{end}"]) for end in ("_low", "", "_high"))
    assert low < value < high
    assert (fast["export_version"], fast["rank_first"], fast["is_baseline"]) == ("1", "1", "false")


def test_what_was_not_measured_is_empty() -> None:
    (wrong,) = [line for line in lines(as_csv(exported())) if line["variant"] == "wrong"]
    assert (wrong["requests_per_second"], wrong["requests_per_second_low"], wrong["consequence"]) == ("", "", "refused")


def test_rows_on_several_hosts_are_told_apart(grown: Run) -> None:
    rows = [(line["variant"], line["service_hosts"]) for line in lines(as_csv(summarize(grown)))]
    assert {("fast", "1"), ("fast", "2"), ("pgbench", "0")} <= {*rows}
    assert len(rows) == len({*rows})

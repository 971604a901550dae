"""A metric is one entry: what is read of the slices stands in every table."""

from collections.abc import Callable, Iterable
from io import StringIO

import pytest
from rich.console import Console
from showdown.measure.results import Run, Slice
from showdown.report import metrics, terminal
from showdown.report.figures import whole
from showdown.report.markdown import tables
from showdown.report.metrics import METRICS, Group, Measured, Metric, combined
from showdown.report.summary import summarize
from showdown.stacks.records import Proxy

# All that it takes to add a metric that results already hold: haproxy's queue.
QUEUED = Metric(
    "most_queued",
    "queued",
    Group.FOOTPRINT,
    whole,
    combined(max, lambda result: result.proxy.most_queued if result.proxy else None),
)


def test_another_metric_is_shown_everywhere(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    of(run, "fast")[1].proxy = Proxy(responses=1, server_errors=0, connection_errors=0, most_queued=7)
    monkeypatch.setattr(metrics, "METRICS", (*METRICS, QUEUED))
    summary = summarize(run)
    text = tables(summary, charts="", everything=True)
    markdown = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()]
    headings = next(row for row in markdown if "queued" in row)
    column = headings.index("queued")
    assert headings[column - 1] == "handshakes/req"
    assert [row[column] for row in markdown if len(row) == len(headings)][2:] == ["7", "0", "–"]
    output = StringIO()
    terminal.show(summary, Console(file=output, width=80), wide=True)
    assert "queued" in output.getvalue()


def test_names_and_headings_are_different() -> None:
    assert len({metric.name for metric in METRICS}) == len({metric.heading for metric in METRICS}) == len(METRICS)


def test_a_slice_without_calls_has_no_handshakes(run: Run) -> None:
    for one in run.slices:
        one.upstream = one.upstream and one.upstream.model_copy(update={"requests": 0, "handshakes": 0})
    (row, *_) = summarize(run).rows["recipe-detail"]
    assert (row["calls_per_request"], row["handshakes_per_request"]) == (None, None)


@pytest.mark.parametrize(("combine", "value"), [(max, 30.0), (sum, 40.0)])
def test_a_slice_that_does_not_tell_is_left_out(
    run: Run, combine: Callable[[Iterable[float]], float], value: float
) -> None:
    told = {1: 10.0, 2: None, 3: 30.0}
    slices = Measured(run, "fast", of(run, "fast"), service_hosts=1, comparisons={})
    assert combined(combine, lambda result: told[result.block])(slices) == value
    assert combined(combine, lambda _: None)(slices) is None


def test_of_a_ceiling_is_known_what_says_how(run: Run) -> None:
    slices = Measured(run, "pgbench", run.ceilings, service_hosts=0, comparisons={})
    assert combined(max, lambda result: result.requests_per_second)(slices) is None
    assert combined(max, lambda _: None, lambda ceiling: ceiling.requests_per_second)(slices) == 1200


def of(run: Run, variant: str) -> list[Slice]:
    return [result for result in run.slices if result.variant == variant]

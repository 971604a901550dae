"""What latency changes is told in two tables, in sentences, and in a chart."""

import re
import xml.etree.ElementTree as ET
from io import StringIO

import pytest
from made_up_latency import made_up_latency_run
from rich.console import Console
from showdown.explain.explanation import Crossing
from showdown.measure.results import Run
from showdown.report import terminal
from showdown.report.latency_chart import latency_chart
from showdown.report.latency_tables import crossing_shown, over_latency_sentences, tables_of
from showdown.report.markdown import report
from showdown.report.output import charts
from showdown.report.summary import Summary, summarize


@pytest.fixture
def run() -> Run:
    return made_up_latency_run(
        {"rust": (760.0, 19.0), "last": (3000.0, 1.0)}, {"python": (600.0, 10.0), "repaired": (2000.0, 1.0)}
    )


@pytest.fixture
def summary(run: Run) -> Summary:
    return summarize(run)


def over(summary: Summary) -> tuple[list[tuple[list[str], list[list[str]]]], list[str]]:
    assert summary.explanation is not None
    (of_scenario,) = summary.explanation.over_latency
    return tables_of(of_scenario), [*over_latency_sentences(of_scenario)]


def test_each_measurement_stands_beside_the_model_s_error_and_what_binds(summary: Summary) -> None:
    (model, _), _ = over(summary)
    headings, lines = model
    assert headings == [
        "variant", "latency ms", "round trips/req", "ms/round trip", "CPU ms/req", "req/s", "model", "off by",
        "what binds",
    ]  # fmt: skip
    without, one, _, four, _ = (line for line in lines if line[0] == "rust")
    assert (without[1:5], without[8]) == (["0", "19.0", "0.100", "1.32"], "CPU")
    assert (one[1], one[3], one[8]) == ("1", "1.00", "CPU")
    assert (four[1], four[6], four[8]) == ("4", "251", "round trips")
    assert re.fullmatch(r"[+−][\d.]+%", four[7])


def test_each_step_stands_beside_the_other_start(summary: Summary) -> None:
    (_, places), sentences = over(summary)
    headings, (rust, last) = places
    assert (headings[0], headings[1], headings[-1]) == ("step", "× python at 0 ms", "equal at")
    assert rust[0] == "rust"
    assert re.fullmatch(r"1\.\d\d \[1\.\d\d–1\.\d\d\] ms", rust[-1])
    assert (last[0], last[-1]) == ("to last", "–")
    told = "\n".join(sentences)
    assert re.search(r"rust has 1\.2\d .* × the req/s of python at 0 ms and 0\.5\d\d .* × at 8 ms: they change", told)
    assert re.search(r"With to last it has 5\.\d\d .* × at 8 ms: it is ahead at every latency\.", told)
    assert "The model: req/s = connections ÷ (round trips × their time + CPU time, and the wait for it)" in told
    assert (
        "Round trips bind in 6 of 20 rows, and CPU in the others. The model is within 15% of 20 of 20 measurements"
        in told
    )


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (Crossing(latency_ms=1.5, low_ms=1.25, high_ms=1.75), "1.50 [1.25–1.75] ms"),
        (Crossing(latency_ms=1.5, low_ms=None, high_ms=1.75), "1.50 […–1.75] ms"),
        (Crossing(latency_ms=None, low_ms=None, high_ms=0.32), "at most 0.320 ms"),
        (Crossing(latency_ms=None, low_ms=3.1, high_ms=None), "at least 3.10 ms"),
    ],
)
def test_an_end_that_was_not_measured_is_open(at: Crossing, shown: str) -> None:
    assert crossing_shown(at) == shown


def test_both_are_in_the_report_and_in_the_terminal(summary: Summary) -> None:
    text = report(summary)
    assert "**recipe-detail** over the latency of a round trip between service and Postgres" in text
    assert "![recipe-detail: over latency](recipe-detail-over-latency.svg)" in text
    assert "![recipe-detail-0ms: the steps of beside](recipe-detail-0ms-steps-beside.svg)" in text
    names = {name for name, _ in charts(summary)}
    assert set(re.findall(r"\]\((\S+\.svg)\)", text)) <= names
    output = StringIO()
    terminal.show(summary, Console(file=output, width=160))
    assert "recipe-detail over the latency of a round trip" in output.getvalue()
    assert "made-up: Of the" in output.getvalue()
    assert "beside: Of the" in output.getvalue()


def test_without_a_second_block_there_are_levels_and_no_places() -> None:
    summary = summarize(
        made_up_latency_run({"rust": (760.0, 19.0), "last": (3000.0, 1.0)}, {"a": (600, 10), "b": (700, 10)}, blocks=1)
    )
    shown, sentences = over(summary)
    assert shown[1][1][0][1:] == ["–"] * 6
    assert len(sentences) == 1
    assert "req/s of" not in report(summary).partition("over the latency")[2].partition("The model")[0]


def test_the_chart_has_a_point_for_each_measurement(summary: Summary) -> None:
    assert summary.explanation is not None
    picture = latency_chart(summary.explanation.over_latency[0])
    texts = {element.text for element in ET.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")}  # noqa: S314
    assert {"rust", "last", "python", "repaired", "ms a round trip"} <= texts

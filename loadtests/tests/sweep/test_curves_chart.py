"""A chart has a panel for each measure, and a curve for each variant."""

from xml.etree import ElementTree as ET

from made_up_sweeps import Speeds, made_up_latencies, made_up_sweep
from showdown.measure.results import Run
from showdown.report.summary import summarize
from showdown.sweep.curves_chart import curves_chart
from showdown.sweep.workloads import workloads

SPEEDS: Speeds = {
    "a": {"1": 100.0, "2": 190.0, "4": 350.0, "8": 600.0},
    "b": {"1": 50.0, "2": 50.0, "4": 500.0, "8": 40.0},
}
LINES = "{http://www.w3.org/2000/svg}path"


def drawn(run: Run) -> ET.Element:
    (workload,) = workloads([summarize(run)])
    return ET.fromstring(curves_chart(workload, "95%"))  # noqa: S314 - our own


def texts(picture: ET.Element) -> set[str | None]:
    return {element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")}


def marks(picture: ET.Element, kind: str) -> int:
    """How many there are of a kind in all panels; those of legends and axes are called otherwise."""
    groups = [each for each in picture.iter() if each.get("aria-roledescription") == f"{kind} mark container"]
    return sum(len(group) for group in groups)


def test_every_measure_and_every_value_is_there() -> None:
    picture = drawn(made_up_sweep("users", SPEEDS))
    assert {"req/s", "p99 ms", "service CPU µs a request", "service memory MiB", "a", "b", "1", "2", "4", "8"} <= texts(
        picture
    )
    assert "recipe-detail by users, with intervals of 95%" in texts(picture)
    # Of each of two variants at four points, in four panels: a point and an interval.
    assert marks(picture, "symbol") == marks(picture, "rule") == 4 * 2 * 4


def test_a_law_that_fits_is_drawn_and_one_that_does_not_is_not() -> None:
    dashed = [
        line for line in drawn(made_up_sweep("users", SPEEDS)).iter(LINES) if line.get("stroke-dasharray") == "5,4"
    ]
    assert len(dashed) == 1
    words = made_up_sweep("SERIALIZER", SPEEDS)
    assert [line for line in drawn(words).iter(LINES) if line.get("stroke-dasharray") == "5,4"] == []


def test_words_have_points_and_no_line() -> None:
    picture = drawn(made_up_sweep("SERIALIZER", SPEEDS))
    assert marks(picture, "line") == 0
    assert marks(picture, "symbol") == 4 * 2 * 4


def test_one_block_is_drawn_without_intervals() -> None:
    assert marks(drawn(made_up_sweep("users", SPEEDS, blocks=1)), "symbol") == 4 * 2 * 4


def test_a_latency_of_0_has_a_place() -> None:
    picture = drawn(made_up_latencies({"a": {"0": 600.0, "1": 500.0, "8": 100.0}}))
    assert {"recipe-detail by latency, with intervals of 95%", "0", "8"} <= texts(picture)
    assert marks(picture, "symbol") == 3 * 4

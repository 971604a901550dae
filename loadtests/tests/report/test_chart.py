"""A chart has a bar and a figure for each row."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

from made_up_runs import made_up_run
from showdown.measure.results import Run
from showdown.report.chart import CEILING_COLOUR, DOUBTFUL_COLOUR, VARIANT_COLOUR, chart, growth_chart
from showdown.report.summary import summarize


def test_every_row_is_drawn_with_its_figure(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "chart.svg"
    path.write_text(chart(summarize(run).rows["recipe-detail"], "recipe-detail", "95%"))
    picture = ET.parse(path)  # noqa: S314 - our own
    texts = {element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")}
    assert {"slow", "fast", "pgbench", "182", "356", "1,097"} <= texts
    assert "recipe-detail: requests per second, with intervals of 95%" in texts


def test_a_long_name_has_room_in_a_wide_font() -> None:
    """DejaVu Sans, the usual one on Linux, needs 6 of 10 pixels for a letter; Liberation Sans needs 5."""
    name = "starlette-rowjson"
    drawn = chart(summarize(made_up_run({"slow": 1000.0, name: 2000.0})).rows["recipe-detail"], "recipe-detail", "95%")
    (left,) = re.findall(r"translate\((\d+),", drawn)[:1]
    assert int(left) >= 6 * len(name)


def test_a_bar_has_its_interval(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "chart.svg"
    rows = summarize(run).rows["recipe-detail"]
    path.write_text(chart(rows, "recipe-detail", "95%"))
    picture = ET.parse(path)  # noqa: S314 - our own
    labels = " ".join(element.get("aria-label", "") for element in picture.iter())
    drawn = {round(float(value)) for value in re.findall(r"(?:low|high): ([\d.]+)", labels)}
    speeds = [speed for row in rows if (speed := row.figure("requests_per_second"))]
    assert drawn == {round(end) for speed in speeds for end in (speed.low, speed.high) if end is not None}


def test_a_doubtful_row_is_pale(tmp_path: Path) -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    for each in run.slices:
        if each.variant == "fast":
            each.errors, each.failures = 100, {"status 503": 100}
    path = tmp_path / "chart.svg"
    path.write_text(chart(summarize(run).rows["recipe-detail"], "recipe-detail", "95%"))
    assert path.read_text().count(DOUBTFUL_COLOUR) == path.read_text().count(VARIANT_COLOUR) > 0


def test_numbers_of_something_else_are_not_drawn() -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    for each in run.slices:
        if each.variant == "fast":
            each.errors, each.failures = 1, {"wrong body": 1}
    assert ">fast<" not in chart(summarize(run).rows["recipe-detail"], "recipe-detail", "95%")


def test_the_ceiling_has_a_colour_of_its_own(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "chart.svg"
    path.write_text(chart(summarize(run).rows["recipe-detail"], "recipe-detail", "95%"))
    assert CEILING_COLOUR in path.read_text()


def test_growth_is_a_line_a_variant_over_the_numbers_of_hosts(grown: Run, tmp_path: Path) -> None:
    path = tmp_path / "growth.svg"
    path.write_text(growth_chart(summarize(grown).rows["recipe-detail"], "recipe-detail"))
    picture = ET.parse(path)  # noqa: S314 - our own
    texts = [element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert {"recipe-detail: requests per second for a dollar a month", "service hosts", "req/s per USD/month"} <= {
        *texts
    }
    # The numbers of hosts, and the variants in the legend; the ceiling is missing, because it has no price.
    assert {"1", "2", "slow", "fast"} <= {*texts}
    assert "pgbench" not in texts
    labels = [element.get("aria-label") for element in picture.iter("{http://www.w3.org/2000/svg}path")]
    points = {label for label in labels if label and label.startswith("service hosts: ")}
    assert len(points) == 4
    assert any("req/s per USD/month: 3.5" in point and "variant: fast" in point for point in points)

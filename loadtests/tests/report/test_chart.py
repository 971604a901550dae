"""A chart has a bar and a figure for each row."""

from pathlib import Path
from xml.etree import ElementTree as ET

from showdown.measure.results import Run
from showdown.report.chart import CEILING_COLOUR, VARIANT_COLOUR, chart, growth_chart
from showdown.report.summary import summarize


def test_every_row_is_drawn_with_its_figure(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "chart.svg"
    path.write_text(chart(summarize(run).rows["recipe-detail"], "recipe-detail"))
    picture = ET.parse(path)  # noqa: S314 - our own
    texts = {element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")}
    assert {"slow", "fast", "pgbench", "200", "450", "1,100"} <= texts
    assert any(text and text.startswith("recipe-detail: requests per second") for text in texts)


def test_the_ceiling_has_a_colour_of_its_own(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "chart.svg"
    path.write_text(chart(summarize(run).rows["recipe-detail"], "recipe-detail"))
    assert path.read_text().count(VARIANT_COLOUR) == 2
    assert path.read_text().count(CEILING_COLOUR) == 1


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
    assert any("req/s per USD/month: 4.5" in point and "variant: fast" in point for point in points)

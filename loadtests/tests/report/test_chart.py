"""A chart has a bar and a figure for each row."""

from pathlib import Path
from xml.etree import ElementTree as ET

from showdown.report.chart import REFERENCE_COLOUR, VARIANT_COLOUR, write_chart
from showdown.results import Run


def test_every_row_is_drawn_with_its_figure(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "chart.svg"
    write_chart(run, "recipe-detail", path)
    picture = ET.parse(path)  # noqa: S314 - our own
    texts = {element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")}
    assert {"slow", "fast", "pgbench", "200", "450", "1,100"} <= texts
    assert any(text and text.startswith("recipe-detail: requests per second") for text in texts)


def test_the_ceiling_has_a_colour_of_its_own(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "chart.svg"
    write_chart(run, "recipe-detail", path)
    assert path.read_text().count(VARIANT_COLOUR) == 2
    assert path.read_text().count(REFERENCE_COLOUR) == 1

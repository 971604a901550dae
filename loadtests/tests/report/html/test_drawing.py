"""Lines are told apart without colour, and no colour is fixed: they follow the page into the dark."""

import json
from itertools import pairwise

import altair as alt
from showdown.report.figures import Figure
from showdown.report.html.drawing import COLOURS, SHAPES, bars, lines, points


def drawn(count: int) -> dict[str, object]:
    names = [f"variant-{number}" for number in range(count)]
    values = [{"row": name, "x": 1, "y": 2, "point": True, "told": "2"} for name in names]
    return lines(values, names, alt.X("x:Q"), alt.Y("y:Q"), detail=None)


def marks(count: int) -> list[tuple[str, bool]]:
    """Shape, and whether it is filled."""
    points = next(layer for layer in drawn(count)["layer"] if "shape" in layer["encoding"])  # type: ignore[attr-defined]
    shapes, fills = (points["encoding"][name]["scale"]["range"] for name in ("shape", "fill"))
    return [(shape, fill != "var(--paper)") for shape, fill in zip(shapes, fills, strict=True)]


def test_twice_as_many_lines_as_there_are_shapes_differ_without_colour() -> None:
    assert len({*marks(2 * len(SHAPES))}) == 2 * len(SHAPES)


def test_neighbours_differ_in_colour_and_shape() -> None:
    assert all(one[0] != other[0] for one, other in pairwise(marks(50)))
    assert len(COLOURS) % len(SHAPES) != 0


def test_all_colours_are_variables_of_the_page() -> None:
    assert "#" not in json.dumps(drawn(20))
    assert "var(--ink)" in json.dumps(drawn(1))


def test_a_chart_is_as_wide_as_the_page_and_bars_are_equally_high() -> None:
    chart = alt.Chart(alt.Data(values=[{"a": 1}])).mark_bar().encode(x="a:Q")
    assert bars(chart, 3)["width"] == "container"
    assert bars(chart, 6)["height"] == 2 * bars(chart, 3)["height"]


def test_the_length_of_the_longest_name_is_told_for_the_legend() -> None:
    assert drawn(11)["usermeta"] == {"longest": len("variant-10")}


def test_a_point_without_an_interval_is_drawn_too() -> None:
    document = json.dumps(points({"a": Figure(2.0)}, {"a": "2"}, reference=1.0))
    assert '"low": 2.0, "high": 2.0' in document

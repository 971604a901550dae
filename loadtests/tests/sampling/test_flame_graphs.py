"""Flame graphs are inferno's."""

import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from showdown.sampling import flame_graphs
from showdown.sampling.call_stacks import Samples
from showdown.sampling.flame_graphs import PER_REQUEST, draw, draw_difference, nanoseconds, require_inferno
from showdown_contract.errors import ShowdownError

BEFORE: Samples = {("main", "parse"): 30, ("main", "query"): 10}
AFTER: Samples = {("main", "query"): 10}
StandIn = Callable[[str, str], None]


@pytest.fixture
def without_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As if it was not installed into the checkout."""
    monkeypatch.setattr(flame_graphs, "INFERNO", tmp_path / "nothing")


@pytest.fixture
def inferno() -> None:
    if not (flame_graphs.INFERNO / "bin").exists() and shutil.which("inferno-flamegraph") is None:
        pytest.skip(f"inferno is missing: type '{flame_graphs.INSTALL}'")


@pytest.mark.usefixtures("inferno")
def test_every_function_is_in_the_graph(tmp_path: Path) -> None:
    draw(BEFORE, "starlette", tmp_path / "graph.svg")
    text = (tmp_path / "graph.svg").read_text()
    assert ET.fromstring(text).tag.endswith("svg")  # noqa: S314 - our own
    assert "parse (30 samples, 75.00%)" in text
    draw(BEFORE, "starlette", tmp_path / "again.svg")
    assert (tmp_path / "again.svg").read_text() == text


@pytest.mark.usefixtures("inferno")
def test_what_went_away_is_in_the_difference(tmp_path: Path) -> None:
    draw_difference(BEFORE, AFTER, "before and after", tmp_path / "difference.svg", PER_REQUEST)
    text = (tmp_path / "difference.svg").read_text()
    assert "parse (30 ns of CPU a request, 75.00%; -75.00%)" in text


def test_microseconds_are_drawn_as_whole_nanoseconds() -> None:
    assert nanoseconds({("main",): 1.2346}) == {("main",): 1235}


@pytest.mark.usefixtures("without_own")
def test_a_program_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ShowdownError, match=r"inferno-flamegraph is missing, .*: type 'cargo install inferno"):
        require_inferno()


@pytest.mark.usefixtures("without_own")
def test_a_program_that_fails_says_why(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in("inferno-flamegraph", "cat >/dev/null; echo 'no stack counts found' >&2; exit 1")
    with pytest.raises(ShowdownError, match="inferno-flamegraph cannot draw: no stack counts found"):
        draw({}, "nothing", tmp_path / "graph.svg")
    assert not (tmp_path / "graph.svg").exists()

"""A document's marks are filled in from runs that are kept, and a stale figure is seen."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from made_up_chains import made_up_chain_run
from made_up_latency import made_up_latency_run
from made_up_runs import made_up_run
from showdown.measure.results import Grower, write_run
from showdown.report.cited import cited
from showdown_contract.errors import ShowdownError


@pytest.fixture
def filled(tmp_path: Path) -> Callable[[str], str]:
    """What a mark with these words is filled with, of a run in which fast is twice as fast as slow."""
    run = made_up_run({"slow": 1000.0, "fast": 2000.0}, spread=0, laps=3)
    run.growers = {"fast": [Grower(line="ssl.py:455", mib=1.5, blocks=3_000)]}
    for one in run.slices:
        one.tiers["service"].peak_fds = 10 + 3_000 * one.lap
        one.requests = 1_000
    (tmp_path / "made-up").mkdir()
    write_run(run, tmp_path / "made-up")
    return lambda words: cited(f"a <!-- cite {words} -->stale<!-- end --> b", tmp_path)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("figure made-up fast requests_per_second", "2,000 [2,000–2,000]"),
        ("figure made-up fast/slow requests_per_second", "2.00 [2.00–2.00]"),
        ("figure made-up slow/fast service_cpu_us", "2.00 [2.00–2.00]"),
        ("figure made-up slow/fast peak_rss_mib", "1.00"),
        ("times made-up fast/slow requests_per_second", "2.00 [2.00–2.00] ×"),
        ("times made-up slow/fast peak_rss_mib", "1.00 ×"),
        ("command made-up", "`showdown run` at commit `0123456789ab`"),
        ("growers made-up fast", "\n\n- `ssl.py:455`: 1.50 MiB in 3,000 blocks\n\n"),
    ],
)
def test_a_mark_is_filled(filled: Callable[[str], str], words: str, text: str) -> None:
    assert filled(words) == f"a <!-- cite {words} -->{text}<!-- end --> b"


def test_a_verdict_says_what_was_seen(filled: Callable[[str], str]) -> None:
    assert "it keeps 3,000 \\[3,000, 3,000\\] file descriptors" in filled("verdict made-up fast leak")


def test_a_table_has_the_metrics_that_are_named(filled: Callable[[str], str]) -> None:
    lines = filled("table made-up requests_per_second p99_ms").splitlines()
    assert lines[2:6] == [
        "| variant |               req/s | p99 ms |",
        "|---------|--------------------:|-------:|",
        "| fast    | 2,000 [2,000–2,000] |   25.0 |",
        "| slow    | 1,000 [1,000–1,000] |   50.0 |",
    ]


def test_what_is_filled_stays(filled: Callable[[str], str], tmp_path: Path) -> None:
    once = filled("table made-up p99_ms")
    assert cited(once, tmp_path) == once


def test_what_is_no_difference_is_told(tmp_path: Path) -> None:
    (tmp_path / "made-up").mkdir()
    write_run(made_up_run({"slow": 1000.0, "same": 1000.0}), tmp_path / "made-up")
    text = cited("<!-- cite times made-up same/slow requests_per_second --><!-- end -->", tmp_path)
    assert text.endswith("] × (no difference found)<!-- end -->")


def test_the_steps_of_a_chain_are_a_table(tmp_path: Path) -> None:
    (tmp_path / "made-up").mkdir()
    write_run(made_up_chain_run({"a": 100.0, "b": 200.0, "c": 600.0}, spread=0), tmp_path / "made-up")
    lines = cited("<!-- cite steps made-up --><!-- end -->", tmp_path).splitlines()
    assert [[cell.strip() for cell in line.split("|")[1:5]] for line in lines if line.startswith("| ")] == [
        ["step", "knob", "req/s", "× req/s"],
        ["a", "", "100", ""],
        ["to b", "PLAN", "200", "2.00 [2.00–2.00]"],
        ["to c", "PLAN", "600", "3.00 [3.00–3.00]"],
        ["all together", "", "", "6.00 [6.00–6.00]"],
    ]


@pytest.fixture
def of_several(tmp_path: Path) -> Callable[[str], str]:
    """What is cited of a run in which fast is twice as fast as slow at first, and three times with more to do."""
    run = made_up_run({"slow": 1000.0, "fast": 2000.0}, spread=0)
    run.profile.scenarios = ["recipe-detail", "healthz"]
    run.slices += [
        each.model_copy(
            update={
                "scenario": "healthz",
                "requests_per_second": each.requests_per_second * (1.5 if each.variant == "fast" else 1),
            }
        )
        for each in run.slices
    ]
    (tmp_path / "several").mkdir()
    write_run(run, tmp_path / "several")
    return lambda words: cited(f"<!-- cite {words} --><!-- end -->", tmp_path)


@pytest.mark.parametrize(("scenario", "ratio"), [("recipe-detail", "2.00"), ("healthz", "3.00")])
def test_of_several_scenarios_a_mark_names_one(of_several: Callable[[str], str], scenario: str, ratio: str) -> None:
    text = of_several(f"times several:{scenario} fast/slow requests_per_second")
    assert f"-->{ratio} [{ratio}–{ratio}] ×<!--" in text


@pytest.mark.parametrize(
    "words",
    [
        "times several fast/slow requests_per_second",
        "figure several fast p99_ms",
        "table several p99_ms",
        "table several:mixed p99_ms",
        "crossing several fast",
        "places several",
    ],
)
def test_of_several_scenarios_one_has_to_be_named(of_several: Callable[[str], str], words: str) -> None:
    with pytest.raises(ShowdownError, match="means nothing in the run several"):
        of_several(words)


def test_where_two_change_places_over_latency_is_cited(tmp_path: Path) -> None:
    run = made_up_latency_run({"rust": (760.0, 19.0), "last": (3000.0, 1.0)}, {"a": (600.0, 10.0), "b": (2000.0, 1.0)})
    (tmp_path / "over").mkdir()
    write_run(run, tmp_path / "over")
    crossing = cited("<!-- cite crossing over rust --><!-- end -->", tmp_path)
    assert re.search(r"-->1\.\d\d \[1\.\d\d–1\.\d\d\] ms<!--", crossing)
    model = cited("<!-- cite model over --><!-- end -->", tmp_path)
    assert "-->within 15% of 20 of 20 measurements, and furthest off for " in model
    lines = cited("<!-- cite places over --><!-- end -->", tmp_path).splitlines()
    assert [line.split("|")[1].strip() for line in lines if line.startswith("| ")] == ["step", "rust", "to last"]
    with pytest.raises(ShowdownError, match="means nothing in the run over"):
        cited("<!-- cite crossing over last --><!-- end -->", tmp_path)


@pytest.mark.parametrize(
    "words",
    [
        "steps made-up",
        "times made-up fast requests_per_second",
        "figure made-up fast speed",
        "figure made-up faster p99_ms",
        "figure made-up fast",
        "number made-up fast p99_ms",
        "verdict made-up fast errors",
        "growers made-up slow",
        "figure made-up fast/slow errors",
    ],
)
def test_a_mark_that_means_nothing_is_told(filled: Callable[[str], str], words: str) -> None:
    with pytest.raises(ShowdownError, match=f"<!-- cite {words} --> means nothing in the run made-up"):
        filled(words)


def test_a_run_that_is_not_kept_is_told(filled: Callable[[str], str]) -> None:
    with pytest.raises(ShowdownError, match="name the folder of a run"):
        filled("command other")

"""Two runs that have both sampled a variant have a flame graph of what differs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from made_up_runs import SCENARIO, made_up_run, made_up_sampled
from showdown.measure.results import Run
from showdown.report.flame_differences import FlameDifference, flame_differences
from showdown.sampling import flame_graphs
from showdown.sampling.call_stacks import write_stacks

HTTP, JSON = ("main (x)", "parse (h11/_a.py:1)"), ("main (x)", "dumps (json/encoder.py:1)")


@pytest.fixture
def inferno(stand_in: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It draws what it is given: the lines of both, one file after the other, and its words."""
    monkeypatch.setattr(flame_graphs, "INFERNO", tmp_path / "nothing")
    stand_in("inferno-diff-folded", 'cat "$@"')
    stand_in("inferno-flamegraph", 'echo "$@"; cat')


def folder(path: Path, run: Run, samples: dict[tuple[str, ...], int]) -> tuple[Path, Run]:
    for each in run.sampled:
        each.stacks(path).parent.mkdir(parents=True, exist_ok=True)
        write_stacks(samples, each.stacks(path))
    return path, run


def sampled(*variants: str) -> Run:
    """Each takes 100 µs for a request, of which the kernel has none."""
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    run.sampled = [made_up_sampled(name, {"HTTP": 75.0, "JSON": 25.0}) for name in variants]
    return run


@pytest.mark.usefixtures("inferno")
def test_both_are_drawn_by_the_cpu_time_of_a_request(tmp_path: Path) -> None:
    first = folder(tmp_path / "first", sampled("slow", "fast"), {HTTP: 3, JSON: 1})
    # Twice as many samples of the same are no difference.
    second = folder(tmp_path / "second", sampled("slow"), {HTTP: 6, JSON: 2})
    (drawn,) = flame_differences(first, second)
    path = tmp_path / "second" / "profiles" / SCENARIO / "slow-since-first.svg"
    assert drawn == FlameDifference("slow", SCENARIO, path)
    words, *lines = path.read_text().splitlines()
    assert "--title=slow, recipe-detail: less than in first is blue, more is red" in words
    assert "--negate" in words
    one = ["main (x);dumps (json/encoder.py:1) 25000", "main (x);parse (h11/_a.py:1) 75000"]
    assert lines == [*one, *one]


@pytest.mark.usefixtures("inferno")
def test_what_only_one_has_or_another_profiler_has_seen_is_not_drawn(tmp_path: Path) -> None:
    first = folder(tmp_path / "first", sampled("slow"), {HTTP: 3})
    second = folder(tmp_path / "second", sampled("slow", "fast"), {HTTP: 3})
    second[1].sampled[0].profiler = "perf"
    assert list(flame_differences(first, second)) == []


@pytest.mark.usefixtures("inferno")
def test_what_is_no_longer_there_is_not_drawn(tmp_path: Path) -> None:
    first = folder(tmp_path / "first", sampled("slow"), {HTTP: 3})
    assert list(flame_differences(first, (tmp_path / "second", sampled("slow")))) == []

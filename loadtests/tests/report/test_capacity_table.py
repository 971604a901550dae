"""What a search has found is a table, and sentences for what is not as it should be."""

from io import StringIO

import pytest
from made_up_runs import SCENARIO, made_up_run
from rich.console import Console
from showdown.measure.capacity_results import Capacities, CapacityOf, Latency, Look
from showdown.report.capacity_table import show_capacities


def shown(*found: CapacityOf) -> str:
    output = StringIO()
    run = made_up_run({"slow": 100.0, "fast": 900.0})
    show_capacities(
        Capacities(finished_at="2026-01-02T03:09:05+00:00", p99_ms=50, run=run, found=list(found)),
        Console(file=output, width=100),
    )
    return output.getvalue()


@pytest.fixture
def fast() -> CapacityOf:
    latencies = [
        Latency(percent_of_capacity=share, requests_per_second=9.0 * share, p50_ms=1.2, p99_ms=share / 2, waited=0)
        for share in (50, 70, 85)
    ]
    return CapacityOf(
        variant="fast", scenario=SCENARIO, requests_per_second=900, low=880, high=915, is_confirmed=True,
        latencies=latencies,
    )  # fmt: skip


def test_the_highest_comes_first_with_its_interval_and_latencies(fast: CapacityOf) -> None:
    slow = fast.model_copy(update={"variant": "slow", "requests_per_second": 100, "low": 98, "high": 103})
    text = shown(slow, fast)
    assert f"{SCENARIO}: the highest rate with p99 ≤ 50 ms, and latency below it" in text
    first, second = (line for line in text.splitlines() if line.strip().startswith(("fast", "slow")))
    assert first.split() == ["fast", "900", "[880–915]", "1.2,", "25.0", "1.2,", "35.0", "1.2,", "42.5"]
    assert second.split()[:3] == ["slow", "100", "[98–103]"]
    assert "•" not in text


def test_one_that_is_never_fast_enough_is_told() -> None:
    look = Look(requests_per_second=4.0, p99_ms=70.0, is_kept=False)
    text = shown(CapacityOf(variant="slow", scenario=SCENARIO, looks=[look]))
    assert "slow: p99 was above 50 ms even at 4 req/s" in text


def test_an_answer_that_is_not_confirmed_is_told(fast: CapacityOf) -> None:
    text = shown(fast.model_copy(update={"is_confirmed": False}))
    assert "fast: measured again at its rate, it missed the objective" in text


def test_a_fault_is_told_in_a_line(fast: CapacityOf) -> None:
    text = shown(fast.model_copy(update={"fault": "it hangs\nThe end of its log:"}))
    assert "fast failed: it hangs\n" in text


def test_who_had_to_wait_is_told(fast: CapacityOf) -> None:
    fast.latencies[2].waited = 1_200
    assert "fast, at 85%: 1,200 arrivals had to wait for a free user" in shown(fast)

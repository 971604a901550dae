"""What a service keeps of each request is a slope over the requests that it was sent."""

import pytest
from made_up_runs import SCENARIO, made_up_run
from showdown.judge.growth import growth
from showdown.judge.rows import Row, rows
from showdown.measure.results import Run
from showdown.stacks.records import Proxy, TierUsage


def memory(usage: TierUsage) -> float:
    return usage.peak_rss_mib


def growing(run: Run, mib_per_thousand: float, noise: float = 0.0) -> Row:
    """A row of 2,000 requests in each slice, whose memory begins at 100 MiB in each block and grows by so much."""
    for number, one in enumerate(run.slices):
        sign = 1 if number % 3 else -1
        one.requests = 2_000
        one.tiers["service"].peak_rss_mib = 100 + 2 * one.lap * mib_per_thousand + sign * noise
    return rows(run)[0]


def test_a_steady_growth_is_found_exactly() -> None:
    slope = growth(growing(made_up_run({"a": 1000.0}, laps=3), 0.5), memory)
    assert slope is not None
    # From 2,000 requests to 6,000.
    assert (slope.value, slope.low, slope.high, slope.grown) == pytest.approx((0.5, 0.5, 0.5, 2.0))


def test_what_varies_is_in_the_interval() -> None:
    slope = growth(growing(made_up_run({"a": 1000.0}, laps=4), 0.5, noise=0.2), memory)
    assert slope is not None
    assert slope.low < 0.5 < slope.high
    assert 0.01 < slope.high - slope.low < 0.5


def test_requests_under_other_scenarios_count_too() -> None:
    run = made_up_run({"a": 1000.0}, laps=2)
    others = [
        one.model_copy(update={"scenario": "healthz", "started_at": one.started_at + 5, "requests": 2_000})
        for one in run.slices
    ]
    row = growing(run, 0.5)
    run.slices += others
    run.profile.scenarios.append("healthz")
    slope = growth(row, memory)
    assert slope is not None
    assert slope.value == pytest.approx(0.25)
    assert row.scenario == SCENARIO


def test_haproxy_knows_of_requests_outside_of_the_measured_seconds() -> None:
    row = growing(made_up_run({"a": 1000.0}, laps=3), 0.5)
    for one in row.slices:
        one.proxy = Proxy(responses=2_500, server_errors=0, connection_errors=0, most_queued=0)
    slope = growth(row, memory)
    assert slope is not None
    assert slope.value == pytest.approx(0.4)


def test_what_it_holds_before_its_first_request_is_where_the_line_begins() -> None:
    slope = growth(growing(made_up_run({"a": 1000.0}, laps=3), 0.5), memory)
    assert slope is not None
    assert slope.start == pytest.approx(100.0)


def test_of_one_long_block_consecutive_parts_tell_how_much_it_varies() -> None:
    slope = growth(growing(made_up_run({"a": 1000.0}, blocks=1, laps=20), 0.5, noise=0.2), memory)
    assert slope is not None
    assert slope.low < 0.5 < slope.high
    assert (slope.grown, slope.start) == pytest.approx((19, 100), abs=0.5)
    assert growth(growing(made_up_run({"a": 1000.0}, blocks=1, laps=19), 0.5), memory) is None


@pytest.mark.parametrize(("blocks", "laps"), [(2, 3), (6, 1)])
def test_too_few_slices_say_nothing(blocks: int, laps: int) -> None:
    assert growth(growing(made_up_run({"a": 1000.0}, blocks=blocks, laps=laps), 0.5), memory) is None


def test_what_is_not_known_is_no_growth() -> None:
    assert growth(growing(made_up_run({"a": 1000.0}, laps=3), 0.5), lambda _: None) is None

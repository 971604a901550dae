"""The model of one line: a connection goes round between the CPU and round trips to Postgres."""

import pytest
from made_up_latency import throughput
from showdown.explain.model import Model


def model(*, connections: int = 20, at_once: int = 1, cpu_ms: float = 1.0, round_trips_ms: float = 0.0) -> Model:
    return Model(connections, at_once, cpu_ms / 1000, round_trips_ms / 1000)


def test_without_round_trips_only_cpu_counts() -> None:
    found = model(cpu_ms=1.3)
    assert found.requests_per_second == pytest.approx(1000 / 1.3)
    assert found.binds == "CPU"


def test_with_little_cpu_only_round_trips_count() -> None:
    # The article's Rust: 19 round trips of 4 ms for a request, over 20 connections.
    found = model(cpu_ms=1e-6, round_trips_ms=19 * 4)
    assert found.requests_per_second == pytest.approx(263, abs=1)
    assert found.binds == "round trips"


def test_one_connection_is_either_at_the_cpu_or_away() -> None:
    assert model(connections=1, cpu_ms=2, round_trips_ms=8).requests_per_second == pytest.approx(100)


def test_two_connections_wait_for_each_other() -> None:
    """By hand: the second finds the first at the CPU for a fifth of the time, so it takes 2.4 ms there, and 8 away."""
    assert model(connections=2, cpu_ms=2, round_trips_ms=8).requests_per_second == pytest.approx(2 / 0.0104)


def test_where_both_bind_it_is_less_than_either_allows() -> None:
    # 20 ÷ (1 + 19) ms is what round trips allow, and 1 ÷ 1 ms what CPU allows.
    found = model(connections=20, cpu_ms=1, round_trips_ms=19)
    assert 700 < found.requests_per_second < 900


@pytest.mark.parametrize("round_trips_ms", [1.0, 10.0, 20.0, 40.0, 200.0])
def test_it_is_the_machine_repairman_s_closed_form(round_trips_ms: float) -> None:
    found = model(connections=20, at_once=2, cpu_ms=1, round_trips_ms=round_trips_ms)
    assert found.requests_per_second == pytest.approx(throughput(1000, round_trips_ms / 1000))


@pytest.mark.parametrize(("round_trips_ms", "binds"), [(18.9, "CPU"), (19.1, "round trips")])
def test_what_binds_is_the_lower_bound(round_trips_ms: float, binds: str) -> None:
    assert model(connections=20, cpu_ms=1, round_trips_ms=round_trips_ms).binds == binds


def test_workers_share_connections_and_cpu() -> None:
    """Each of two has half of the connections, and a request takes it twice the time, for it has half of the CPU."""
    two = model(connections=20, at_once=2, cpu_ms=1, round_trips_ms=30)
    one = model(connections=10, cpu_ms=2, round_trips_ms=30)
    assert two.requests_per_second == pytest.approx(2 * one.requests_per_second)


def test_connections_that_cannot_be_shared_equally_are_all_counted() -> None:
    found = model(connections=5, at_once=2, cpu_ms=1e-6, round_trips_ms=10)
    assert found.requests_per_second == pytest.approx(500, rel=0.01)

"""The model of one line: connections ÷ (round trips × latency), or CPU."""

import pytest
from showdown.explain.model import Model

# The article's Rust: a pool of 20, and 19 round trips for a request.
RUST = Model(connections=20, by_cpu=760)


def test_without_latency_cpu_binds() -> None:
    assert RUST.by_round_trips(19, 0) is None
    assert RUST.requests_per_second(19, 0) == (760, "CPU")


def test_with_little_latency_cpu_still_binds() -> None:
    assert RUST.by_round_trips(19, 1) == pytest.approx(1053, abs=1)
    assert RUST.requests_per_second(19, 1) == (760, "CPU")


def test_with_much_latency_round_trips_bind() -> None:
    bound, binds = RUST.requests_per_second(19, 4)
    assert (round(bound), binds) == (263, "round trips")


def test_a_larger_pool_waits_more_at_once() -> None:
    more = Model(connections=40, by_cpu=760)
    assert more.requests_per_second(19, 4)[0] == 2 * RUST.requests_per_second(19, 4)[0]

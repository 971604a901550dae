"""A rate is a number of requests per second, or a share of what each variant can do."""

import pytest
from showdown.measure.rates import MOST_RATE_USERS, Capacity, Rate, parsed_rate, users_for
from showdown_contract.errors import ShowdownError


@pytest.mark.parametrize(
    ("text", "rate", "words"),
    [
        ("500/s", Rate(requests_per_second=500), "500 req/s"),
        (" 62.5/s ", Rate(requests_per_second=62.5), "62.5 req/s"),
        ("70%", Rate(percent_of_capacity=70), "70% of each variant's capacity"),
    ],
)
def test_what_was_asked_for_is_read(text: str, rate: Rate, words: str) -> None:
    assert parsed_rate(text, "constant") == rate
    assert str(rate) == words


@pytest.mark.parametrize("text", ["", "500", "/s", "-1/s", "500/min", "1e3/s", "nan%", "70 %", "7" * 10 + "/s", "٣/s%"])
def test_what_is_no_rate_is_told(text: str) -> None:
    with pytest.raises(ShowdownError, match="is no rate: say 500/s, or 70% of each variant's own capacity"):
        parsed_rate(text, "constant")


@pytest.mark.parametrize(("text", "bounds"), [("0/s", "from 1/s to 100000/s"), ("201%", "from 1% to 200%")])
def test_a_rate_that_nobody_can_mean_is_told(text: str, bounds: str) -> None:
    with pytest.raises(ShowdownError, match=f"--rate {text} is out of bounds: {bounds}"):
        parsed_rate(text, "constant")


def test_a_fixed_rate_is_that_of_every_variant() -> None:
    rate = Rate(requests_per_second=500, pattern="poisson")
    assert not rate.needs_capacities
    assert rate.of("any", "mixed", 3) == 500


def test_a_share_is_of_a_variants_own_capacity() -> None:
    rate = Rate(percent_of_capacity=70)
    assert rate.needs_capacities
    assert rate.of("axum", "mixed", 1) is None
    capacity = Capacity(variant="axum", scenario="mixed", service_hosts=1, requests_per_second=1000)
    rate = Rate(percent_of_capacity=70, capacities=[capacity])
    assert not rate.needs_capacities
    assert rate.of("axum", "mixed", 1) == pytest.approx(700)
    # Nothing is known of these.
    assert rate.of("axum", "mixed", 2) is rate.of("axum", "healthz", 1) is rate.of("django", "mixed", 1) is None


def test_there_are_users_for_slow_answers_but_never_too_many() -> None:
    assert users_for(20, 50) == 50
    assert users_for(500, 50) == 250
    assert users_for(100_000, 50) == MOST_RATE_USERS

"""What a request's CPU time consists of."""

import pytest
from made_up_runs import made_up_slice, made_up_tier
from showdown.measure.results import Slice
from showdown.report.cpu_budget import Split, split, unexplained_us


def using(system_us: float | None, requests: int) -> Slice:
    """The service takes 400 µs for a request, Postgres 200 and the generator 30."""
    one = made_up_slice("a", 1, 1, 1000.0, 400.0)
    one.requests = requests
    one.tiers["service"].system_cpu_us_per_request = system_us
    return one


def test_the_service_is_split_by_its_shares_over_all_slices() -> None:
    found = split([using(0.0, 100), using(160.0, 300)])
    assert found
    assert (found.user, found.system) == pytest.approx((0.7, 0.3))


def test_slices_of_which_nobody_asked_for_the_kernels_part_do_not_count() -> None:
    assert split([using(None, 100), using(100.0, 100)]) == Split(0.75, 0.25)
    assert split([using(None, 100)]) is None


def test_unexplained_is_what_no_tier_used() -> None:
    one = using(None, 100)
    one.machine_cpu_us_per_request = 700.0
    assert unexplained_us(one) == pytest.approx(70.0)
    # By ticks the machine was busy for less than its tiers.
    one.machine_cpu_us_per_request = 620.0
    assert unexplained_us(one) == 0


def test_where_a_tier_or_the_machine_does_not_tell_nobody_knows_the_rest() -> None:
    one = using(None, 100)
    assert unexplained_us(one) is None
    one.machine_cpu_us_per_request = 700.0
    one.tiers["haproxy"] = made_up_tier(1.0).model_copy(update={"cpu_us_per_request": None})
    assert unexplained_us(one) is None

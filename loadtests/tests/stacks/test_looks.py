"""What was used between two looks is a rate, and hosts of a tier are added."""

import os
import time

import pytest
from showdown.stacks.looks import MIB, Look, Seen, cores, system_cores, usage


def test_a_look_is_at_what_a_process_has_used() -> None:
    first, began = Look.now(os.getpid()), time.process_time()
    while time.process_time() < began + 0.2:
        pass
    last = Look.now(os.getpid())
    assert last.cpu_seconds - first.cpu_seconds >= 0.2
    assert 0 < cores(first, last) <= 0.2 * 50


@pytest.mark.parametrize("late", [0.0, 0.5, 3.0])
def test_whoever_looks_late_sees_the_same_rate(late: float) -> None:
    assert cores(Look(10 + late, 5.0 + 1.5 * late), Look(12 + late, 8.0 + 1.5 * late)) == pytest.approx(1.5)


@pytest.mark.parametrize(("first", "last"), [((10, 5), (12, 4)), ((10, 5), (10, 6))])
def test_time_that_goes_back_or_not_on_is_nothing_used(first: tuple[float, float], last: tuple[float, float]) -> None:
    assert cores(Look(*first), Look(*last)) == 0


def test_the_kernels_part_is_asked_for_where_it_is_wanted() -> None:
    assert Look.now(os.getpid()).system_seconds is None
    look = Look.now(os.getpid(), split=True)
    assert look.system_seconds is not None
    assert 0 < look.system_seconds < look.cpu_seconds


def test_the_kernels_part_is_no_more_than_the_whole() -> None:
    first, last = Look(10, 5.0, 1.0), Look(12, 8.0, 2.0)
    assert system_cores(first, last) == pytest.approx(0.5)
    assert system_cores(first, Look(12, 8.0, 9.0)) == cores(first, last)
    assert system_cores(first, Look(12, 8.0)) is None


def test_the_machine_is_busy_with_all_that_runs_on_it() -> None:
    first, began = Look.of_machine(), time.process_time()
    while time.process_time() < began + 0.3:
        pass
    assert cores(first, Look.of_machine()) > 0


def test_one_host_is_its_own_usage() -> None:
    tier = usage([Seen(cores=0.5, rss_bytes=100 * MIB, fds=10, connections=20)], per_second=1000)
    assert (tier.cpu_us_per_request, tier.system_cpu_us_per_request) == (500, None)
    assert (tier.peak_cpu_percent, tier.peak_host_cpu_percent) == (50, None)
    assert (tier.peak_rss_mib, tier.peak_fds, tier.peak_connections) == (100, 10, 20)


def test_hosts_are_added_and_the_busiest_is_told() -> None:
    one = Seen(cores=0.5, system_cores=0.1, rss_bytes=100 * MIB, fds=10, connections=None)
    other = Seen(cores=1.0, system_cores=0.3, rss_bytes=50 * MIB, fds=None, connections=None)
    tier = usage([one, other], per_second=1000)
    assert tier.cpu_us_per_request == 1500
    assert tier.system_cpu_us_per_request == pytest.approx(400)
    assert (tier.peak_cpu_percent, tier.peak_host_cpu_percent) == (150, 100)
    assert (tier.peak_rss_mib, tier.peak_fds, tier.peak_connections) == (150, 10, None)


def test_no_requests_have_no_cost() -> None:
    assert usage([Seen(cores=0.5, rss_bytes=0, fds=0, connections=0)], 0).cpu_us_per_request is None

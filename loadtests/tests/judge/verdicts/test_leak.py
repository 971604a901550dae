"""A service that keeps something of each request is told so, and no other."""

from made_up_runs import made_up_run
from showdown.judge.rows import Row, rows
from showdown.judge.verdicts.leak import Leak, verdicts
from showdown.judge.verdicts.verdict import Consequence


def holding(mib: float, descriptors: int, laps: int = 3) -> Row:
    """A row of 1,000 requests in each slice. With each lap its service holds so much more."""
    run = made_up_run({"a": 1000.0}, laps=laps)
    for one in run.slices:
        one.requests = 1_000
        service = one.tiers["service"]
        service.peak_rss_mib = 100 + mib * (one.lap - 1)
        service.peak_fds = 10 + descriptors * (one.lap - 1)
    return rows(run)[0]


def test_a_service_that_keeps_nothing_is_no_doubt() -> None:
    assert list(verdicts(holding(0.0, 0))) == []


def test_a_young_service_may_still_fill_its_pools() -> None:
    assert list(verdicts(holding(1.9, 4))) == []
    assert list(verdicts(holding(0.9, 4, laps=9))) == []


def test_where_there_is_much_an_allocator_keeps_more_of_what_was_freed() -> None:
    row = holding(4.0, 0)
    assert [*verdicts(row)] != []
    for one in row.slices:
        one.tiers["service"].peak_rss_mib += 100
    assert [*verdicts(row)] == []


def test_what_grows_with_every_request_is_a_leak() -> None:
    (found,) = verdicts(holding(4.0, 3_000))
    assert isinstance(found, Leak)
    assert found.consequence == Consequence.NOTE
    assert found.seen == (
        "for each 1,000 requests it keeps 4 [4, 4] MiB of memory, 3,000 [3,000, 3,000] file descriptors; "
        "by that line, extrapolated, a container of 512 MiB is killed after 104,000 [104,000, 104,000] requests, at "
        "500 req/s after 3.47 min [3.47 min, 3.47 min]"
    )


def test_how_long_a_container_lasts_has_an_interval() -> None:
    row = holding(4.0, 0)
    for one in row.slices:
        one.tiers["service"].peak_rss_mib += 0.5 * one.block * (one.lap - 1)
    (found,) = verdicts(row)
    assert "killed after 72,652 [62,058, 87,609] requests, at 500 req/s after 2.42 min [2.07 min" in found.seen


def test_descriptors_alone_are_a_leak_without_an_end_in_memory() -> None:
    (found,) = verdicts(holding(0.0, 20))
    assert found.seen == "for each 1,000 requests it keeps 20 [20, 20] file descriptors"

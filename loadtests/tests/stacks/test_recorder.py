"""The recorder looks at all tiers once a second, whichever they are then."""

import os
import subprocess
import time
from collections.abc import Callable

import psutil
import pytest
from showdown.stacks.recorder import Recorder
from showdown.stacks.records import TierName

Eventually = Callable[[Callable[[], object]], None]


def test_the_first_and_the_last_moment_are_sampled_and_every_tier_in_each() -> None:
    roots: dict[TierName, int] = {"service": os.getpid(), "postgres": psutil.Process().ppid()}
    with Recorder(lambda: roots) as recorder:
        pass
    assert len(recorder.samples) >= 2
    for sample in recorder.samples:
        assert set(sample.tiers) == set(roots)
        assert sample.tiers["service"].rss_bytes > 0
        assert sample.tiers["service"].cpu_seconds > 0
    assert recorder.samples[0].at < recorder.samples[-1].at


def test_tiers_may_change_from_sample_to_sample() -> None:
    found: list[dict[TierName, int]] = [{"service": os.getpid()}, {"postgres": os.getpid()}, {}]
    with Recorder(lambda: found.pop(0) if len(found) > 1 else found[0], interval_seconds=0.01) as recorder:
        while len(found) > 1:
            time.sleep(0.01)
    assert [list(sample.tiers) for sample in recorder.samples[:3]] == [["service"], ["postgres"], []]


def test_a_sample_since_a_moment_is_taken_where_there_is_none(eventually: Eventually) -> None:
    with Recorder(lambda: {"service": os.getpid()}, interval_seconds=60) as recorder:
        eventually(lambda: recorder.samples)
        recorder.require_since(recorder.samples[-1].at)
        assert len(recorder.samples) == 1
        recorder.require_since(time.time())
        assert len(recorder.samples) == 2


def test_a_tier_that_has_ended_costs_nothing_more(eventually: Eventually) -> None:
    with subprocess.Popen(["true"]) as ended:
        eventually(lambda: ended.poll() is not None)
    with Recorder(lambda: {"service": ended.pid}) as recorder:
        pass
    service = recorder.samples[-1].tiers["service"]
    assert (service.cpu_seconds, service.rss_bytes) == (0, 0)


def test_what_stops_the_recorder_is_told_to_whoever_reads() -> None:
    def broken() -> dict[TierName, int]:
        raise ConnectionError("nobody knows")

    with Recorder(broken) as recorder:
        pass
    with pytest.raises(ConnectionError, match="nobody knows"):
        _ = recorder.samples

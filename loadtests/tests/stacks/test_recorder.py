"""The recorder looks at all tiers once a second, and its samples tell what one costs between two moments."""

import os
import subprocess
import time
from collections.abc import Callable

import psutil
import pytest
from showdown.stacks.recorder import MIB, Recorder, Sample, TierSample, usage
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


def sample(at: float, cpu_seconds: float, rss_mib: int = 100, fds: int | None = 10) -> Sample:
    tier = TierSample(cpu_seconds=cpu_seconds, rss_bytes=rss_mib * MIB, fds=fds, connections=fds)
    return Sample(at=at, tiers={"service": tier})


# An idle second, two of a whole core and one of a half.
SAMPLES = [sample(10, 5.0), sample(11, 5.0), sample(12, 6.0), sample(13, 7.0), sample(14, 7.5)]


def test_cpu_per_request_is_of_the_measured_seconds() -> None:
    assert usage(SAMPLES, "service", 11, 13, 1000).cpu_us_per_request == 2000


@pytest.mark.parametrize(("start", "end", "seconds"), [(11.5, 12.5, 1.0), (10.5, 11.5, 0.5), (13.5, 14, 0.25)])
def test_cpu_between_samples_lies_on_a_line(start: float, end: float, seconds: float) -> None:
    assert usage(SAMPLES, "service", start, end, 1_000_000).cpu_us_per_request == pytest.approx(seconds)


def test_a_tier_that_ended_early_is_taken_to_have_gone_on() -> None:
    gone = TierSample(cpu_seconds=0.0, rss_bytes=0, fds=0, connections=0)
    ended = [*SAMPLES, Sample(at=SAMPLES[-1].at + 1, tiers={"service": gone})]
    whole = usage(SAMPLES, "service", SAMPLES[0].at, SAMPLES[-1].at, 1000).cpu_us_per_request
    longer = usage(ended, "service", SAMPLES[0].at, ended[-1].at, 1000).cpu_us_per_request
    assert whole is not None
    assert longer == pytest.approx(whole * (ended[-1].at - ended[0].at) / (SAMPLES[-1].at - SAMPLES[0].at))


def test_outside_the_samples_nothing_is_known_to_have_been_used() -> None:
    assert usage(SAMPLES, "service", 0, 20, 1000).cpu_us_per_request == 2500


def test_no_requests_have_no_cost() -> None:
    assert usage(SAMPLES, "service", 11, 13, 0).cpu_us_per_request is None


def test_peak_cpu_is_that_of_the_busiest_second() -> None:
    assert usage(SAMPLES, "service", 10, 14, 1).peak_cpu_percent == pytest.approx(100)
    assert usage(SAMPLES, "service", 13, 14, 1).peak_cpu_percent == pytest.approx(50)


def test_a_moment_too_short_to_tell_makes_no_peak() -> None:
    assert usage([*SAMPLES, sample(14.01, 7.6)], "service", 10, 14.01, 1).peak_cpu_percent == pytest.approx(100)


def test_peaks_are_of_the_measured_seconds() -> None:
    samples = [sample(10, 0, 500, 99), sample(11, 0, 100, 10), sample(12, 0, 120, 12), sample(13, 0, 900, 99)]
    tier = usage(samples, "service", 10.5, 12.5, 1)
    assert (tier.peak_rss_mib, tier.peak_fds, tier.peak_connections) == (120, 12, 12)


def test_what_the_system_does_not_tell_stays_unknown() -> None:
    tier = usage([sample(10, 0, fds=None), sample(11, 0, fds=None)], "service", 10, 11, 1)
    assert (tier.peak_fds, tier.peak_connections) == (None, None)

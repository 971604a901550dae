"""The recorder measures what a tree of processes costs, including ended children."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
import pytest
from showdown.stacks.recorder import MIB, Recorder, Sample, TierSample, usage

Eventually = Callable[[Callable[[], object]], None]

BURNED_SECONDS = 0.5
# Burns CPU in a child, prints a line when the child has ended, then waits for its stdin.
PARENT = f"""
import subprocess, sys
burn = "import time\\nwhile time.process_time() < {BURNED_SECONDS}: pass"
subprocess.run([sys.executable, "-c", burn], check=True)
print("burned", flush=True)
input()
"""
# Holds 64 MiB and 100 files in a child that still runs.
HOLDER = """
import subprocess, sys
hold = "memory = bytearray(b'x') * (64 << 20); files = [open('/dev/null') for _ in range(100)]"
subprocess.run([sys.executable, "-c", f"{hold}; print('held', flush=True); input()"], check=True)
"""


def no_connections() -> int:
    return 0


@contextmanager
def python(program: str) -> Iterator[int]:
    """The pid of a running program that has printed its line."""
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline()
        yield child.pid
        assert child.stdin is not None
        child.stdin.write(b"\n")


def test_cpu_of_an_ended_grandchild_is_counted() -> None:
    with python(PARENT) as pid, Recorder({"service": pid}, no_connections) as recorder:
        pass
    assert recorder.samples[-1].tiers["service"].cpu_seconds >= BURNED_SECONDS


def test_memory_and_files_of_a_running_child_are_counted() -> None:
    with python(HOLDER) as pid, Recorder({"service": pid}, no_connections) as recorder:
        pass
    service = recorder.samples[-1].tiers["service"]
    assert service.rss_bytes >= 64 * MIB
    assert service.fds is not None
    assert service.fds >= 100


@pytest.mark.skipif(sys.platform == "darwin" and os.geteuid() != 0, reason="macOS tells only root of connections")
def test_established_connections_are_counted_and_listening_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        before = connections_of_ours()
        with socket.create_connection(server.getsockname()) as client, server.accept()[0]:
            # This process holds both ends.
            assert connections_of_ours() == before + 2
            client.close()


def connections_of_ours() -> int:
    with Recorder({"generator": os.getpid()}, no_connections) as recorder:
        pass
    connections = recorder.samples[-1].tiers["generator"].connections
    assert connections is not None
    return connections


def test_the_first_and_the_last_moment_are_sampled_and_every_tier_in_each() -> None:
    roots = {"service": os.getpid(), "postgres": psutil.Process().ppid()}
    with Recorder({"service": roots["service"], "postgres": roots["postgres"]}, lambda: 7) as recorder:
        pass
    assert len(recorder.samples) >= 2
    for sample in recorder.samples:
        assert set(sample.tiers) == set(roots)
        assert sample.database_connections == 7
    assert recorder.samples[0].at < recorder.samples[-1].at


def test_a_tier_that_has_ended_costs_nothing_more(eventually: Eventually) -> None:
    with subprocess.Popen(["true"]) as ended:
        eventually(lambda: ended.poll() is not None)
    with Recorder({"service": ended.pid}, no_connections) as recorder:
        pass
    assert recorder.samples[-1].tiers["service"].cpu_seconds == 0


def test_what_stops_the_recorder_is_told_to_whoever_reads() -> None:
    def broken() -> int:
        raise ConnectionError("Postgres is away")

    with Recorder({}, broken) as recorder:
        pass
    with pytest.raises(ConnectionError, match="Postgres is away"):
        _ = recorder.samples


def sample(at: float, cpu_seconds: float, rss_mib: int = 100, fds: int | None = 10) -> Sample:
    tier = TierSample(cpu_seconds=cpu_seconds, rss_bytes=rss_mib * MIB, fds=fds, connections=fds)
    return Sample(at=at, tiers={"service": tier}, database_connections=20)


# One idle second, two with a whole core and one with half a core.
SAMPLES = [sample(10, 5.0), sample(11, 5.0), sample(12, 6.0), sample(13, 7.0), sample(14, 7.5)]


def test_cpu_per_request_is_of_the_measured_seconds() -> None:
    assert usage(SAMPLES, "service", 11, 13, 1000).cpu_us_per_request == 2000


@pytest.mark.parametrize(("start", "end", "seconds"), [(11.5, 12.5, 1.0), (10.5, 11.5, 0.5), (13.5, 14, 0.25)])
def test_cpu_between_samples_lies_on_a_line(start: float, end: float, seconds: float) -> None:
    assert usage(SAMPLES, "service", start, end, 1_000_000).cpu_us_per_request == pytest.approx(seconds)


def test_a_tier_that_ended_early_is_taken_to_have_gone_on() -> None:
    gone = TierSample(cpu_seconds=0.0, rss_bytes=0, fds=0, connections=0)
    ended = [*SAMPLES, Sample(at=SAMPLES[-1].at + 1, tiers={"service": gone}, database_connections=0)]
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

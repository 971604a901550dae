"""Of a service whose delay and capacity are known, that delay and capacity are read; a frozen one's waits are counted.

How exactly is for an idle machine to say: docs/methodology.md has the command.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from showdown.generators.latencies import decoded
from showdown.generators.locust import LOCUSTFILE
from showdown.generators.measurement import LoadSummary
from showdown.measure.results import Run, read_run
from showdown_stack.ports import accepts, free_port

CALIBRATION = Path(__file__).parent / "calibration"
DELAY_US, CAPACITY = 10_000, 500
Showdown = Callable[..., subprocess.CompletedProcess[str]]
Eventually = Callable[[Callable[[], object]], None]


@pytest.fixture(scope="module", autouse=True)
def calibration_state(session_folder: Path) -> Iterator[None]:
    """$SHOWDOWN_STATE of these tests, one after the other: the data set is made once."""
    folder = session_folder / "calibration"
    folder.mkdir(mode=0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOWDOWN_STATE", str(folder))
        yield


@pytest.fixture
def run_at(showdown: Showdown, reachable_folder: Path) -> Callable[..., tuple[Run, str]]:
    """Runs it at a rate: the results, and what is shown, in one line."""

    def call(rate: str, *options: str) -> tuple[Run, str]:
        folder = reachable_folder / "run"
        told = ["--contract", str(CALIBRATION), "--profile", "smoke", "--no-twin", "--direct", "--out", str(folder)]
        result = showdown("run", "--rate", rate, *told, *options)
        assert result.returncode == 0, result.stdout + result.stderr
        return read_run(folder), " ".join(result.stdout.split())

    return call


@pytest.mark.parametrize("pattern", ["constant", "poisson"])
def test_no_answer_comes_before_its_delay(run_at: Callable[..., tuple[Run, str]], pattern: str) -> None:
    run, _ = run_at("50/s", "--arrivals", pattern)
    assert run.rate
    assert (run.rate.requests_per_second, run.rate.pattern) == (50, pattern)
    assert len(run.slices) == 2
    for one in run.slices:
        assert one.asked_requests_per_second == 50
        assert one.arrivals
        assert 0 < one.requests <= one.arrivals.due
        # Three digits of it are kept.
        assert decoded(one.histogram).get_min_value() >= 0.999 * DELAY_US


def test_above_its_capacity_the_rate_is_missed_and_waits_are_counted(run_at: Callable[..., tuple[Run, str]]) -> None:
    # With more, the second slice would be over before the service is done with what the first one has left behind.
    run, shown = run_at(f"{2 * CAPACITY}/s")
    for one in run.slices:
        assert one.arrivals
        assert one.arrivals.waited > 0
        assert one.arrivals.unsent + one.arrivals.unanswered > 0
        # What is answered while the last answers are waited for was due in the slice, too.
        assert one.requests_per_second < 2.5 * CAPACITY
    assert "rate missed" in shown
    assert "had to wait for a free user" in shown


def test_a_share_is_of_the_capacity_that_was_measured(run_at: Callable[..., tuple[Run, str]]) -> None:
    run, shown = run_at("10%")
    assert run.rate
    (capacity,) = run.rate.capacities
    # On a busy machine it may be less, but nothing makes it more.
    assert 0 < capacity.requests_per_second < 1.1 * CAPACITY
    assert {one.asked_requests_per_second for one in run.slices} == {capacity.requests_per_second / 10}
    assert "10% of each variant's capacity" in shown


@contextmanager
def calibrated(eventually: Eventually) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The service by itself, and its URL."""
    port = free_port()
    environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(port), "POOL_SIZE": "5", "DELAY_MS": "10"}
    with subprocess.Popen([sys.executable, CALIBRATION / "service.py"], env=environment) as service:
        try:
            eventually(lambda: accepts(port))
            yield f"http://127.0.0.1:{port}", service
        finally:
            service.kill()


def test_while_it_is_frozen_all_who_would_have_asked_wait(eventually: Eventually, tmp_path: Path) -> None:
    file, users, rate, frozen_seconds = tmp_path / "summary.json", 20, 100, 2
    with calibrated(eventually) as (url, service):
        load: list[str | Path] = [
            sys.executable, "-m", "locust", "-f", LOCUSTFILE, "--headless", "-H", url, "-u", str(users),
            "-r", str(users), "-t", "8s", "--contract", CALIBRATION, "--rate", str(rate), "--summary", file,
        ]  # fmt: skip
        with subprocess.Popen(load, stderr=subprocess.PIPE, text=True) as loading:
            assert loading.stderr is not None
            assert any("All users spawned" in line for line in loading.stderr)
            time.sleep(1)
            service.send_signal(signal.SIGSTOP)
            time.sleep(frozen_seconds)
            service.send_signal(signal.SIGCONT)
            loading.communicate()
    (seen,) = LoadSummary.model_validate_json(file.read_bytes()).entries
    assert seen.arrivals
    assert seen.arrivals.waited >= frozen_seconds * rate - users - 5
    latencies = decoded(seen.histogram)
    assert latencies.get_min_value() >= 0.999 * DELAY_US
    # Of about 800 requests some 200 were due while it was frozen, the first of them for all that time.
    assert latencies.get_value_at_percentile(99) >= 0.75 * frozen_seconds * 1e6

"""All requests of Locust's workers are counted, however slow the answer; a worker that falls silent is lost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from servers import Handler, running_server
from showdown.contract.contract import load_contract
from showdown.generators.load import Load
from showdown.generators.locust import LOCUSTFILE, LocustGenerator
from showdown.generators.measurement import LoadSummary
from showdown.requests.scenarios import Profile
from showdown_contract.errors import ShowdownError
from showdown_stack.ports import LOOPBACK, free_port
from showdown_stack.process import Process
from showdown_stack.tiers import Tiers

USERS = 4
# After four seconds of load, the last answer comes later than the half second that Locust itself waits.
SLOW_SECONDS = 1.2
HEALTHY = b'{"status":"ok"}'
Eventually = Callable[[Callable[[], object]], None]


@dataclass
class SlowService:
    url: str
    asked: list[str] = field(default_factory=list)
    """The path of each request received so far."""


@pytest.fixture
def slow() -> Iterator[SlowService]:
    """A service that is healthy but slow."""
    service = SlowService("")

    class Slow(Handler):
        def respond(self) -> None:
            service.asked.append(self.path)
            time.sleep(SLOW_SECONDS)
            self.answer(HEALTHY)

    with running_server(Slow) as service.url:
        yield service


@dataclass
class Distributed:
    """A master that waits for two workers, and the workers that were started."""

    load: Load
    generator: LocustGenerator
    master: Process
    workers: list[Process]

    def end(self, eventually: Eventually) -> LoadSummary:
        eventually(lambda: not self.master.running)
        assert self.master.exit_code == 0, self.master.log_tail()
        return self.generator.summary(self.load)


@pytest.fixture
def distributed(tmp_path: Path) -> Iterator[Callable[..., Distributed]]:
    """Starts a master and workers that load a service."""
    with ExitStack() as resources:

        def start(url: str, workers: int = 2, wait_seconds: int = 60) -> Distributed:
            profile = Profile(
                description="", scenarios=["healthz"], rounds=1, users=USERS, warm_up_seconds=1, measure_seconds=1
            )

            def load(name: str) -> Load:
                return Load(
                    url, "healthz", load_contract().scenarios.scenarios["healthz"], profile, 2_000, 1, tmp_path / name
                )

            port = str(free_port())
            master = ("--master", "--master-bind-host", LOOPBACK, "--master-bind-port", port)
            wait = ("--expect-workers", "2", "--expect-workers-max-wait", str(wait_seconds))
            generator = LocustGenerator((*master, *wait))
            worker = LocustGenerator(("--worker", "--master-host", LOOPBACK, "--master-port", port))
            return Distributed(
                load("round"),
                generator,
                resources.enter_context(generator.start(load("round"))),
                [resources.enter_context(worker.start(load(f"worker{number}"))) for number in range(1, workers + 1)],
            )

        yield start


def asks(worker: Process) -> bool:
    """Whether the worker has a connection other than that to its master."""
    connections = psutil.Process(worker.pid).net_connections("tcp")
    return sum(connection.status == psutil.CONN_ESTABLISHED for connection in connections) > 1


def test_what_several_have_seen_is_one_summary(
    starlette: Tiers, distributed: Callable[..., Distributed], eventually: Eventually
) -> None:
    assert starlette.haproxy is not None, "haproxy counts what Locust sends: install it"
    before = starlette.haproxy.totals().responses
    together = distributed(starlette.url)
    seen = together.end(eventually)
    assert seen.total_requests == starlette.haproxy.totals().responses - before
    assert 0 < seen.requests < seen.total_requests
    assert seen.measured_seconds == pytest.approx(1)
    assert (seen.errors, seen.lost_workers) == (0, 0)
    # The workers end with the load, and without an error.
    eventually(lambda: not any(worker.running for worker in together.workers))
    assert [worker.exit_code for worker in together.workers] == [0, 0]
    assert not any(path.exists() for path in together.load.files.parent.glob("worker*.json"))


def test_answers_that_are_under_way_at_the_end_count(
    slow: SlowService, distributed: Callable[..., Distributed], eventually: Eventually
) -> None:
    seen = distributed(slow.url).end(eventually)
    assert seen.total_requests == len(slow.asked)
    assert (seen.errors, seen.lost_workers) == (0, 0)


def test_answers_count_that_are_under_way_when_somebody_interrupts(
    slow: SlowService, tmp_path: Path, eventually: Eventually
) -> None:
    summary, port = tmp_path / "summary.json", str(free_port())
    words: list[str | Path] = [
        "--locustfile", LOCUSTFILE, "--headless", "--host", slow.url, "--processes", "2", "--stop-timeout", "5",
        "--users", str(USERS), "--spawn-rate", str(USERS), "--scenario", "healthz", "--summary", summary,
        "--master-bind-port", port, "--master-port", port,
    ]  # fmt: skip
    with (tmp_path / "log").open("wb") as log:
        locusts = subprocess.Popen(
            [sys.executable, "-m", "locust", *words], stdout=log, stderr=log, start_new_session=True
        )
    with locusts:
        try:
            # By then each of the two workers has users.
            eventually(lambda: len(slow.asked) > 4 * USERS)
            # As a terminal does on Ctrl-C.
            os.killpg(locusts.pid, signal.SIGINT)
            assert locusts.wait() == 0, (tmp_path / "log").read_text()
        finally:
            if locusts.poll() is None:
                os.killpg(locusts.pid, signal.SIGKILL)
    seen = LoadSummary.model_validate_json(summary.read_bytes())
    assert seen.total_requests == len(slow.asked)
    assert seen.errors == 0


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_that_ends_in_mid_run_is_lost(
    how: signal.Signals, starlette: Tiers, distributed: Callable[..., Distributed], eventually: Eventually
) -> None:
    together = distributed(starlette.url)
    eventually(lambda: all(map(asks, together.workers)))
    os.kill(together.workers[0].pid, how)
    seen = together.end(eventually)
    assert seen.lost_workers == 1
    assert seen.requests > 0


def test_a_worker_that_freezes_is_lost_and_not_waited_for_without_end(
    starlette: Tiers, distributed: Callable[..., Distributed], eventually: Eventually
) -> None:
    together = distributed(starlette.url)
    eventually(lambda: all(map(asks, together.workers)))
    frozen = together.workers[0]
    os.kill(frozen.pid, signal.SIGSTOP)
    seen = together.end(eventually)
    assert frozen.running
    os.kill(frozen.pid, signal.SIGKILL)
    assert seen.lost_workers == 1
    assert seen.requests > 0


def test_a_worker_that_does_not_come_is_not_waited_for_without_end(
    starlette: Tiers, distributed: Callable[..., Distributed], eventually: Eventually
) -> None:
    alone = distributed(starlette.url, workers=1, wait_seconds=3)
    eventually(lambda: not alone.master.running)
    assert alone.master.exit_code == 1
    assert "Gave up waiting for workers to connect" in alone.master.log_tail()
    with pytest.raises(ShowdownError, match=r"Locust ended without a summary"):
        alone.generator.summary(alone.load)

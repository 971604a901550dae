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
from showdown.generators.locust import LOCUSTFILE, LocustGenerator, LocustLoading, read_summary
from showdown.generators.measurement import Counted, LoadSummary
from showdown.generators.timetable import Entry
from showdown_contract.errors import ShowdownError
from showdown_stack.ports import LOOPBACK, free_port
from showdown_stack.process import Process
from showdown_stack.tiers import Tiers

USERS = 4
# The last answer is late by more than the half second that Locust itself waits for it.
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
    loading: LocustLoading
    of_workers: list[LocustLoading]

    @property
    def master(self) -> Process:
        return self.loading.process

    @property
    def workers(self) -> list[Process]:
        return [loading.process for loading in self.of_workers]

    def follow(self, url: str) -> None:
        """All go by one timetable: a second that does not count, one that does, and time for the last answers."""
        all_ = [self.loading, *self.of_workers]
        for loading in all_:
            loading.wait_until_ready()
        now = time.time() + 0.5
        entry = Entry(now, now + 1, now + 2, now + 2, now + 2 + 3 * SLOW_SECONDS, url, "healthz", USERS, "1")
        for loading in all_:
            loading.follow([entry])

    def end(self, eventually: Eventually) -> LoadSummary:
        eventually(lambda: not self.master.running)
        assert self.master.exit_code == 0, self.master.log_tail()
        return read_summary(self.load)


def only(seen: LoadSummary) -> Counted:
    (counted,) = seen.entries
    return counted


@pytest.fixture
def distributed(tmp_path: Path) -> Iterator[Callable[..., Distributed]]:
    """Starts a master and workers that load a service; without one they wait."""
    with ExitStack() as resources:

        def start(url: str | None, workers: int = 2, wait_seconds: int = 60) -> Distributed:
            def load(name: str) -> Load:
                return Load(load_contract().scenarios.scenarios, USERS, 2_000, tmp_path / name)

            port = str(free_port())
            master = ("--master", "--master-bind-host", LOOPBACK, "--master-bind-port", port)
            wait = ("--expect-workers", "2", "--expect-workers-max-wait", str(wait_seconds))
            generator = LocustGenerator((*master, *wait))
            worker = LocustGenerator(
                ("--worker", "--master-host", LOOPBACK, "--master-port", port, "--worker-count", "2")
            )
            together = Distributed(
                load("block"),
                resources.enter_context(generator.start(load("block"))),
                [resources.enter_context(worker.start(load(f"worker{number}"))) for number in range(1, workers + 1)],
            )
            if url:
                together.follow(url)
            return together

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
    assert only(seen).total_requests == starlette.haproxy.totals().responses - before
    assert 0 < only(seen).requests < only(seen).total_requests
    assert only(seen).measured_seconds == pytest.approx(1)
    assert (only(seen).errors, seen.lost_workers) == (0, 0)
    # They end when the load does, and nothing is wrong with that.
    eventually(lambda: not any(worker.running for worker in together.workers))
    assert [worker.exit_code for worker in together.workers] == [0, 0]
    assert not any(path.exists() for path in together.load.files.parent.glob("worker*-locust.json"))


def test_answers_that_are_under_way_at_the_end_count(
    slow: SlowService, distributed: Callable[..., Distributed], eventually: Eventually
) -> None:
    seen = distributed(slow.url).end(eventually)
    assert only(seen).total_requests == len(slow.asked)
    assert (only(seen).errors, seen.lost_workers) == (0, 0)


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
    assert only(seen).total_requests == len(slow.asked)
    assert only(seen).errors == 0


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_that_ends_in_mid_run_is_lost(
    how: signal.Signals, starlette: Tiers, distributed: Callable[..., Distributed], eventually: Eventually
) -> None:
    together = distributed(starlette.url)
    eventually(lambda: all(map(asks, together.workers)))
    os.kill(together.workers[0].pid, how)
    seen = together.end(eventually)
    assert seen.lost_workers == 1
    assert only(seen).requests > 0


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
    assert only(seen).requests > 0


def test_a_worker_that_does_not_come_is_not_waited_for_without_end(
    distributed: Callable[..., Distributed], eventually: Eventually
) -> None:
    alone = distributed(None, workers=1, wait_seconds=3)
    eventually(lambda: not alone.master.running)
    assert alone.master.exit_code == 1
    assert "Gave up waiting for workers to connect" in alone.master.log_tail()
    with pytest.raises(ShowdownError, match=r"Locust ended without a summary"):
        read_summary(alone.load)

"""Locust is started by our locustfile, alone or as one of several; more runs are in test_locustfile.py, test_run.py."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from local_stack.ports import LOOPBACK, free_port
from local_stack.process import Process
from local_stack.stack import Stack
from showdown.errors import ShowdownError
from showdown.generators.load import Load
from showdown.generators.locust import LocustGenerator
from showdown.generators.measurement import LoadSummary
from showdown.scenarios import Profile, load_scenario_file

WORKLOADS = load_scenario_file()
RECIPES = 2_000
USERS = 4
Eventually = Callable[[Callable[[], object]], None]


def a_load(files: Path) -> Load:
    return Load("", "mixed", WORKLOADS.scenarios["mixed"], WORKLOADS.profiles["smoke"], RECIPES, 1, files)


def test_it_can_do_every_scenario() -> None:
    for name, scenario in WORKLOADS.scenarios.items():
        LocustGenerator().require(name, scenario, 1)


@pytest.mark.parametrize("content", [None, "", "{}"])
def test_one_that_left_no_summary_is_an_error(tmp_path: Path, content: str | None) -> None:
    load = a_load(tmp_path / "round")
    if content is not None:
        load.file(".json").write_text(content)
    with pytest.raises(ShowdownError, match=r"Locust ended without a summary: see .*round\.log"):
        LocustGenerator().summary(load)


@dataclass
class Distributed:
    """A master that waits for two workers, and as many as were started."""

    load: Load
    generator: LocustGenerator
    master: Process
    workers: list[Process]

    def end(self, eventually: Eventually) -> LoadSummary:
        eventually(lambda: not self.master.running)
        assert self.master.exit_code == 0, self.master.log_tail()
        return self.generator.summary(self.load)


@pytest.fixture
def distributed(starlette: Stack, tmp_path: Path) -> Iterator[Callable[..., Distributed]]:
    """Starts a master and workers that load a real service."""
    with ExitStack() as resources:

        def start(workers: int, measure_seconds: int = 1, wait_seconds: int = 60) -> Distributed:
            profile = Profile(
                description="", scenarios=["healthz"], rounds=1, users=USERS, warm_up_seconds=1,
                measure_seconds=measure_seconds,
            )  # fmt: skip
            load = Load(
                starlette.url, "healthz", WORKLOADS.scenarios["healthz"], profile, RECIPES, 1, tmp_path / "round"
            )
            port = str(free_port())
            master = ("--master", "--master-bind-host", LOOPBACK, "--master-bind-port", port)
            wait = ("--expect-workers", "2", "--expect-workers-max-wait", str(wait_seconds))
            generator = LocustGenerator((*master, *wait))
            worker = LocustGenerator(("--worker", "--master-host", LOOPBACK, "--master-port", port))
            return Distributed(
                load,
                generator,
                resources.enter_context(generator.start(load)),
                [
                    resources.enter_context(
                        worker.start(
                            Load(load.url, "healthz", load.scenario, profile, RECIPES, 1, tmp_path / f"worker{number}")
                        )
                    )
                    for number in range(1, workers + 1)
                ],
            )

        yield start


def asks(worker: Process) -> bool:
    """Whether it is connected to more than its master."""
    connections = psutil.Process(worker.pid).net_connections("tcp")
    return sum(connection.status == psutil.CONN_ESTABLISHED for connection in connections) > 1


def test_what_several_have_seen_is_one_summary(
    starlette: Stack, distributed: Callable[..., Distributed], eventually: Eventually
) -> None:
    assert starlette.haproxy is not None, "haproxy counts what Locust sends: install it"
    before = starlette.haproxy.totals().responses
    together = distributed(workers=2)
    eventually(lambda: all(map(asks, together.workers)))
    seen = together.end(eventually)
    counted = starlette.haproxy.totals().responses - before
    assert counted - USERS <= seen.total_requests <= counted
    assert 0 < seen.requests < seen.total_requests
    assert seen.measured_seconds == pytest.approx(1)
    assert (seen.errors, seen.lost_workers) == (0, 0)
    # They end when the load does, and nothing is wrong with that.
    eventually(lambda: not any(worker.running for worker in together.workers))
    assert [worker.exit_code for worker in together.workers] == [0, 0]
    assert not any(path.exists() for path in together.load.files.parent.glob("worker*.json"))


def test_a_worker_that_is_killed_is_missed(distributed: Callable[..., Distributed], eventually: Eventually) -> None:
    # Locust notices within four seconds.
    together = distributed(workers=2, measure_seconds=4)
    eventually(lambda: all(map(asks, together.workers)))
    os.kill(together.workers[0].pid, signal.SIGKILL)
    seen = together.end(eventually)
    assert seen.lost_workers == 1
    assert seen.requests > 0


def test_a_worker_that_does_not_come_is_not_waited_for_without_end(
    distributed: Callable[..., Distributed], eventually: Eventually
) -> None:
    alone = distributed(workers=1, wait_seconds=3)
    eventually(lambda: not alone.master.running)
    assert alone.master.exit_code == 1
    assert "Gave up waiting for workers to connect" in alone.master.log_tail()
    with pytest.raises(ShowdownError, match=r"Locust ended without a summary"):
        alone.generator.summary(alone.load)

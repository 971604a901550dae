"""Locust on several hosts: the master on the first one, and on every host one worker for each processor."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Self

from showdown_contract.errors import ShowdownError

from showdown.generators.load import LOAD, Load
from showdown.generators.measurement import LoadSummary
from showdown.generators.timetable import TIMETABLE, Timetable
from showdown.requests.scenarios import Scenario
from showdown.stacks.cloud.ssh import RemoteHost, Task
from showdown.stacks.cloud.tasks import Tasks

# Workers may start late. One that is later than this is missed, and the block has no result.
WORKERS_WAIT_SECONDS = 30


@dataclass(frozen=True)
class DistributedLocust:
    """A load generator that runs on the hosts of the generator tier."""

    hosts: Sequence[RemoteHost]
    processors: Sequence[int]
    """Their number on each host."""
    port: int

    def require(self, name: str, scenario: Scenario, size: int) -> None:
        """Do nothing: it can do every scenario."""

    def versions(self) -> dict[str, str]:
        return {"locust": version("locust")}

    def start(self, load: Load) -> "DistributedLoading":
        master_address = self.hosts[0].about.private_address
        workers = [host for host, count in zip(self.hosts, self.processors, strict=True) for _ in range(count)]
        master = [
            "--master", "--master-bind-port", str(self.port),
            "--expect-workers", str(len(workers)), "--expect-workers-max-wait", str(WORKERS_WAIT_SECONDS),
        ]  # fmt: skip
        worker = [
            "--worker", "--master-host", master_address, "--master-port", str(self.port),
            "--worker-count", str(len(workers)),
        ]  # fmt: skip
        tasks: list[Task] = []
        loading = DistributedLoading(Tasks("Locust", tasks))
        try:
            tasks.append(_start(self.hosts[0], "Locust's master", load, "", master))
            for number, host in enumerate(workers, start=1):
                tasks.append(_start(host, f"Locust's worker {number}", load, f"-worker{number}", worker))
        except BaseException:
            loading.stop()
            raise
        return loading


@dataclass(frozen=True)
class DistributedLoading:
    """Locusts of several hosts, which live through a block."""

    process: Tasks

    def wait_until_ready(self) -> None:
        self.process.wait_until_ready()

    def follow(self, timetable: Timetable) -> None:
        self.process.tell(TIMETABLE.dump_python(list(timetable), mode="json"))

    def begin(self, index: int) -> None:
        """Nothing: each has a clock of its own."""

    def check(self) -> None:
        """Raise ShowdownError where one has failed: its users have left with it."""
        if failed := self.process.failed():
            raise ShowdownError(failed.how_it_ended(" in mid-run"))

    def stop(self) -> None:
        self.process.stop()

    def summary(self) -> LoadSummary:
        seen = LoadSummary.model_validate(self.process.answers()[0].summary)
        if seen.lost_workers:
            raise ShowdownError(f"{seen.lost_workers} of Locust's workers fell silent: what they sent is not counted")
        return seen

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _start(host: RemoteHost, name: str, load: Load, suffix: str, role: list[str]) -> Task:
    files = load.files.with_name(f"{load.files.name}-locust{suffix}")
    request: dict[str, Any] = {"load": LOAD.dump_python(load, mode="json"), "role": role}
    return host.start(name, files, "locust", **request)

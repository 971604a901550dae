"""Locust on several hosts: the master on the first one, and on every host one worker for each processor."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from showdown_contract.errors import ShowdownError

from showdown.generators.load import LOAD, Load
from showdown.generators.measurement import LoadSummary
from showdown.requests.scenarios import Scenario
from showdown.stacks.cloud.ssh import RemoteHost, Task
from showdown.stacks.cloud.tasks import Tasks

# The master waits this long for its workers. If one is missing then, the round has no result.
WORKERS_WAIT_SECONDS = 30


@dataclass
class DistributedLocust:
    """A load generator that runs on the hosts of the generator tier."""

    hosts: Sequence[RemoteHost]
    processors: Sequence[int]
    """Their number on each host."""
    port: int
    _tasks: Tasks | None = field(default=None, init=False)

    def require(self, name: str, scenario: Scenario, recipes: int) -> None:
        """Do nothing: it can do every scenario."""

    def versions(self) -> dict[str, str]:
        return {"locust": version("locust")}

    def prepare(self, load: Load) -> None:
        """Do nothing: the warm-up is part of Locust's run."""

    def start(self, load: Load) -> Tasks:
        master_address = self.hosts[0].about.private_address
        workers = [host for host, count in zip(self.hosts, self.processors, strict=True) for _ in range(count)]
        master = [
            "--master", "--master-bind-port", str(self.port),
            "--expect-workers", str(len(workers)), "--expect-workers-max-wait", str(WORKERS_WAIT_SECONDS),
        ]  # fmt: skip
        worker = ["--worker", "--master-host", master_address, "--master-port", str(self.port)]
        tasks: list[Task] = []
        self._tasks = Tasks("Locust", tasks)
        try:
            tasks.append(self._start(self.hosts[0], "Locust's master", load, "", master))
            for number, host in enumerate(workers, start=1):
                tasks.append(self._start(host, f"Locust's worker {number}", load, f"-worker{number}", worker))
        except BaseException:
            self._tasks.stop()
            raise
        return self._tasks

    def check(self, load: Load) -> None:  # noqa: ARG002 - only one load runs at a time
        """Raise ShowdownError if a worker has failed, for its users are gone."""
        if self._tasks and (failed := self._tasks.failed()):
            raise ShowdownError(failed.how_it_ended(" in mid-run"))

    def summary(self, load: Load) -> LoadSummary:  # noqa: ARG002 - only one load runs at a time
        assert self._tasks is not None  # noqa: S101 - start() comes first
        seen = LoadSummary.model_validate(self._tasks.answers()[0].summary)
        if seen.lost_workers:
            raise ShowdownError(f"{seen.lost_workers} of Locust's workers fell silent: what they sent is not counted")
        return seen

    def _start(self, host: RemoteHost, name: str, load: Load, suffix: str, role: list[str]) -> Task:
        files = load.files.with_name(f"{load.files.name}{suffix}")
        request: dict[str, Any] = {"load": LOAD.dump_python(load, mode="json"), "role": role}
        return host.start(name, files, "locust", **request)

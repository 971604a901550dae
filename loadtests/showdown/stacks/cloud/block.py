"""Services of several variants on the hosts of a cloud stack, each at a place of its own on all service hosts."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from showdown_contract.errors import ShowdownError

from showdown.contenders.variants import Variant
from showdown.generators.pgbench import CEILING_TURNS, CeilingTurn
from showdown.stacks.agent.tiers import DATABASE_CA
from showdown.stacks.cloud.outputs import Outputs
from showdown.stacks.cloud.ssh import RemoteHost, Task
from showdown.stacks.cloud.tasks import Tasks
from showdown.stacks.cloud.watched import CloudCeilings, CloudWatched
from showdown.stacks.stack import Window

# For a timetable to reach all hosts.
LEAD_SECONDS = 4.0


class Hosts(Protocol):
    """What a block needs of its stack."""

    @property
    def outputs(self) -> Outputs: ...

    @property
    def hosts(self) -> dict[str, list[RemoteHost]]: ...

    @property
    def logs(self) -> Path: ...

    @property
    def clock_offset(self) -> float: ...


class CloudBlock:
    """Variants whose services are up at once."""

    def __init__(self, stack: Hosts, variants: Mapping[str, Variant], files: Path) -> None:
        self._stack = stack
        self._variants = variants
        self._files = files
        self._places = {name: place for place, name in enumerate(variants, start=1)}
        self._services: dict[str, Tasks] = {}
        self._faults: dict[str, str] = {}
        self._is_stopped = False

    def start(self) -> None:
        """All at the same time, on all service hosts."""
        for name in self._variants:
            tasks: list[Task] = []
            self._services[name] = Tasks(name, tasks, endless=True)
            for host in self._stack.hosts["service"]:
                # One by one, so that those that have been started are stopped if another cannot be.
                tasks.append(self._serve(host, name))  # noqa: PERF401

    def wait_until_ready(self) -> None:
        for name, tasks in self._services.items():
            try:
                tasks.wait_until_ready()
            except ShowdownError as error:
                self._faults[name] = str(error)

    def stop(self) -> None:
        """All at the same time; each host's log of a service grows from block to block."""
        _ = self.faults
        self._is_stopped = True
        for tasks in self._services.values():
            tasks.let_go()
        for name, tasks in self._services.items():
            with suppress(ShowdownError):
                for host, answer in zip(self._stack.hosts["service"], tasks.answers(), strict=True):
                    with (self._stack.logs / f"{name}-{host.name}.log").open("a") as log:
                        log.write(answer.log)
            tasks.stop()

    @property
    def faults(self) -> Mapping[str, str]:
        for name, tasks in self._services.items():
            if not self._is_stopped and name not in self._faults and (failed := tasks.failed()):
                self._faults[name] = failed.how_it_ended(" under load")
        return self._faults

    @property
    def lead_seconds(self) -> float:
        return LEAD_SECONDS

    def now(self) -> float:
        return time.time() + self._stack.clock_offset

    def url(self, name: str) -> str:
        return self._stack.outputs.stack.haproxy.urls[self._places[name] - 1]

    def root(self, _name: str) -> None:
        return None

    def differences(self, name: str) -> list[str]:
        """Asked by a generator host: from here every answer would have to cross half of the world."""
        asker = self._stack.hosts["generator"][0]
        return [
            f"{host.name}: {fault}"
            for host in self._stack.hosts["service"]
            for fault in asker.ask(
                "verify",
                url=f"http://{host.about.private_address}:{self._port(name)}",
                lookup=self._variants[name].lookup,
            )
        ]

    @contextmanager
    def ceilings(self, turns: Sequence[CeilingTurn]) -> Iterator[CloudCeilings]:
        tasks = []
        if turns:
            tasks.append(
                self._stack.hosts["generator"][0].start(
                    "pgbench",
                    self._file("pgbench"),
                    "ceilings",
                    turns=CEILING_TURNS.dump_python(list(turns), mode="json"),
                    dsn=self._stack.outputs.api_dsn(str(DATABASE_CA)),
                    database_ca=self._stack.outputs.database_ca,
                )
            )
        with Tasks("pgbench", tasks) as all_:
            yield CloudCeilings(all_)
            if turns:
                all_.answers()

    @contextmanager
    def watched(self, windows: Sequence[Window]) -> Iterator[CloudWatched]:
        """Every host watches itself by its clock."""
        haproxy = self._stack.hosts["haproxy"][0]
        services = self._stack.hosts["service"]
        watched = CloudWatched(windows, self._places, [host.name for host in services])
        tasks: list[Task] = []
        with Tasks("the recorders", tasks) as all_:
            tasks.append(
                haproxy.start("haproxy's recorder", self._file("haproxy"), "watch-haproxy", **watched.of_haproxy())
            )
            for number, host in enumerate(services):
                asked = watched.of_services(number)
                tasks.append(host.start("the services' recorder", self._file(host.name), "watch-services", **asked))
            for host in self._stack.hosts.get("postgres", []):
                asked = watched.of_postgres()
                tasks.append(host.start("Postgres's recorder", self._file(host.name), "watch-postgres", **asked))
            all_.wait_until_ready()
            yield watched
            watched.complete(all_.answers())

    def _serve(self, host: RemoteHost, name: str) -> Task:
        settings = {
            "HOST": host.about.private_address,
            "PORT": str(self._port(name)),
            "DATABASE_URL": self._stack.outputs.api_dsn(str(DATABASE_CA)),
        }
        request: dict[str, Any] = {
            "name": name,
            "place": self._places[name],
            "variant": self._variants[name].model_dump(mode="json"),
            "settings": settings,
            "database_ca": self._stack.outputs.database_ca,
        }
        return host.start(name, self._file(f"{name}-{host.name}"), "serve", **request)

    def _port(self, name: str) -> int:
        return self._stack.outputs.stack.service_ports[self._places[name] - 1]

    def _file(self, suffix: str) -> Path:
        return self._files.with_name(f"{self._files.name}-{suffix}")

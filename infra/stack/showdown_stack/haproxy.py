"""Runs haproxy in front of the service, and reads its counters."""

import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from csv import DictReader
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Self

from showdown_contract.errors import ShowdownError

from showdown_stack import config
from showdown_stack.contract import Served
from showdown_stack.ports import LOOPBACK, accepts
from showdown_stack.privilege import HAPROXY, own_folder
from showdown_stack.process import Process

# How many requests it lets into a service at a time, as its template says.
PLACES = 25
START_SECONDS = 10.0
STATS_SECONDS = 2.0
# Commands for the stats socket.
STATISTICS, FORGET_MAXIMA = "show stat", "clear counters"
ALONE: Mapping[int, Sequence[int]] = MappingProxyType({})


State = Literal["ready", "drain", "maint"]


def server(instance: int) -> str:
    """What an instance of a service is called in its backends, by its number, from 1."""
    return f"service{instance}"


def backends(number: int) -> tuple[str, str]:
    """The two backends that lead to a service, by the service's number, from 1."""
    return f"service-{number}", f"health-{number}"


@dataclass(frozen=True)
class Totals:
    """Counts of requests to a service."""

    responses: int
    server_errors: int
    connection_errors: int
    most_queued: int
    """The largest number of requests that waited for a place in the service at the same time."""

    @classmethod
    def read(cls, statistics: str, number: int) -> Self:
        """Read the totals of a service, by its number, from haproxy's answer to STATISTICS."""
        rows = [
            row
            for row in DictReader(statistics.splitlines())
            if row["# pxname"] in backends(number) and row["svname"] == "BACKEND"
        ]

        def total(column: str) -> int:
            return sum(int(row[column] or 0) for row in rows)

        return cls(
            responses=total("req_tot"),
            server_errors=total("hrsp_5xx"),
            connection_errors=total("econ") + total("eresp"),
            most_queued=total("qmax"),
        )


@dataclass(frozen=True)
class Haproxy:
    """A running haproxy."""

    ports: Sequence[int]
    """One for each service."""
    process: Process
    stats_socket: Path

    @property
    def url(self) -> str:
        """Where the first service is reached."""
        return f"http://{LOOPBACK}:{self.ports[0]}"

    def totals(self, number: int = 1) -> Totals:
        """What haproxy has counted for a service since it started."""
        return Totals.read(self.statistics(), number)

    def statistics(self) -> str:
        """Of all services, for Totals.read."""
        return ask(self.stats_socket, STATISTICS)

    def forget_maxima(self) -> None:
        """Reset `most_queued`."""
        ask(self.stats_socket, FORGET_MAXIMA)

    def set_state(self, number: int, instance: int, state: State) -> None:
        """Whether an instance of a service, each by its number from 1, gets requests. Raises ShowdownError."""
        for backend in backends(number):
            if said := ask(self.stats_socket, f"set server {backend}/{server(instance)} state {state}").strip():
                raise ShowdownError(f"haproxy does not set {backend}/{server(instance)} to {state}: {said}")

    def under_way(self, number: int, instance: int) -> int:
        """How many requests an instance of a service has now. Raises ShowdownError."""
        return sum(
            int(row["scur"])
            for row in DictReader(self.statistics().splitlines())
            if row["# pxname"] in backends(number) and row["svname"] == server(instance)
        )


def ask(stats_socket: Path | str, command: str) -> str:
    """Send a command to haproxy's stats socket and return its answer. Raises ShowdownError."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(STATS_SECONDS)
            connection.connect(str(stats_socket))
            connection.sendall(f"{command}\n".encode())
            with connection.makefile() as answer:
                return answer.read()
    except OSError as error:
        raise ShowdownError(f"haproxy does not answer on its stats socket: {error}") from None


def _servers(ports: Sequence[int]) -> Iterator[str]:
    """The line of each instance of a service."""
    for instance, port in enumerate(ports, start=1):
        yield f"    server {server(instance)} {LOOPBACK}:{port}{' disabled' if instance > 1 else ''}"


@contextmanager
def running_haproxy(  # noqa: PLR0917 - each is one thing
    program: Path,
    contract: Served,
    ports: Mapping[int, int],
    folder: Path,
    logs: Path,
    others: Mapping[int, Sequence[int]] = ALONE,
) -> Iterator[Haproxy]:
    """Run haproxy on ports, each in front of a service on another port. Services may come and go.

    `others`: by haproxy's port, where there may be further instances of that service. They get requests once
    `set_state` says so.
    """
    # haproxy makes its socket in a folder of its own; the files that it reads it must not be able to change.
    stats_socket = own_folder(folder / "haproxy", HAPROXY) / "stats"
    text = config.render(
        "haproxy.cfg",
        threads=1,
        stats_socket=str(stats_socket),
        services="\n".join(
            config.render(
                "haproxy-service.cfg",
                number=number,
                listen_address=LOOPBACK,
                port=port,
                servers="\n".join(_servers([service_port, *others.get(port, [])])),
                bodies=str(folder),
                health=contract.health,
                routes=" ".join(contract.routes),
            )
            for number, (port, service_port) in enumerate(ports.items(), start=1)
        ),
        bodies=str(folder),
    )
    # Copies, for haproxy's user may not be able to read the checkout.
    for status, name in re.findall(rf" status (\d+) .* file {re.escape(str(folder))}/(\S+)\.body", text):
        (folder / f"{name}.body").write_bytes(contract.error_body(int(status)))
    settings = folder / "haproxy.cfg"
    settings.write_text(text)
    # A master and a worker, as on the hosts of a cloud: on SIGUSR2 the master starts another worker.
    command = [str(program), "-W", "-db", "-f", str(settings)]
    with Process("haproxy", command, logs / "haproxy.log", user=HAPROXY) as process:
        process.wait_until(lambda: all(map(accepts, ports)), START_SECONDS)
        yield Haproxy(list(ports), process, stats_socket)
    process.require_ended()

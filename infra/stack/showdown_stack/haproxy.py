"""Runs haproxy in front of the service, and reads its counters."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from csv import DictReader
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from showdown_contract.errors import ShowdownError

from showdown_stack import config
from showdown_stack.contract import Served
from showdown_stack.ports import LOOPBACK, accepts
from showdown_stack.privilege import HAPROXY, own_folder
from showdown_stack.process import Process

START_SECONDS = 10.0
STATS_SECONDS = 2.0
# Commands for the stats socket.
STATISTICS, FORGET_MAXIMA = "show stat", "clear counters"
# The backends that lead to the service.
BACKENDS = ("service", "health")


@dataclass(frozen=True)
class Totals:
    """Counts of requests to the service."""

    responses: int
    server_errors: int
    connection_errors: int
    most_queued: int
    """The largest number of requests that waited for a place in the service at the same time."""

    @classmethod
    def read(cls, statistics: str) -> Self:
        """Read haproxy's answer to STATISTICS."""
        rows = [
            row
            for row in DictReader(statistics.splitlines())
            if row["# pxname"] in BACKENDS and row["svname"] == "BACKEND"
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

    url: str
    process: Process
    stats_socket: Path

    def totals(self) -> Totals:
        """What haproxy has counted for the service since it started."""
        return Totals.read(ask(self.stats_socket, STATISTICS))

    def forget_maxima(self) -> None:
        """Reset `most_queued`."""
        ask(self.stats_socket, FORGET_MAXIMA)


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


@contextmanager
def running_haproxy(  # noqa: PLR0917 - two programs, two ports, two folders
    program: Path, contract: Served, port: int, service_port: int, folder: Path, logs: Path
) -> Iterator[Haproxy]:
    """Run haproxy on a port, in front of a service on another port. The service may come and go."""
    # haproxy makes its socket in a folder of its own; the files that it reads it must not be able to change.
    stats_socket = own_folder(folder / "haproxy", HAPROXY) / "stats"
    text = config.render(
        "haproxy.cfg",
        threads=1,
        listen_address=LOOPBACK,
        port=port,
        stats_socket=str(stats_socket),
        servers=f"    server service1 {LOOPBACK}:{service_port}",
        bodies=str(folder),
        health=contract.health,
        routes=" ".join(contract.routes),
    )
    # Copies, for haproxy's user may not be able to read the checkout.
    for status, name in re.findall(rf" status (\d+) .* file {re.escape(str(folder))}/(\S+)\.body", text):
        (folder / f"{name}.body").write_bytes(contract.error_body(int(status)))
    settings = folder / "haproxy.cfg"
    settings.write_text(text)
    command = [str(program), "-db", "-f", str(settings)]
    with Process("haproxy", command, logs / "haproxy.log", user=HAPROXY) as process:
        process.wait_until(lambda: accepts(port), START_SECONDS)
        yield Haproxy(f"http://{LOOPBACK}:{port}", process, stats_socket)
    process.require_ended()

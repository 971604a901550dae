"""What the kernel knows about the service's processes, asked when somebody wants to know."""

import os
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeAlias, TypeVar

import psutil
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

Processes: TypeAlias = Callable[[], list[psutil.Process]]
_Seen = TypeVar("_Seen")


def of_the_service() -> list[psutil.Process]:
    """Those of gunicorn: its master and the workers, one of which asks."""
    master = psutil.Process(os.getppid())
    return [master, *master.children()]


def of_this_worker() -> list[psutil.Process]:
    """The one that asks."""
    return [psutil.Process()]


class Descriptors(Collector):
    """How many descriptors are open."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes

    def collect(self) -> list[Metric]:
        number = sum(_of_each(self._processes, psutil.Process.num_fds))
        return [GaugeMetricFamily("process_open_fds", "Open descriptors.", number)]


class OutboundConnections(Collector):
    """How many connections to other servers are open."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes

    def collect(self) -> list[Metric]:
        hosts = sum(_of_each(self._processes, _outbound), Counter[str]())
        open_ = GaugeMetricFamily(
            "outbound_connections_open", "TCP connections to other servers that hold a descriptor.", labels=["host"]
        )
        for host, number in sorted(hosts.items()):
            open_.add_metric([host], number)
        return [open_]


def _of_each(processes: Processes, look: Callable[[psutil.Process], _Seen]) -> Iterator[_Seen]:
    for process in processes():
        try:
            yield look(process)
        except psutil.NoSuchProcess:
            # A worker has just ended.
            continue


def _outbound(process: psutil.Process) -> Counter[str]:
    connections = process.net_connections("tcp")
    # Where the process listens, clients have connected.
    listening = {each.laddr.port for each in connections if each.status == psutil.CONN_LISTEN}
    return Counter(
        f"[{each.raddr.ip}]:{each.raddr.port}"
        if each.family == socket.AF_INET6
        else f"{each.raddr.ip}:{each.raddr.port}"
        for each in connections
        if each.raddr and each.laddr.port not in listening  # type: ignore[redundant-expr]  # it may be ()
    )

"""What the kernel knows about the service's processes, asked when somebody wants to know."""

import os
import socket
from collections import Counter
from collections.abc import Iterator

import psutil
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class Processes(Collector):
    """gunicorn's master and its workers, one of which asks."""

    def collect(self) -> Iterator[Metric]:
        master = psutil.Process(os.getppid())
        descriptors, hosts = 0, Counter[str]()
        for process in [master, *master.children()]:
            try:
                descriptors += process.num_fds()
                hosts += _outbound(process)
            except psutil.NoSuchProcess:
                # A worker has just ended.
                continue
        yield GaugeMetricFamily("process_open_fds", "Open descriptors of all processes.", descriptors)
        outbound = GaugeMetricFamily(
            "outbound_connections_open", "TCP connections to other servers that hold a descriptor.", labels=["host"]
        )
        for host, number in sorted(hosts.items()):
            outbound.add_metric([host], number)
        yield outbound


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

"""Faults of pgbouncer and haproxy: new starts, and a reload."""

import os
import signal
import time
from urllib.parse import urlsplit

import psutil
from showdown_stack.dsn import Dsn
from showdown_stack.ports import accepts
from showdown_stack.process import Process

from showdown.faults.action_log import confirm
from showdown.faults.bench import Bench


def restart_pgbouncer(bench: Bench) -> None:
    """SIGTERM, which ends all connections, and a new start."""
    _restart(bench, bench.pgbouncer, Dsn.parse(bench.tiers.service_dsn).port)


def restart_haproxy(bench: Bench) -> None:
    """SIGTERM, which ends all connections, and a new start."""
    _restart(bench, bench.haproxy.process, urlsplit(bench.haproxy.url).port or 80)


def reload_haproxy(bench: Bench) -> None:
    """SIGUSR2: a new worker takes over the ports, and the old one ends when it has answered."""
    master = psutil.Process(bench.haproxy.process.pid)
    before = {each.pid for each in master.children()}
    at = time.time()
    os.kill(master.pid, signal.SIGUSR2)
    confirm("haproxy has a new worker", lambda: {each.pid for each in master.children()} - before)
    new = sorted({each.pid for each in master.children()} - before)
    bench.log.did("SIGUSR2 to haproxy's master", master.pid, f"a new worker: process {', '.join(map(str, new))}", at)


def _restart(bench: Bench, process: Process, port: int) -> None:
    at, before = time.time(), process.pid
    process.start_again()
    process.wait_until(lambda: accepts(port), 10.0)
    what = f"process {process.pid} accepts connections after {time.time() - at:.2f} s"
    bench.log.did(f"{process.name} ends and is started again", before, what, at)

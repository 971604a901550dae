"""Stops a process and all that it has started, so that it is there and does nothing."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from showdown.faults.action_log import confirm
from showdown.faults.bench import Bench


@contextmanager
def frozen(root: int) -> Iterator[list[int]]:
    """SIGSTOP for a tree of processes, and SIGCONT in the end. Yields the processes' numbers.

    Raises NoEffectError where one does not stop.
    """
    process = psutil.Process(root)
    stopped: list[psutil.Process] = []

    def stop(each: psutil.Process) -> None:
        with suppress(psutil.NoSuchProcess):
            each.send_signal(signal.SIGSTOP)
            stopped.append(each)
            # On a busy machine a signal comes later than it is sent.
            confirm(f"process {each.pid} is stopped", lambda: each.status() == psutil.STATUS_STOPPED)

    try:
        # First the one that starts others, or one that it is starting would be missed.
        stop(process)
        for child in process.children(recursive=True):
            stop(child)
        yield [each.pid for each in stopped]
    finally:
        for each in stopped:
            with suppress(psutil.NoSuchProcess):
                each.send_signal(signal.SIGCONT)


def freeze_postgres(bench: Bench) -> None:
    """SIGSTOP of Postgres."""
    _freeze(bench, bench.postgres.pid)


def freeze_upstream(bench: Bench) -> None:
    """SIGSTOP of the upstream."""
    _freeze(bench, bench.upstream.process.pid)


def _freeze(bench: Bench, root: int) -> None:
    at = time.time()
    with frozen(root) as pids:
        bench.log.did(f"SIGSTOP of {len(pids)} processes", root, f"all are stopped, after {time.time() - at:.2f} s", at)
        bench.stay(at)
    process = psutil.Process(root)
    confirm(f"process {root} goes on", lambda: process.status() != psutil.STATUS_STOPPED)
    bench.log.did("SIGCONT", root, "it goes on", time.time())

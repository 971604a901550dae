"""What a tree of processes holds is counted where it is."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from showdown.stacks.footprint import Footprint, footprints

MIB = 1024 * 1024
# Holds 64 MiB and 100 files in a child that still runs.
HOLDER = """
import subprocess, sys
hold = "memory = bytearray(b'x') * (64 << 20); files = [open('/dev/null') for _ in range(100)]"
subprocess.run([sys.executable, "-c", f"{hold}; print('held', flush=True); input()"], check=True)
"""
Eventually = Callable[[Callable[[], object]], None]


@contextmanager
def python(program: str) -> Iterator[int]:
    """A running program that has said its line; its pid."""
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline()
        yield child.pid
        assert child.stdin is not None
        child.stdin.write(b"\n")


def footprint(pid: int) -> Footprint:
    return footprints({"service": pid})["service"]


def test_memory_and_files_of_a_running_child_are_counted() -> None:
    with python(HOLDER) as pid:
        service = footprint(pid)
    assert service.rss_bytes >= 64 * MIB
    assert service.fds is not None
    assert service.fds >= 100


@pytest.mark.skipif(sys.platform == "darwin" and os.geteuid() != 0, reason="macOS tells only root of connections")
def test_established_connections_are_counted_and_listening_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        before = footprint(os.getpid()).connections
        assert before is not None
        with socket.create_connection(server.getsockname()) as client, server.accept()[0]:
            # Both ends are ours.
            assert footprint(os.getpid()).connections == before + 2
            client.close()


def test_of_postgres_only_memory_is_looked_at() -> None:
    if sys.platform == "linux":
        found = footprints({"postgres": os.getpid()})["postgres"]
        assert found.rss_bytes > MIB
        assert (found.fds, found.connections) == (None, None)


def test_what_has_ended_holds_nothing(eventually: Eventually) -> None:
    with subprocess.Popen(["true"]) as ended:
        eventually(lambda: ended.poll() is not None)
    assert footprint(ended.pid) == Footprint(0, 0, 0)

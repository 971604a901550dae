"""CPU time is that of the kernel's own clocks, of ended children too."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
import pytest
from showdown.stacks.cpu_clock import LINUX, cpu_seconds, machine_seconds, system_seconds, tree

Eventually = Callable[[Callable[[], object]], None]
BURNED_SECONDS = 0.5
# Burns CPU, and says how much it has used in ns.
BURN = f"""
import time
while time.process_time() < {BURNED_SECONDS}: pass
print(time.process_time_ns(), flush=True)
input()
"""
# Burns it in a child that has ended when this says so, and says how much it has used itself.
PARENT = f"""
import subprocess, sys, time
burn = "import time\\nwhile time.process_time() < {BURNED_SECONDS}: pass"
subprocess.run([sys.executable, "-c", burn], check=True)
print(time.process_time_ns(), flush=True)
input()
"""
# Burns it without asking the kernel for the time at each step.
COUNT = f"""
import time
while time.process_time() < {BURNED_SECONDS}: sum(range(100_000))
print(time.process_time_ns(), flush=True)
input()
"""
# Has the kernel burn it, and says how much that has used in ns.
READ = f"""
import os, sys
with open("/dev/zero", "rb", buffering=0) as zeros:
    while os.times().system < {BURNED_SECONDS}: zeros.read(1 << 20)
print(int(os.times().system * 1e9), flush=True)
sys.stdin.read(1)
"""
# Has it burned for a child that has ended.
PARENT_OF_READER = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {READ!r}], check=True, stdin=subprocess.DEVNULL)
input()
"""


@contextmanager
def python(program: str) -> Iterator[tuple[int, float]]:
    """A program that waits now: its pid, and the CPU seconds that it has told."""
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        told = int(child.stdout.readline()) / 1e9
        yield child.pid, told
        child.stdin.write(b"\n")


def test_it_is_what_a_process_itself_says() -> None:
    with python(BURN) as (pid, told):
        # Since it told, it has only begun to wait.
        assert told <= cpu_seconds(pid) + (0 if LINUX else 0.02)
        assert cpu_seconds(pid) == pytest.approx(told, abs=0.05)


def test_that_of_a_child_which_has_ended_is_its_parents() -> None:
    with python(PARENT) as (pid, told):
        assert cpu_seconds(pid) >= BURNED_SECONDS + told - 0.02
        assert cpu_seconds(pid) == pytest.approx(BURNED_SECONDS + told, abs=0.2)


def test_it_grows_by_what_is_used() -> None:
    before, burned_from = cpu_seconds(os.getpid()), time.process_time()
    while time.process_time() < burned_from + 0.1:
        pass
    assert cpu_seconds(os.getpid()) - before >= (0.1 if LINUX else 0.08)


def test_the_kernels_part_is_told_apart() -> None:
    with python(READ) as (pid, told):
        assert system_seconds(pid) == pytest.approx(told, abs=0.1)
    with python(COUNT) as (pid, told):
        assert system_seconds(pid) <= told / 2


def test_the_kernels_part_of_a_child_which_has_ended_is_its_parents() -> None:
    with python(PARENT_OF_READER) as (pid, _):
        assert system_seconds(pid) >= BURNED_SECONDS - 0.1


def test_the_machine_is_busy_for_at_least_as_long_as_one_of_its_processes() -> None:
    before, burned_from = machine_seconds(), time.process_time()
    while time.process_time() < burned_from + 0.3:
        pass
    # It counts in ticks of 10 ms, and each core by itself.
    assert machine_seconds() - before >= 0.2


@pytest.mark.skipif(not LINUX, reason="elsewhere psutil does it")
def test_a_tree_is_all_that_psutil_finds() -> None:
    shell = ["sh", "-c", "sleep 60 & (sleep 60 & wait) & echo started; wait"]
    with subprocess.Popen(shell, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        try:
            expected = {parent.pid, *(child.pid for child in psutil.Process(parent.pid).children(recursive=True))}
            assert set(tree(parent.pid)) >= expected
        finally:
            for child in psutil.Process(parent.pid).children(recursive=True):
                child.kill()
            parent.kill()


def test_what_has_ended_has_used_nothing(eventually: Eventually) -> None:
    with subprocess.Popen(["true"]) as ended:
        eventually(lambda: ended.poll() is not None)
    assert cpu_seconds(ended.pid) == 0

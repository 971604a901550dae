"""The profilers: py-spy, which knows Python's functions, and perf, which knows native ones and the kernel's."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

import psutil
from showdown_contract.errors import ShowdownError
from showdown_stack.process import Process
from showdown_stack.text import end_of, tail

from showdown.sampling.call_stacks import CallStack, Samples, call_stack, parsed
from showdown.sampling.perf_script import FIELDS, read_perf_script

ProfilerName: TypeAlias = Literal["py-spy", "perf"]
CHECK_SECONDS, READ_SECONDS = 20, 120
# py-spy sees native functions where it has an unwinder for them.
NATIVE = ["--native"] if sys.platform == "linux" else []
LINES_SHOWN = 5
# How much of the stack perf copies with each sample, from which it finds the callers later.
STACK_BYTES = 32_768
PARANOID = Path("/proc/sys/kernel/perf_event_paranoid")
# With more than this, only root sees what the kernel does.
MOST_PARANOID = 1
# What it says where it cannot keep up. It then looks many times in a row, to make up for that.
BEHIND = re.compile(r"(\d+(?:\.\d+)?)s behind in sampling")


class Profiler(Protocol):
    """A program that looks at a running service many times a second."""

    @property
    def name(self) -> ProfilerName: ...

    @property
    def sees(self) -> str:
        """What it can tell anything of, in words."""

    @property
    def sees_kernel(self) -> bool: ...

    @property
    def samples_per_second(self) -> int:
        """An odd number: who does something each 5 ms is not seen at the same place again and again."""

    def require(self) -> None:
        """Raise ShowdownError, which says what to do, where it is missing or may not look at a service."""

    def can_see(self, root: int) -> bool:
        """Whether a service with this root process is one."""

    def attached(self, root: int, files: Path) -> "Sampling":
        """Begin to look at a service with this root process. Raises ShowdownError.

        `files`: what the names of its own files begin with; only its log is left in the end.
        """


@dataclass
class Sampling:
    """A profiler at work. Always to be ended."""

    process: Process
    recorded: Path
    """What it leaves when it is told to end."""
    read: Callable[[Path], Samples]

    def begin_end(self) -> None:
        """Look no more; to write down what was seen takes a moment, which is not waited for."""
        self.process.begin_stop()

    def samples(self) -> Samples:
        """What it has seen. Raises ShowdownError where that is nothing."""
        self.process.stop()
        self.process.require_ended()
        samples = self.read(self.recorded) if self.recorded.exists() else {}
        if not samples:
            raise ShowdownError(f"{self.process.name} has seen nothing: {tail(self.process.log, LINES_SHOWN)}")
        return samples

    def behind_seconds(self) -> float:
        """How far it fell behind at most: what it saw then is of fewer moments than there are samples."""
        return max(map(float, BEHIND.findall(end_of(self.process.log))), default=0.0)

    def end(self) -> None:
        """Nothing of it runs any more, and what it has recorded is deleted."""
        self.process.stop()
        self.recorded.unlink(missing_ok=True)


@dataclass(frozen=True)
class PySpy:
    """Python's functions and the native ones that they call, not the kernel's, of one worker: to look takes it time."""

    name: ProfilerName = "py-spy"
    sees: str = "services in Python"
    sees_kernel: bool = False
    samples_per_second: int = 199

    def require(self) -> None:
        program = _program("py-spy", "type '.venv/bin/uv pip install py-spy'")
        # As it would look at a service: not at a child of its own.
        waiting = [sys.executable, "-c", "print(flush=True); input()"]
        with subprocess.Popen(waiting, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as python:
            try:
                assert python.stdout is not None  # noqa: S101 - it is a pipe
                python.stdout.readline()
                said = _failure([program, "dump", *NATIVE, "--pid", str(python.pid)])
            finally:
                python.kill()
        if said is not None:
            raise ShowdownError(
                "py-spy may not look at other processes: run this as root; in a container add SYS_PTRACE; or "
                f"say 'sudo sysctl kernel.yama.ptrace_scope=0'\n{said}"
            )

    def can_see(self, root: int) -> bool:
        return _busiest_python(root) is not None

    def attached(self, root: int, files: Path) -> Sampling:
        worker = _busiest_python(root)
        if worker is None:
            raise ShowdownError("no process of the service runs Python any more")
        recorded = files.with_name(f"{files.name}.py-spy")
        command = [
            _program("py-spy", ""),
            *("record", *NATIVE, "--pid", str(worker), "--rate", str(self.samples_per_second)),
            *("--format", "raw", "--output", str(recorded)),
        ]
        return _started(self.name, command, files, recorded, _read_py_spy)


@dataclass(frozen=True)
class Perf:
    """Native functions and the kernel's. Python's are one to it: what interprets them."""

    name: ProfilerName = "perf"
    sees: str = "services that run"
    sees_kernel: bool = True
    samples_per_second: int = 199

    def require(self) -> None:
        program = _program("perf", "type 'apt install linux-perf', or your system's like")
        if os.geteuid() != 0 and (level := _paranoid()) > MOST_PARANOID:
            raise ShowdownError(
                f"perf may not look at the kernel, for {PARANOID} is {level}: run this as root, or say 'sudo sysctl "
                f"kernel.perf_event_paranoid={MOST_PARANOID}'"
            )
        with tempfile.TemporaryDirectory() as folder:
            said = _failure([program, *self._record(Path(folder) / "data"), "--", sys.executable, "-c", ""])
        if said is not None:
            raise ShowdownError(f"perf cannot record on this machine:\n{said}")

    def can_see(self, root: int) -> bool:
        return psutil.pid_exists(root)

    def attached(self, root: int, files: Path) -> Sampling:
        recorded = files.with_name(f"{files.name}.perf")
        processes = ",".join(map(str, _tree(root)))
        command = [_program("perf", ""), *self._record(recorded), "--pid", processes]
        return _started(self.name, command, files, recorded, _read_perf)

    def _record(self, recorded: Path) -> list[str]:
        # Of the kernel's own clock, which virtual machines have, too. Callers by DWARF, for programs are built without
        # frame pointers.
        how = ["--event", "cpu-clock", "--freq", str(self.samples_per_second), "--call-graph", f"dwarf,{STACK_BYTES}"]
        return ["record", "--quiet", "--no-buildid-cache", *how, "--output", str(recorded)]


PROFILERS: Mapping[ProfilerName, Profiler] = {"py-spy": PySpy(), "perf": Perf()}


def _started(
    name: str, command: Sequence[str], files: Path, recorded: Path, read: Callable[[Path], Samples]
) -> Sampling:
    log = files.with_name(f"{files.name}-{name}.log")
    # As ourselves: a server's user may look at no other process.
    process = Process(name, command, log, stop_signal=signal.SIGINT, as_ourselves=True)
    return Sampling(process, recorded, read)


def _read_py_spy(recorded: Path) -> Samples:
    found: Counter[CallStack] = Counter()
    for stack, number in parsed(recorded.read_text()).items():
        found[call_stack(stack)] += number
    return found


def _read_perf(recorded: Path) -> Samples:
    # Inlined functions are not looked up, which takes minutes: their time is that of the function they are in.
    command = [_program("perf", ""), "script", "--no-inline", "--fields", FIELDS, "--input", str(recorded)]
    with _printed(command) as lines:
        return read_perf_script(lines)


@contextmanager
def _printed(command: Sequence[str]) -> Iterator[Iterator[str]]:
    """The lines that a program prints. Raises ShowdownError where it takes too long or fails."""
    with tempfile.TemporaryFile("w+", errors="replace") as file:
        try:
            subprocess.run(command, stdout=file, stderr=subprocess.PIPE, timeout=READ_SECONDS, check=True)
        except subprocess.TimeoutExpired:
            raise ShowdownError(f"perf script has not read the samples in {READ_SECONDS} s") from None
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode(errors="replace").strip()
            raise ShowdownError(f"perf script cannot read the samples: {said[-500:]}") from None
        file.seek(0)
        yield iter(file)


def _failure(command: Sequence[str]) -> str | None:
    """What a program says that fails or hangs; None where all is well."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=CHECK_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it has not ended after {CHECK_SECONDS} s"
    return "\n".join((done.stderr or done.stdout).strip().splitlines()[-LINES_SHOWN:]) if done.returncode else None


def _program(name: str, advice: str) -> str:
    """One of this Python's programs, or on PATH. Raises ShowdownError where it is in neither."""
    found = shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if found is None:
        raise ShowdownError(f"{name} is missing: {advice}")
    return found


def _paranoid() -> int:
    try:
        return int(PARANOID.read_text())
    except (OSError, ValueError):
        return 0


def _tree(root: int) -> list[int]:
    """A process and its descendants, parents first; none where it has ended."""
    try:
        process = psutil.Process(root)
        return [root, *(child.pid for child in process.children(recursive=True))]
    except psutil.NoSuchProcess:
        return []


def _busiest_python(root: int) -> int | None:
    """The process that has used most CPU time of those that run Python: a worker, not who started it."""
    times = {pid: used for pid in _tree(root) if (used := _python_seconds(pid)) is not None}
    return max(times, key=times.__getitem__, default=None)


def _python_seconds(pid: int) -> float | None:
    """The CPU time of a process; None where it has ended or runs something else."""
    try:
        process = psutil.Process(pid)
        if not Path(process.exe()).name.startswith("python"):
            return None
        times = process.cpu_times()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None
    return float(times.user + times.system)

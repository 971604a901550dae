"""The peak of memory while 1,000 records become JSON, without the records: `python -m bench.memory`.

Each figure comes from a process of its own. tracemalloc counts only what Python's allocators gave out, but to the
byte. The resident set counts everything, but in pages, some of which were free before.
"""

import ctypes
import gc
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import typer

from bench.contenders import CONTENDERS, ORJSON, ROWJSON, ROWJSON_SHAPE, STRUCT
from bench.errors import BenchError
from bench.rows import records

ROWS = 1_000
MEASURED = (ORJSON, STRUCT, ROWJSON, ROWJSON_SHAPE)
TRACED, RESIDENT, OUTPUT = "traced", "resident", "output"


def in_new_process(name: str, figure: str) -> int:
    """The figure in bytes. Raises BenchError."""
    command = [sys.executable, "-m", "bench.memory", name, figure]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"the memory of {name} was not measured: {done.stderr.strip()}")
    return int(done.stdout)


def _traced(encode: Callable[[], bytes]) -> int:
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    encode()
    _, peak = tracemalloc.get_traced_memory()
    return peak - before


def _resident(encode: Callable[[], bytes]) -> int:
    # Memory that is free already would hide what is taken now.
    ctypes.CDLL(None).malloc_trim(0)
    # Resets the peak.
    Path("/proc/self/clear_refs").write_text("5")
    before = _status_bytes("VmRSS")
    encode()
    return _status_bytes("VmHWM") - before


def _output(encode: Callable[[], bytes]) -> int:
    return len(encode())


def _status_bytes(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:"))


FIGURES = {TRACED: _traced, RESIDENT: _resident, OUTPUT: _output}


def main(name: str, figure: str) -> None:
    encode, rows = CONTENDERS[name], records(ROWS)
    # What is made once and kept does not count.
    encode(rows[:1])
    gc.collect()
    typer.echo(FIGURES[figure](lambda: encode(rows)))


if __name__ == "__main__":
    typer.run(main)

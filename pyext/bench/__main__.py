"""Measures all contenders: `python -m bench` in pyext, with DATABASE_URL set; then `python -m bench.report`."""

import platform
import subprocess
import sys
from importlib.metadata import version
from typing import Annotated, NamedTuple

import pyperf  # type: ignore[import-untyped]  # it has no types
import typer

from bench import memory, names
from bench.check import require_equal
from bench.errors import BenchError
from bench.report import PYEXT, RESULT, markdown
from bench.results import load

# The packages whose versions can change a result.
PACKAGES = ("asyncpg", "uvloop", "orjson", "msgspec", "pydantic")


class Effort(NamedTuple):
    rounds: int
    values: int


QUICK, FULL = Effort(rounds=2, values=3), Effort(rounds=5, values=5)


def main(quick: Annotated[bool, typer.Option("--quick", help="Rough figures, in a few minutes.")] = False) -> None:
    try:
        require_equal()
        measure(QUICK if quick else FULL, "python -m bench" + (" --quick" if quick else ""))
        typer.echo(markdown(load(RESULT), chart="docs/records.svg"))
    except BenchError as error:
        typer.echo(f"bench: {error}", err=True)
        raise typer.Exit(1) from None


def measure(effort: Effort, command: str) -> None:
    """Write to RESULT the times that pyperf measures and the memory of new processes. Raises BenchError."""
    facts = {"command": command, "commit": _commit(), "rounds": effort.rounds, "versions": _versions()}
    RESULT.unlink(missing_ok=True)
    for number in range(effort.rounds):
        typer.echo(f"round {number + 1} of {effort.rounds}")
        _round(number, effort.values)
    suite = pyperf.BenchmarkSuite.load(str(RESULT))
    for benchmark in _memory():
        suite.add_benchmark(benchmark)
    for benchmark in suite:
        benchmark.update_metadata(facts)
    suite.dump(str(RESULT), replace=True)


def _round(number: int, values: int) -> None:
    pyperf_options = ["--quiet", "--processes=1", f"--values={values}", f"--append={RESULT}"]
    # pyperf gives its workers an empty environment, except for the variables that are named.
    command = [
        sys.executable,
        "-m",
        "bench.suite",
        f"--round={number}",
        "--inherit-environ=DATABASE_URL",
        *pyperf_options,
    ]
    if subprocess.run(command, check=False).returncode:
        raise BenchError(f"round {number + 1} failed; see the output above")


def _memory() -> list[pyperf.Benchmark]:
    typer.echo("memory")
    return [
        pyperf.Benchmark([_single_value(names.memory(name, figure), memory.in_new_process(name, figure))])
        for name in memory.MEASURED
        for figure in memory.FIGURES
    ]


def _single_value(name: str, size: int) -> pyperf.Run:
    return pyperf.Run([size], metadata={"name": name, "unit": "byte"}, collect_metadata=False)


def _commit() -> str:
    command = ["git", "-C", str(PYEXT), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return "unknown"


def _versions() -> str:
    packages = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    return f"Python {platform.python_version()}, {packages}"


if __name__ == "__main__":
    typer.run(main)

"""What was measured: pyperf's file, one run a round."""

from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import pyperf  # type: ignore[import-untyped]  # it has no types

from bench.errors import BenchError


class Ratio(NamedTuple):
    """How many times as much: the median of the rounds' ratios, and the range of them."""

    median: float
    lowest: float
    highest: float


class Results:
    """Seconds of CPU a call, and bytes of memory, by benchmark."""

    def __init__(self, suite: Any) -> None:
        self._benchmarks = {benchmark.get_name(): benchmark for benchmark in suite.get_benchmarks()}

    def rounds(self, *names: str) -> list[float]:
        """What each round says of a benchmark; of several, their sum. Raises BenchError.

        That is the least of the round's values, for what else runs on the machine can only add to CPU time;
        and each value is itself a mean of many calls.
        """
        if missing := next((name for name in names if name not in self._benchmarks), None):
            raise BenchError(f"the result has no benchmark {missing}: measure again with python -m bench")
        least = ([min(run.values) for run in self._benchmarks[name].get_runs()] for name in names)
        return [sum(values) for values in zip(*least, strict=True)]

    def median(self, *names: str) -> float:
        """Of the rounds."""
        return median(self.rounds(*names))

    def ratio(self, much: Iterable[str], little: Iterable[str]) -> Ratio:
        """How many times as much the one costs as the other; only what one round measured is compared."""
        ratios = [a / b for a, b in zip(self.rounds(*much), self.rounds(*little), strict=True)]
        return Ratio(median(ratios), min(ratios), max(ratios))

    def metadata(self, key: str) -> str:
        """Of all benchmarks: python_version, cpu_model_name… and what python -m bench adds. `unknown` without it."""
        return str(next(iter(self._benchmarks.values())).get_metadata().get(key, "unknown"))


def load(path: Path) -> Results:
    """Raises BenchError where there is no such file."""
    if not path.exists():
        raise BenchError(f"{path} does not exist: measure first, with python -m bench")
    return Results(pyperf.BenchmarkSuite.load(str(path)))

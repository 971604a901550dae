"""The results, from pyperf's file, which has one run for each round."""

from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import pyperf  # type: ignore[import-untyped]  # it has no types

from bench.errors import BenchError


class Ratio(NamedTuple):
    """How many times as much one costs as another: the median of the rounds' ratios, and their range."""

    median: float
    lowest: float
    highest: float


class Results:
    """Seconds of CPU per call, and bytes of memory, by benchmark."""

    def __init__(self, suite: Any) -> None:
        self._benchmarks = {benchmark.get_name(): benchmark for benchmark in suite.get_benchmarks()}

    def rounds(self, *names: str) -> list[float]:
        """The result of each round for a benchmark, or the sum for several. Raises BenchError.

        It is the least of the round's values, because other load on the machine can only add CPU time. Each value
        is the mean of many calls.
        """
        if missing := next((name for name in names if name not in self._benchmarks), None):
            raise BenchError(f"the result has no benchmark {missing}: measure again with python -m bench")
        least = ([min(run.values) for run in self._benchmarks[name].get_runs()] for name in names)
        return [sum(values) for values in zip(*least, strict=True)]

    def median(self, *names: str) -> float:
        """The median of the rounds."""
        return median(self.rounds(*names))

    def ratio(self, much: Iterable[str], little: Iterable[str]) -> Ratio:
        """How many times as much one costs as the other, compared within each round."""
        ratios = [a / b for a, b in zip(self.rounds(*much), self.rounds(*little), strict=True)]
        return Ratio(median(ratios), min(ratios), max(ratios))

    def metadata(self, key: str) -> str:
        """A fact about all benchmarks: pyperf's own or one that `python -m bench` adds; `unknown` if it is missing."""
        return str(next(iter(self._benchmarks.values())).get_metadata().get(key, "unknown"))


def load(path: Path) -> Results:
    """Load a file of results. Raises BenchError if it does not exist."""
    if not path.exists():
        raise BenchError(f"{path} does not exist: measure first, with python -m bench")
    return Results(pyperf.BenchmarkSuite.load(str(path)))

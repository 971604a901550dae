"""How often intervals hold what they promise, with noise that was recorded: a check of the method, not of a run.

A simulated block is made of laps in a row that were recorded, less their block's mean: drift within a block, bursts,
and how contenders depend on each other are as they were. What differs from block to block is drawn from a normal
distribution with the variances and correlations of the recorded blocks' means, for of few blocks alone only few
different runs could be made. What is true is known: every contender is equal.
"""

import csv
import gzip
import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from showdown_contract.files import CHECKOUT

from showdown.console import out
from showdown.contract.contract import load_contract
from showdown.judge.comparisons import MEASURES
from showdown.judge.intervals import CONFIDENCE, CONFIDENCE_OF_STOPPED, Estimate, estimate
from showdown.judge.precision import FEWEST_BLOCKS
from showdown.judge.ranks import Pair, established
from showdown.measure.results import Run, read_run

RECORDED = CHECKOUT / "docs" / "results" / "noise.csv.gz"
PROFILES = ("quick", "full")
RUNS, SEED = 2_000, 20_261_128
# A run that may stop is computed anew after each of its blocks.
STOPPED_RUNS, MOST_BLOCKS = 1_000, 30


@dataclass(frozen=True)
class Noise:
    """What was recorded, as logarithms."""

    blocks: list[NDArray[np.float64]]
    """Of each, by lap and contender: how far from the block's mean. Their means are 0."""
    means: NDArray[np.float64]
    """By block and contender: how far the block's mean is from that of all blocks."""

    def only(self, contenders: int) -> "Noise":
        """Of the first few contenders."""
        return Noise([block[:, :contenders] for block in self.blocks], self.means[:, :contenders])

    @property
    def contenders(self) -> int:
        return int(self.means.shape[1])


@dataclass(frozen=True)
class Coverage:
    """What many simulated runs gave."""

    lowest: float
    mean: float
    highest: float
    """The share of runs in which an interval held the truth; of the comparisons with the first contender."""
    half_width: float
    """Of all intervals, the mean."""
    false_ranks: float
    """The share of runs that put any contender before an equal one."""
    blocks: float
    """That a run had, on average."""


def noise_of(slices: Iterable[tuple[tuple[object, ...], str, float]]) -> Noise:
    """Of slices: what identifies the block with the lap at the end, the contender, and a logarithm. Whole laps only."""
    laps: dict[tuple[object, ...], dict[str, float]] = {}
    for lap, contender, logarithm in slices:
        laps.setdefault(lap, {})[contender] = logarithm
    names = list(dict.fromkeys(name for found in laps.values() for name in found))
    blocks: dict[tuple[object, ...], list[list[float]]] = {}
    for (*block, _), found in laps.items():
        if len(found) == len(names):
            blocks.setdefault(tuple(block), []).append([found[name] for name in names])
    arrays = [np.array(block) for block in blocks.values()]
    means = np.array([block.mean(axis=0) for block in arrays])
    return Noise([block - block.mean(axis=0) for block in arrays], means - means.mean(axis=0))


def of_run(run: Run) -> dict[str, Noise]:
    """By measure, of the run's first scenario and number of service hosts."""
    slices = [
        one
        for one in run.slices
        if (one.scenario, one.service_hosts, one.group) == (run.profile.scenarios[0], run.service_hosts[0], 1)
    ]
    return {
        measure.title: noise_of(
            ((one.block, one.lap), one.variant, math.log(value)) for one in slices if (value := measure.of(one))
        )
        for measure in MEASURES
    }


def of_recording(path: Path, slice_seconds: int) -> dict[str, Noise]:
    """By measure, of a table with a line for each slice."""
    with gzip.open(path, "rt") as file:
        lines = [line for line in csv.DictReader(file) if int(line["seconds"]) == slice_seconds]
    return {
        measure.title: noise_of(
            ((line["run"], line["block"], line["lap"]), line["variant"], math.log(float(line[measure.name])))
            for line in lines
        )
        for measure in MEASURES
    }


def simulate(noise: Noise, blocks: int, laps: int, *, runs: int = RUNS) -> Coverage:
    """Runs of so many blocks."""
    random = np.random.default_rng(SEED)
    return _coverage([_estimates(_run(noise, blocks, laps, random), CONFIDENCE) for _ in range(runs)])


def simulate_stopped(
    noise: Noise, laps: int, half_width: float, *, confidence: float = CONFIDENCE_OF_STOPPED, runs: int = STOPPED_RUNS
) -> Coverage:
    """Runs that stop as soon as all intervals against the first contender are so narrow."""
    random = np.random.default_rng(SEED)
    return _coverage([_stopped(noise, laps, half_width, confidence, random) for _ in range(runs)])


def _stopped(
    noise: Noise, laps: int, half_width: float, confidence: float, random: np.random.Generator
) -> dict[Pair, Estimate]:
    run = _run(noise, MOST_BLOCKS, laps, random)
    for blocks in range(FEWEST_BLOCKS, MOST_BLOCKS):
        found = _estimates({pair: means[:blocks] for pair, means in run.items()}, confidence)
        if max(ratio.half_width for (first, _), ratio in found.items() if first == "0") <= half_width:
            return found
    return _estimates(run, confidence)


def _run(noise: Noise, blocks: int, laps: int, random: np.random.Generator) -> dict[Pair, list[float]]:
    """The block means of all pairs."""
    enough = [block for block in noise.blocks if len(block) >= laps]
    # A sum of the recorded means with normal weights has their variances and correlations.
    recorded_blocks = len(noise.means)
    means = random.standard_normal((blocks, recorded_blocks)) @ noise.means / math.sqrt(recorded_blocks - 1)
    for number in range(blocks):
        recorded = enough[random.integers(len(enough))]
        # Each lap is the first as often as any other, so that all weigh the same.
        means[number] += recorded[(random.integers(len(recorded)) + np.arange(laps)) % len(recorded)].mean(axis=0)
    by_contender = means.T
    return {
        (str(first), str(second)): (by_contender[first] - by_contender[second]).tolist()
        for first, second in combinations(range(noise.contenders), 2)
    }


def _estimates(run: Mapping[Pair, Sequence[float]], confidence: float) -> dict[Pair, Estimate]:
    return {pair: found for pair, means in run.items() if (found := estimate(means, confidence))}


def _coverage(runs: Sequence[Mapping[Pair, Estimate]]) -> Coverage:
    with_first = [pair for pair in runs[0] if pair[0] == "0"]
    holds = [float(np.mean([not run[pair].is_different for run in runs])) for pair in with_first]
    return Coverage(
        lowest=min(holds),
        mean=float(np.mean(holds)),
        highest=max(holds),
        half_width=float(np.mean([run[pair].half_width for run in runs for pair in with_first])),
        false_ranks=float(np.mean([bool(established(run)) for run in runs])),
        blocks=float(np.mean([run[with_first[0]].blocks for run in runs])),
    )


def table(noises: Mapping[str, Noise], runs: int = RUNS, stopped_runs: int = STOPPED_RUNS) -> Iterator[str]:
    """What is printed, line by line."""
    profiles = load_contract().scenarios.profiles
    yield f"{'':52} coverage of 95% intervals  half     false"
    yield f"{'profile, contenders, measure':52} lowest    mean  highest   width    ranks"
    for name in PROFILES:
        blocks, laps = profiles[name].blocks, profiles[name].laps
        for title, whole in noises.items():
            for noise in (whole, whole.only(3)):
                what = f"{name} {blocks} × {laps}, {noise.contenders}, {title}"
                yield _line(what, simulate(noise, blocks, laps, runs=runs))
    for title, whole in noises.items():
        noise, laps = whole.only(2), profiles["quick"].laps
        # About as narrow as ten blocks are.
        half_width = simulate(noise, 10, laps, runs=min(runs, 100)).half_width
        stopped = simulate_stopped(noise, laps, half_width, runs=stopped_runs)
        yield _line(f"--until {half_width:.0%} ({stopped.blocks:.0f} blocks), 2, {title}", stopped)


def _line(what: str, coverage: Coverage) -> str:
    numbers = (coverage.lowest, coverage.mean, coverage.highest, coverage.half_width, coverage.false_ranks)
    return f"{what:52} " + "  ".join(f"{number:6.1%}" for number in numbers)


def main(arguments: Sequence[str]) -> None:
    """Of the recorded noise, or of a run's folder."""
    noises = of_run(read_run(Path(arguments[0]))) if arguments else of_recording(RECORDED, 1)
    for line in table(noises):
        out.print(line, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    main(sys.argv[1:])

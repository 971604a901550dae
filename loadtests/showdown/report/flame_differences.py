"""Flame graphs of what differs between two runs: one for each variant and scenario that both have sampled."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from showdown.measure.results import Run
from showdown.measure.sampled import Sampled
from showdown.sampling.call_stacks import Samples, read_stacks
from showdown.sampling.flame_graphs import PER_REQUEST, draw_difference, nanoseconds
from showdown.sampling.layers import load_layers, weighed

MOST_NAME = 100


@dataclass(frozen=True)
class FlameDifference:
    """The flame graph of what differs for one variant under one scenario."""

    variant: str
    scenario: str
    path: Path


def flame_differences(first: tuple[Path, Run], second: tuple[Path, Run]) -> Iterator[FlameDifference]:
    """Draw them beside the flame graphs of the second run. Raises ShowdownError and OSError.

    `first` and `second`: a run's folder, and what it holds. Only samples of the same profiler are compared, and only
    those whose files are still there.
    """
    (before_folder, before_run), (after_folder, after_run) = first, second
    earlier = {(each.variant, each.scenario, each.profiler): each for each in before_run.sampled}
    for after in after_run.sampled:
        before = earlier.get((after.variant, after.scenario, after.profiler))
        if before and before.stacks(before_folder).exists() and after.stacks(after_folder).exists():
            since = before_folder.resolve().name[:MOST_NAME]
            path = (after_folder / after.graph).with_name(f"{after.variant}-since-{since}.svg")
            title = f"{after.variant}, {after.scenario}: less than in {since} is blue, more is red"
            samples = _per_request(before, before_folder), _per_request(after, after_folder)
            draw_difference(*samples, title, path, PER_REQUEST)
            yield FlameDifference(after.variant, after.scenario, path)


def _per_request(sampled: Sampled, folder: Path) -> Samples:
    """By the CPU time of a request, for no two passes have as many samples."""
    return nanoseconds(weighed(read_stacks(sampled.stacks(folder)), load_layers(), sampled.cpu))

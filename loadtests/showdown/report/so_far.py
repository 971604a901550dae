"""What is known of a run while it goes on: figures of each contender, from the blocks that are over."""

from collections.abc import Callable
from dataclasses import dataclass

from showdown.judge.comparisons import SERVICE_CPU, THROUGHPUT, Measure, compare
from showdown.judge.precision import widest
from showdown.measure.results import Run
from showdown.report.figures import UNKNOWN, Figure, compact, percent, three_digits, whole
from showdown.report.levels import level, ratio
from showdown.report.setting import contender_name

HEADINGS = {THROUGHPUT: "req/s", SERVICE_CPU: "CPU µs/req"}


@dataclass(frozen=True)
class SoFar:
    """One variant. Each figure is "–" until a block of it is over, and has an interval from the second block on."""

    name: str
    level: str
    ratio: str
    """To the baseline."""


def so_far(run: Run, scenario: str, service_hosts: int) -> list[SoFar]:
    """Under one scenario, on so many service hosts; the variants in the run's order."""
    compared = compare(run, scenario, service_hosts, _measure(run))
    return [
        SoFar(
            contender_name(run, name, service_hosts),
            _text(level(compared, name), whole),
            _text(ratio(compared, name), three_digits),
        )
        for name in run.variants
    ]


def heading(run: Run) -> str:
    """At a rate all answer as many requests as they are asked, so that CPU tells them apart."""
    return HEADINGS[_measure(run)]


def after(run: Run) -> str:
    """How many blocks are over, and of how many where that is known."""
    of_all = f"of {run.profile.blocks} blocks" if run.until_half_width is None else "blocks"
    return f"after {run.finished_blocks} {of_all}"


def sentence(run: Run, scenario: str, service_hosts: int) -> str:
    """The same as so_far, in a line."""
    found = so_far(run, scenario, service_hosts)
    figures = ", ".join(f"{each.name} {' '.join(each.level.replace('±', ' ±').split())}" for each in found)
    return f"{scenario} {after(run)}, {heading(run)}: {figures}"


def precision(run: Run) -> str | None:
    """How far a run with --until is; None without it."""
    if run.until_half_width is None:
        return None
    half = widest(run)
    now = "not known yet" if half is None else f"±{percent(half)} now"
    return f"until every interval is within ±{percent(run.until_half_width)}: the widest is {now}"


def _text(of: Figure | None, shown: Callable[[float], str]) -> str:
    return compact(of, shown) if of else UNKNOWN


def _measure(run: Run) -> Measure:
    return THROUGHPUT if run.rate is None else SERVICE_CPU

"""Doubts about the machine that it was measured on."""

from collections.abc import Iterator
from dataclasses import dataclass

from showdown.judge.verdicts.verdict import About, Consequence, Verdict
from showdown.measure.results import Run

STOLEN_PERCENT = 1.0
SWAPPED_MIB, MOST_SWAPPED_MIB = 1.0, 100.0
THROTTLED_PERCENT, MOST_THROTTLED_PERCENT = 0.1, 10.0


@dataclass(frozen=True)
class StolenCpu(Verdict):
    """The host gave this virtual machine's CPUs to others. All variants alike, so ratios hold."""

    label = "steal"

    percent: float

    @property
    def consequence(self) -> Consequence:
        return Consequence.NOTE

    @property
    def seen(self) -> str:
        return f"the host took {self.percent:.1f}% of the CPU time away"

    @property
    def advice(self) -> str:
        return "trust ratios more than absolute numbers, or measure on a machine with CPUs of its own"


@dataclass(frozen=True)
class Swapped(Verdict):
    """Memory was full: what was measured waited for a disk."""

    label = "swap"

    mib: float

    @property
    def consequence(self) -> Consequence:
        return Consequence.UNRANKED if self.mib >= MOST_SWAPPED_MIB else Consequence.NOTE

    @property
    def seen(self) -> str:
        return f"{self.mib:,.0f} MiB went to and from swap during the run"

    @property
    def advice(self) -> str:
        return "measure fewer variants at a time, or with more memory free"


@dataclass(frozen=True)
class Throttled(Verdict):
    """The control group that the run is in (of a container, of systemd) had used up its share of CPU time."""

    label = "throttled"

    percent: float
    """Of the run's time."""

    @property
    def consequence(self) -> Consequence:
        return Consequence.UNRANKED if self.percent >= MOST_THROTTLED_PERCENT else Consequence.NOTE

    @property
    def seen(self) -> str:
        return f"the control group's CPU quota stopped everything for {self.percent:.1f}% of the time"

    @property
    def advice(self) -> str:
        return "raise the container's CPU quota, or give it whole cores (docker run --cpuset-cpus)"


def verdicts(run: Run) -> Iterator[Verdict]:
    """Of a run's machine."""
    machine, everything = run.machine, About()
    if (machine.steal_percent or 0.0) > STOLEN_PERCENT:
        yield StolenCpu(everything, machine.steal_percent or 0.0)
    if (machine.swapped_mib or 0.0) > SWAPPED_MIB:
        yield Swapped(everything, machine.swapped_mib or 0.0)
    if (machine.throttled_percent or 0.0) > THROTTLED_PERCENT:
        yield Throttled(everything, machine.throttled_percent or 0.0)

"""What a profiler has seen of a service: a part of results.json, and files beside it."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from showdown.sampling.call_stacks import SUFFIX
from showdown.sampling.layers import MOST_LAYERS, CpuTime
from showdown.sampling.profilers import ProfilerName
from showdown.types import Amount, Count, Line, Name, Record

# The folder in a run's folder that has call stacks and flame graphs, in one for each scenario.
PROFILES = "profiles"


class Sampled(Record):
    """Where the CPU time of one variant under one scenario goes, from a pass of its own after the blocks."""

    variant: Name
    scenario: Name
    profiler: ProfilerName
    samples_per_second: Count
    samples: Count
    """How many tell where the CPU time goes: not those that waited, nor those that the kernel's account stands for."""
    cpu_us_per_request: Amount
    """Of the service, right before, without the profiler."""
    sampled_cpu_us_per_request: Amount
    """The same while it was sampled."""
    kernel_share: Annotated[float, Field(ge=0, le=1)] | None = None
    """Of the CPU time, by the kernel's own account, where the profiler cannot see the kernel."""
    layers_us_per_request: Annotated[dict[Line, Amount], Field(max_length=MOST_LAYERS + 1)]
    """The CPU time without the profiler, by layer."""

    @property
    def overhead(self) -> float:
        """How many times as much CPU time a request took while it was sampled."""
        return self.sampled_cpu_us_per_request / self.cpu_us_per_request if self.cpu_us_per_request else 1.0

    @property
    def cpu(self) -> CpuTime:
        return CpuTime(self.cpu_us_per_request, self.kernel_share)

    def stacks(self, folder: Path) -> Path:
        """The file of its call stacks in a run's folder."""
        return folder / PROFILES / self.scenario / f"{self.variant}{SUFFIX}"

    @property
    def graph(self) -> str:
        """Its flame graph, as a link from the run's folder."""
        return f"{PROFILES}/{self.scenario}/{self.variant}.svg"

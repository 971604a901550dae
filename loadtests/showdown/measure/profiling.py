"""Where a service's CPU time goes: after the blocks, a profiler looks at each variant under the load of the run.

For each scenario there are four turns: a warm-up, one that shows what a request costs, one in which the profiler
attaches, and one in which it goes on looking. Its samples are of the last two.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from showdown_contract.errors import ShowdownError

from showdown.contenders.variants import Variant
from showdown.generators.load import Generator
from showdown.measure.blocks import measure_block
from showdown.measure.course import BlockPlan, BlockResult, Listener, StackLostError
from showdown.measure.places import without_places
from showdown.measure.plan import BLOCKS, LOGS
from showdown.measure.results import Run, Slice, write_run
from showdown.measure.runner import rate_of
from showdown.measure.sampled import Sampled
from showdown.measure.schedule import WARM_UP, Turn
from showdown.measure.slots import drains
from showdown.requests.latency import once_each
from showdown.requests.scenarios import Scenario
from showdown.sampling.call_stacks import write_stacks
from showdown.sampling.flame_graphs import PER_REQUEST, draw, nanoseconds
from showdown.sampling.layers import CpuTime, Layers, by_layer, load_layers, telling, weighed
from showdown.sampling.profilers import Profiler, Sampling
from showdown.stacks.cpu_clock import cpu_seconds, system_seconds
from showdown.stacks.stack import Stack

# A turn is as long as so many slices of the run, and a profiler needs this time to read a program's symbols.
SLICES, ATTACH_SECONDS = 6, 3.0
PLAIN, SAMPLED = 1, 2
# So much is the rule while it attaches.
MOST_BEHIND_SECONDS = 2.0


def profile(  # noqa: PLR0917 - each is one thing, and no two are of one type
    run: Run,
    profiler: Profiler,
    stack: Stack,
    scenarios: Mapping[str, Scenario],
    generator: Generator,
    folder: Path,
    say: Callable[[str], object],
) -> None:
    """Profile each variant that was measured, but no twin, into `run` and the run's folder.

    Where that fails, a note says why, and the others go on. `say` is told what is done now. Raises StackLostError.
    """
    layers = load_layers()
    measured = dict.fromkeys(each.variant for each in run.slices)
    done = {each.variant for each in run.sampled}
    names = [name for name in measured if name not in done and not (run.twin and name == run.twin.name)]
    for number, name in enumerate(names, start=1):
        say(f"{profiler.name} looks at {name}, {number} of {len(names)}")
        one = _Pass(run, name, run.variants[name], profiler, layers, folder)
        try:
            one.measure(stack, scenarios, generator)
        except StackLostError:
            raise
        except ShowdownError as error:
            reason = without_places(str(error).splitlines()[0], folder)
            run.notes.append(f"{name} was not profiled: {reason}")
        finally:
            write_run(run, folder)


@dataclass
class _Looks:
    """A profiler beside the turns of a block of one variant."""

    profiler: Profiler
    logs: Path
    """What the names of its logs begin with."""
    samplings: dict[str, Sampling] = field(default_factory=dict)
    """By scenario."""
    kernel_shares: dict[str, float] = field(default_factory=dict)
    """Of the CPU time of the turn without the profiler."""
    _now: tuple[Turn, int] | None = None
    _before: "_Times | None" = None

    def begin(self, turn: Turn, root: int | None) -> None:
        if root is None or not self.profiler.can_see(root):
            raise ShowdownError(f"{self.profiler.name} sees {self.profiler.sees} only: try another --profile-with")
        self._now = turn, root
        if turn.lap == PLAIN:
            self._before = _Times.now(root)
        elif turn.lap == WARM_UP and turn.scenario in self.kernel_shares:
            files = self.logs.with_name(f"{self.logs.name}-{turn.scenario}")
            self.samplings[turn.scenario] = self.profiler.attached(root, files)

    def end(self) -> None:
        if self._now is None:
            return
        turn, root = self._now
        if turn.lap == PLAIN and self._before:
            self.kernel_shares[turn.scenario] = _Times.now(root).kernel_share_since(self._before)
        elif turn.lap == SAMPLED:
            self.samplings[turn.scenario].begin_end()

    def leave(self) -> None:
        for sampling in self.samplings.values():
            sampling.end()


@dataclass(frozen=True)
class _Times:
    """The CPU time of a service's processes, in seconds: all of it, and the kernel's part."""

    cpu: float
    kernel: float

    @classmethod
    def now(cls, root: int) -> "_Times":
        return cls(cpu_seconds(root), system_seconds(root))

    def kernel_share_since(self, before: "_Times") -> float:
        cpu, kernel = max(0.0, self.cpu - before.cpu), max(0.0, self.kernel - before.kernel)
        # The kernel's part is told in steps of 10 ms.
        return min(1.0, kernel / cpu) if cpu else 0.0


@dataclass(frozen=True)
class _Pass:
    """The block in which one variant is profiled."""

    run: Run
    name: str
    variant: Variant
    profiler: Profiler
    layers: Layers
    folder: Path

    def measure(self, stack: Stack, scenarios: Mapping[str, Scenario], generator: Generator) -> None:
        """Raises ShowdownError."""
        looks = _Looks(self.profiler, self.folder / LOGS / f"profile-{self.name}")
        result = BlockResult()
        quiet = Listener(on_step=lambda _: None, on_turn=lambda _: None, on_seconds=lambda _: None)
        try:
            measure_block(self._plan(scenarios, looks), stack, generator, quiet, result)
            if result.faults:
                raise ShowdownError(result.faults[0].reason)
            by_scenario: dict[str, dict[int, Slice]] = {}
            for each in result.slices:
                by_scenario.setdefault(each.scenario, {})[each.lap] = each
            for scenario, sampling in looks.samplings.items():
                self._add(scenario, by_scenario[scenario], sampling, looks.kernel_shares[scenario])
        finally:
            looks.leave()

    def _plan(self, scenarios: Mapping[str, Scenario], looks: _Looks) -> BlockPlan:
        run = self.run
        seconds = {
            "slice_seconds": SLICES * run.profile.slice_seconds,
            "warm_up_seconds": max(ATTACH_SECONDS, run.profile.warm_up_seconds),
        }
        # Scenarios that differ in latency alone are the same work.
        firsts = dict.fromkeys(once_each(scenarios).values())
        return BlockPlan(
            run=run.model_copy(
                update={"variants": {self.name: self.variant}, "profile": run.profile.model_copy(update=seconds)}
            ),
            number=1,
            group=1,
            turns=[Turn(lap, name, self.name) for name in firsts for lap in (WARM_UP, PLAIN, WARM_UP, SAMPLED)],
            scenarios=scenarios,
            connections=1,
            files=self.folder / BLOCKS / f"profile-{self.name}",
            drains=drains(run.slices),
            verify=frozenset(),
            rates=partial(rate_of, run),
            pattern=run.rate.pattern if run.rate else "constant",
            beside=looks,
        )

    def _add(self, scenario: str, laps: Mapping[int, Slice], sampling: Sampling, kernel_share: float) -> None:
        """Raises ShowdownError where nothing was seen."""
        plain, sampled = (laps[lap].tiers["service"].cpu_us_per_request for lap in (PLAIN, SAMPLED))
        if plain is None or sampled is None:
            raise ShowdownError("nobody tells how much CPU time the service takes")
        samples = sampling.samples()
        cpu = CpuTime(plain, None if self.profiler.sees_kernel else kernel_share)
        weights = weighed(samples, self.layers, cpu)
        found = Sampled(
            variant=self.name,
            scenario=scenario,
            profiler=self.profiler.name,
            samples_per_second=self.profiler.samples_per_second,
            samples=telling(samples, self.layers, cpu),
            cpu_us_per_request=plain,
            sampled_cpu_us_per_request=sampled,
            kernel_share=cpu.kernel_share,
            layers_us_per_request=by_layer(weights, self.layers),
        )
        stacks = found.stacks(self.folder)
        stacks.parent.mkdir(parents=True, exist_ok=True)
        write_stacks(samples, stacks)
        draw(nanoseconds(weights), f"{self.name}, {scenario}", self.folder / found.graph, PER_REQUEST)
        self.run.sampled.append(found)
        if (behind := sampling.behind_seconds()) > MOST_BEHIND_SECONDS:
            self.run.notes.append(
                f"{self.name}, {scenario}: {self.profiler.name} fell {behind:.0f} s behind, so some of its samples are "
                "of the same moments, and shares by layer are less exact than their number says: profile again on a "
                "quieter machine"
            )

"""The course of a block: its turns one after the other, by the clock, and what each has given."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from showdown_contract.errors import ShowdownError
from showdown_stack.haproxy import Totals

from showdown.contenders.variants import Variant
from showdown.generators import pgbench
from showdown.generators.load import Loading, Running
from showdown.generators.measurement import Counted
from showdown.generators.timetable import TAIL_SECONDS, Entry
from showdown.measure.results import Ceiling, Fault, Proxy, Run, Slice
from showdown.measure.schedule import CEILING, WARM_UP, Turn
from showdown.measure.slots import Drains, Slot, slots
from showdown.measure.work import Counts, WorkCounter, work
from showdown.requests.scenarios import Scenario
from showdown.stacks.stack import Block, Stack, Watched

POLL_SECONDS = 0.1
# From the moment when all is up until the first turn.
LEAD_SECONDS = 0.5


class StackLostError(ShowdownError):
    """A tier that every block needs has ended: nothing more can be measured."""


@dataclass(frozen=True)
class BlockPlan:
    """What is measured in one block, and with what."""

    run: Run
    number: int
    group: int
    turns: Sequence[Turn]
    scenarios: Mapping[str, Scenario]
    connections: int
    """Of pgbench."""
    files: Path
    """What the files of this block start with."""
    drains: Drains
    verify: frozenset[str]
    """Variants whose answers have not been compared with the golden cases yet."""

    @property
    def variants(self) -> dict[str, Variant]:
        """Those that are up."""
        named = {turn.contender for turn in self.turns}
        return {name: variant for name, variant in self.run.variants.items() if name in named}

    def file(self, suffix: str) -> Path:
        return self.files.with_name(f"{self.files.name}{suffix}")


@dataclass
class BlockResult:
    """What a block has given."""

    slices: list[Slice] = field(default_factory=list)
    ceilings: list[Ceiling] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class Listener:
    """Whom to tell what is happening in a block."""

    on_step: Callable[[str], object]
    """What is done before the first turn."""
    on_turn: Callable[[Turn], object]
    on_seconds: Callable[[float], object]
    """Told the seconds of turns that have passed since its last call."""


@dataclass(frozen=True)
class Between:
    """What had been counted between two turns."""

    counts: Counts | None
    totals: Mapping[str, Totals]


class Course:
    """A block in which all is up and waits."""

    def __init__(  # noqa: PLR0917 - each is one thing, and no two are of one type
        self,
        plan: BlockPlan,
        stack: Stack,
        block: Block,
        loading: Loading,
        counter: WorkCounter,
        faults: Mapping[str, str],
    ) -> None:
        self.faults = dict(faults)
        """By contender, why it has lost this block."""
        self._plan = plan
        self._stack = stack
        self._block = block
        self._loading = loading
        self._counter = counter
        self._slots: list[Slot] = []
        self._between: list[Between] = []
        self._connections: dict[int, int] = {}
        self._counted: list[Counted] = []
        self._watched: Watched | None = None

    def follow(self, listener: Listener) -> None:
        """Go through all turns. What is raised comes after what was seen so far has been read."""
        profile = self._plan.run.profile
        turns = [turn for turn in self._plan.turns if turn.contender not in self.faults]
        if not turns:
            return
        start = time.time() + LEAD_SECONDS
        self._slots = slots(turns, start, profile.slice_seconds, profile.warm_up_seconds, self._plan.drains)
        self._loading.follow([self._entry(slot) for slot in self._slots if slot.turn.contender != CEILING])
        with self._block.watched() as self._watched:
            try:
                self._go(listener, self._watched)
            except BaseException:
                self._loading.stop()
                raise
            finally:
                self._counted = self._loading.summary().entries
                self.faults = {**self._block.faults, **self.faults}

    def _go(self, listener: Listener, watched: Watched) -> None:
        entry = -1
        with ExitStack() as running:
            for number, slot in enumerate(self._slots):
                turn = slot.turn
                is_ceiling = turn.contender == CEILING
                running.close()
                self._count()
                if not is_ceiling:
                    entry += 1
                    self._block.route(turn.contender, turn.service_hosts)
                    self._loading.begin(entry)
                listener.on_turn(turn)
                self._wait(slot.start, listener)
                generator = running.enter_context(self._ceiling(number, slot)) if is_ceiling else self._loading.process
                watched.turn(None if is_ceiling else turn.contender, turn.service_hosts, generator)
                self._wait(slot.counted_from, listener)
                watched.look()
                self._wait(slot.counted_to, listener)
                watched.look()
                self._connections[number] = self._counter.connections()
                self._wait(slot.left_at, listener)
        self._count()

    def _count(self) -> None:
        # The statements first: there is a moment only in which nothing is under way.
        counts = self._counter.counts()
        self._between.append(Between(counts, self._block.totals()))
        self._counter.begin()

    def _wait(self, until: float, listener: Listener) -> None:
        """Raises ShowdownError where the generator or a tier ends before that moment."""
        while (left := until - time.time()) > 0:
            seconds = min(left, POLL_SECONDS)
            time.sleep(seconds)
            listener.on_seconds(seconds)
            if left > POLL_SECONDS:
                self._loading.check()
                if lost := self._stack.lost():
                    raise StackLostError(lost.how_it_ended(" in mid-run"))

    def _ceiling(self, number: int, slot: Slot) -> Running:
        plan = self._plan
        return self._block.start_ceiling(
            self._ceiling_files(number),
            plan.scenarios[slot.turn.scenario],
            plan.run.recipes,
            plan.connections,
            pgbench.run_seconds(plan.run.profile.slice_seconds),
        )

    def _ceiling_files(self, number: int) -> Path:
        turn = self._slots[number].turn
        return self._plan.file(f"-{turn.lap}-{turn.scenario}-{CEILING}")

    def _entry(self, slot: Slot) -> Entry:
        plan, turn = self._plan, slot.turn
        return Entry(
            start=slot.start,
            counted_from=slot.counted_from,
            counted_to=slot.counted_to,
            end=slot.counted_to + TAIL_SECONDS,
            left_at=slot.left_at,
            url=self._block.url(turn.contender),
            scenario=turn.scenario,
            # Each host has the same load, however many there are.
            users=plan.run.profile.users * turn.service_hosts,
            # Every variant is asked the same within a lap, and something else in the next.
            seed=f"{plan.run.seed} {plan.number} {turn.lap}",
            lookup=plan.run.variants[turn.contender].lookup,
        )

    def add_to(self, result: BlockResult) -> None:
        """The slices of all laps that were finished; none of a contender that failed."""
        slices: list[Slice] = []
        ceilings: list[Ceiling] = []
        # What happened in a turn is known once the next one has begun.
        over = len(self._between) - 1
        unfinished = {slot.turn.lap for slot in self._slots[max(over, 0) :]}
        counted = iter(self._counted)
        scenarios: dict[str, str] = {}
        for number, slot in enumerate(self._slots):
            turn = slot.turn
            seen = None if turn.contender == CEILING else next(counted, None)
            if turn.lap == WARM_UP or turn.lap in unfinished or turn.contender in self.faults:
                continue
            try:
                if turn.contender == CEILING:
                    ceilings.append(self._ceiling_of(number, slot))
                elif seen:
                    slices.append(self._slice(number, slot, seen))
            except ShowdownError as error:
                self.faults[turn.contender], scenarios[turn.contender] = str(error), turn.scenario
        result.slices += [each for each in slices if each.variant not in self.faults]
        result.ceilings += [each for each in ceilings if each.name not in self.faults]
        plan = self._plan
        result.faults += [
            Fault(variant=name, scenario=scenarios.get(name), block=plan.number, group=plan.group, reason=reason)
            for name, reason in self.faults.items()
        ]

    def _slice(self, number: int, slot: Slot, seen: Counted) -> Slice:
        """Raises ShowdownError where there is nothing to count."""
        assert self._watched is not None  # noqa: S101 - turns are watched
        turn = slot.turn
        if seen.errors == seen.requests:
            what = next(iter(seen.failures), "none came")
            raise ShowdownError(f"there was no right answer in {seen.measured_seconds:.1f} s: {what}")
        before, after = self._between[number], self._between[number + 1]
        return Slice(
            variant=turn.contender,
            scenario=turn.scenario,
            block=self._plan.number,
            group=self._plan.group,
            lap=turn.lap,
            service_hosts=turn.service_hosts,
            started_at=slot.counted_from,
            measured_seconds=seen.measured_seconds,
            requests=seen.requests,
            errors=seen.errors,
            requests_per_second=seen.requests_per_second,
            histogram=seen.histogram,
            failures=seen.failures,
            tiers=self._watched.tiers(
                number, slot.counted_from, slot.counted_to, seen.requests / seen.measured_seconds
            ),
            work=work(before.counts, after.counts, seen.total_requests, self._connections[number]),
            proxy=_proxy(before.totals.get(turn.contender), after.totals.get(turn.contender)),
        )

    def _ceiling_of(self, number: int, slot: Slot) -> Ceiling:
        """Raises ShowdownError where pgbench has left nothing."""
        assert self._watched is not None  # noqa: S101 - turns are watched
        seen = self._block.ceiling_summary(self._ceiling_files(number), slot.counted_from, slot.counted_to)
        return Ceiling(
            scenario=slot.turn.scenario,
            block=self._plan.number,
            group=self._plan.group,
            lap=slot.turn.lap,
            connections=self._plan.connections,
            requests_per_second=seen.transactions_per_second,
            mean_latency_ms=seen.mean_latency_ms,
            tiers=self._watched.tiers(number, slot.counted_from, slot.counted_to, seen.transactions_per_second),
        )


def _proxy(before: Totals | None, after: Totals | None) -> Proxy | None:
    if before is None or after is None:
        return None
    return Proxy(
        responses=after.responses - before.responses,
        server_errors=after.server_errors - before.server_errors,
        connection_errors=after.connection_errors - before.connection_errors,
        most_queued=after.most_queued,
    )

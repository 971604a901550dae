"""The course of a block: its turns one after the other, by the clock, and what each has given."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, islice
from math import inf
from pathlib import Path
from typing import Protocol

from showdown_contract.errors import ShowdownError

from showdown.contenders.variants import Variant
from showdown.generators import pgbench
from showdown.generators.arrivals import Pattern
from showdown.generators.load import Loading
from showdown.generators.measurement import Counted
from showdown.generators.pgbench import CeilingTurn
from showdown.generators.timetable import TAIL_SECONDS, Entry
from showdown.measure.rates import users_for
from showdown.measure.results import Ceiling, Fault, Run, Slice
from showdown.measure.schedule import CEILING, WARM_UP, Turn
from showdown.measure.slots import QUIET_SECONDS, Drains, Slot, slots
from showdown.measure.work import Activity, Counts, WorkCounter, work
from showdown.requests.scenarios import Scenario
from showdown.stacks.stack import Block, Ceilings, Stack, Watched, Window

POLL_SECONDS = 0.1
# Looks at the connections in use, in each slice. pg_stat_database adds up their time, too, but a connection reports it
# once a second at most, and what is left when its slice ends with another variant's.
LOOKS = 4


class StackLostError(ShowdownError):
    """A tier that every block needs has ended: nothing more can be measured."""


class Beside(Protocol):
    """What else is done in the turns of a block."""

    def begin(self, turn: Turn, root: int | None) -> None:
        """A turn is about to start. `root`: of the processes of its service, where they run on this machine."""

    def end(self) -> None:
        """Nothing of that turn is under way any more."""


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
    rates: Callable[[Turn], float | None] = lambda _: None
    """In requests per second; None: in a closed loop."""
    pattern: Pattern = "constant"
    """How requests arrive where there is a rate."""
    beside: Beside | None = None

    @property
    def variants(self) -> dict[str, Variant]:
        """Those that are up."""
        named = {turn.contender for turn in self.turns}
        return {name: variant for name, variant in self.run.variants.items() if name in named}

    @property
    def most_users(self) -> int:
        """Of the turn that has most."""
        return max(map(self.users, self.turns), default=1)

    def users(self, turn: Turn) -> int:
        """How many requests can be under way at a time."""
        # Each host has the same load, however many there are.
        users = self.run.users_of(turn.contender) * turn.service_hosts
        rate = self.rates(turn)
        return users if rate is None else users_for(rate, users)

    def file(self, suffix: str) -> Path:
        return self.files.with_name(f"{self.files.name}{suffix}")

    def entries(self, slot: Slot, url: str) -> list[Entry]:
        """What users do in a turn. The first is what the turn's slice is of."""
        turn = slot.turn
        entry = Entry(
            start=slot.start,
            counted_from=slot.counted_from,
            counted_to=slot.counted_to,
            end=slot.counted_to + TAIL_SECONDS,
            left_at=slot.left_at,
            url=url,
            scenario=turn.scenario,
            users=self.users(turn),
            # Every variant is asked the same within a lap, and something else in the next.
            seed=f"{self.run.seed} {self.number} {turn.lap}",
            lookup=self.run.variants[turn.contender].lookup,
            rate=self.rates(turn),
            pattern=self.pattern,
        )
        return [entry]


@dataclass
class BlockResult:
    """What a block has given."""

    slices: list[Slice] = field(default_factory=list)
    ceilings: list[Ceiling] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    counted: dict[Turn, list[Counted]] = field(default_factory=dict)
    """What the generator saw of each slice's turn, entry by entry."""


@dataclass(frozen=True)
class Listener:
    """Callbacks that report a block's progress."""

    on_step: Callable[[str], object]
    """What is done before the first turn."""
    on_turn: Callable[[Turn], object]
    on_seconds: Callable[[float], object]
    """Told the seconds of turns that have passed since its last call."""


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
        self._entries: list[list[Entry]] = []
        """Of each turn."""
        self._counts: list[Counts | None] = []
        """Of statements, before each turn and after the last."""
        self._connections: dict[int, int] = {}
        self._looks: dict[int, list[Activity | None]] = {}
        self._counted: list[Counted] = []
        self._watched: Watched | None = None
        self._ceilings: Ceilings | None = None

    def follow(self, listener: Listener) -> None:
        """Go through all turns. What is raised comes after what was seen so far has been read."""
        profile = self._plan.run.profile
        turns = [turn for turn in self._plan.turns if turn.contender not in self.faults]
        if not turns:
            return
        start = self._block.now() + self._block.lead_seconds
        self._slots = slots(turns, start, profile, self._plan.drains, self._plan.connections)
        self._entries = [
            [] if slot.turn.contender == CEILING else self._plan.entries(slot, self._block.url(slot.turn.contender))
            for slot in self._slots
        ]
        self._loading.follow([entry for entries in self._entries for entry in entries])
        ceilings = [self._ceiling_turn(slot) for slot in self._slots if slot.turn.contender == CEILING]
        with self._block.watched(self._windows()) as self._watched, self._block.ceilings(ceilings) as self._ceilings:
            try:
                self._go(listener, self._watched, self._ceilings)
                self._counted = self._loading.summary().entries
            except BaseException:
                self._loading.stop()
                with suppress(ShowdownError):
                    self._counted = self._loading.summary().entries
                raise
            finally:
                self.faults = {**self._block.faults, **self.faults}

    def _go(self, listener: Listener, watched: Watched, ceilings: Ceilings) -> None:
        entry = ceiling = 0
        for number, slot in enumerate(self._slots):
            is_ceiling = slot.turn.contender == CEILING
            self._count(watched, slot.start)
            if not is_ceiling:
                self._loading.begin(entry)
                entry += len(self._entries[number])
            listener.on_turn(slot.turn)
            self._wait(slot.start, listener)
            generator = ceilings.begin(ceiling) if is_ceiling else self._loading.process
            ceiling += is_ceiling
            watched.begin(generator)
            if beside := self._plan.beside:
                beside.begin(slot.turn, self._block.root(slot.turn.contender))
            self._wait(slot.counted_from, listener)
            watched.look()
            if not is_ceiling:
                self._looks[number] = [self._activity_at(moment, listener) for moment in slot.looks(LOOKS)]
            self._wait(slot.counted_to, listener)
            watched.look()
            self._connections[number] = self._counter.connections()
            self._wait(slot.left_at, listener)
            ceilings.end()
            if beside:
                beside.end()
        self._count(watched, inf)

    def _count(self, watched: Watched, until: float) -> None:
        """What was done so far is known as long as nothing is under way again, at a moment."""
        # The statements first, for that is not long.
        asked_at = self._block.now()
        counts = self._counter.counts()
        answered_at = self._block.now()
        self._counts.append(counts if (asked_at + answered_at) / 2 < until else None)
        watched.between()
        self._counter.begin()

    def _activity_at(self, moment: float, listener: Listener) -> Activity | None:
        self._wait(moment, listener)
        return self._counter.activity()

    def _wait(self, until: float, listener: Listener) -> None:
        """Raises ShowdownError where the generator or a tier ends before that moment."""
        while (left := until - self._block.now()) > 0:
            seconds = min(left, POLL_SECONDS)
            time.sleep(seconds)
            listener.on_seconds(seconds)
            if left > POLL_SECONDS:
                self._loading.check()
                if lost := self._stack.lost():
                    raise StackLostError(lost.how_it_ended(" in mid-run"))

    def _windows(self) -> list[Window]:
        quiet = [self._slots[0].start - QUIET_SECONDS, *(slot.left_at for slot in self._slots)]
        return [
            Window(
                quiet_from=quiet_from,
                counted_from=slot.counted_from,
                counted_to=slot.counted_to,
                left_at=slot.left_at,
                variant=None if slot.turn.contender == CEILING else slot.turn.contender,
                hosts=slot.turn.service_hosts,
                upstream=self._plan.scenarios[slot.turn.scenario].upstream,
                latency_ms=self._plan.run.latency_ms.get(slot.turn.scenario, 0.0),
            )
            for quiet_from, slot in zip(quiet[:-1], self._slots, strict=True)
        ]

    def _ceiling_turn(self, slot: Slot) -> CeilingTurn:
        plan, turn = self._plan, slot.turn
        return CeilingTurn(
            files=plan.file(f"-{turn.lap}-{turn.scenario}-{CEILING}"),
            scenario=plan.scenarios[turn.scenario],
            size=plan.run.size,
            connections=plan.connections,
            seconds=pgbench.run_seconds(plan.run.profile.slice_seconds, plan.connections),
            start=slot.start,
            counted_from=slot.counted_from,
            counted_to=slot.counted_to,
        )

    def add_to(self, result: BlockResult) -> None:
        """The slices of all laps that were finished; none of a contender that failed."""
        slices: list[Slice] = []
        ceilings: list[Ceiling] = []
        # What happened in a turn is known once the next one has begun.
        over = len(self._counts) - 1
        unfinished = {slot.turn.lap for slot in self._slots[max(over, 0) :]}
        counted, ceiling = iter(self._counted), count()
        failed: dict[str, str] = {}
        scenarios: dict[str, str] = {}
        for number, slot in enumerate(self._slots):
            turn = slot.turn
            index = next(ceiling) if turn.contender == CEILING else -1
            seen = list(islice(counted, len(self._entries[number])))
            if turn.lap == WARM_UP or turn.lap in unfinished or turn.contender in self.faults:
                continue
            try:
                if turn.contender == CEILING:
                    ceilings.append(self._ceiling_of(number, slot, index))
                elif seen:
                    slices.append(self._slice(number, slot, seen[0], sum(each.total_requests for each in seen)))
                    result.counted[turn] = seen
            except ShowdownError as error:
                failed[turn.contender] = str(error)
                scenarios[turn.contender] = turn.scenario
        # pgbench may be too slow to start on a busy machine; one slice of it is a ceiling all the same.
        self.faults |= {name: reason for name, reason in failed.items() if name != CEILING or not ceilings}
        result.slices += [each for each in slices if each.variant not in self.faults]
        result.ceilings += [each for each in ceilings if each.name not in self.faults]
        plan = self._plan
        result.faults += [
            Fault(variant=name, scenario=scenarios.get(name), block=plan.number, group=plan.group, reason=reason)
            for name, reason in self.faults.items()
        ]

    def _slice(self, number: int, slot: Slot, seen: Counted, total_requests: int) -> Slice:
        """`total_requests`: all that were sent in the turn. Raises ShowdownError where there is nothing to count."""
        assert self._watched is not None  # noqa: S101 - turns are watched
        turn = slot.turn
        if seen.errors == seen.requests:
            what = next(iter(seen.failures), "none came")
            raise ShowdownError(f"there was no right answer in {seen.measured_seconds:.1f} s: {what}")
        per_second = seen.requests / seen.measured_seconds
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
            asked_requests_per_second=self._plan.rates(turn),
            arrivals=seen.arrivals,
            histogram=seen.histogram,
            failures=seen.failures,
            tiers=self._watched.tiers(number, per_second),
            machine_cpu_us_per_request=self._watched.machine_cpu_us(number, per_second),
            work=work(
                self._counts[number],
                self._counts[number + 1],
                total_requests,
                self._connections[number],
                self._looks[number],
            ),
            proxy=self._watched.proxy(number),
            upstream=self._watched.upstream(number, total_requests),
            event_loop=self._watched.event_loop(number),
            link=self._watched.link(number, total_requests),
        )

    def _ceiling_of(self, number: int, slot: Slot, index: int) -> Ceiling:
        """Raises ShowdownError where pgbench has left nothing."""
        assert self._watched is not None  # noqa: S101 - turns are watched
        assert self._ceilings is not None  # noqa: S101 - likewise
        seen = self._ceilings.summary(index)
        return Ceiling(
            scenario=slot.turn.scenario,
            block=self._plan.number,
            group=self._plan.group,
            lap=slot.turn.lap,
            connections=self._plan.connections,
            requests_per_second=seen.transactions_per_second,
            mean_latency_ms=seen.mean_latency_ms,
            tiers=self._watched.tiers(number, seen.transactions_per_second),
        )

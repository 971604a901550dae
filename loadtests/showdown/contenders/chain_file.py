"""Reads chains.toml. A step that changes not exactly one knob is refused."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from showdown_contract.errors import ShowdownError
from showdown_stack.link import MOST_LATENCY_MS

from showdown.contenders.chains import MOST_STEPS, Chain, KnownChain, Step, changes
from showdown.contenders.variants import MOST_PARTS, Command, KnobName, Variant, VariantFile
from showdown.selection import unknown
from showdown.toml_files import read_toml
from showdown.types import MOST_NAME, MOST_POOL, MOST_WORKERS, Argument, Line, Name, VariableName

MOST_CHAINS, MOST_LATENCIES = 100, 20
OTHER_WAY = "-other-way"
# What a variant runs; the rest of its fields says what that is made of.
PROGRAM = ("command", "build", "distributions", "versions", "packages", "unbounded")


LatencyMs = Annotated[float, Field(ge=0, le=MOST_LATENCY_MS, allow_inf_nan=False)]


class StepEntry(BaseModel):
    """One step, as chains.toml has it: what differs from the variant before."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[Line, Field(min_length=1, max_length=MOST_NAME)]
    variant: Name | None = None
    """The variant that the step leads to, where it is one of variants.toml."""
    program: Name | None = None
    """The variant whose program takes the place of the one before."""
    command: Command | None = None
    """A command of its own that does."""
    distributions: Annotated[list[Name], Field(max_length=MOST_PARTS)] = []
    """The Python packages that it uses beside those that it did before: results include their versions."""
    workers: Annotated[int, Field(strict=True, ge=1, le=MOST_WORKERS)] | None = None
    pool: Annotated[int, Field(strict=True, ge=1, le=MOST_POOL)] | None = None
    set: dict[KnobName, Argument] = {}
    unset: list[VariableName] = []
    after: Line | None = None
    """The earlier step, or the variant at the start, from which it is made; the step before, if not given."""
    own: list[VariableName] = []
    """Variables that only one of two programs has, so that they come or go with it."""
    needs: list[Line] = []
    """Steps that have to be made before this one, in whichever order the others are made."""


class ChainEntry(BaseModel):
    """One chain, as chains.toml has it."""

    model_config = ConfigDict(extra="forbid")

    description: Line
    start: Name
    scenarios: Annotated[list[Name], Field(min_length=1, max_length=MOST_CHAINS)] | None = None
    """Under which it is measured; the profile's, where they are not given."""
    size: Annotated[int, Field(strict=True, ge=1)] | None = None
    """The data set that these need; the contract's own, where it is not given."""
    latency_ms: Annotated[list[LatencyMs], Field(min_length=1, max_length=MOST_LATENCIES)] | None = None
    """Between service and Postgres: each scenario is measured at each."""
    profile: Name | None = None
    """How much is measured, where nobody says that; the contract's own, where it is not given."""
    beside: Name | None = None
    """Another chain, whose variants are measured in the same run."""
    direct: Annotated[bool, Field(strict=True)] = False
    """Whether requests go to the services without haproxy, which lets only so many of them in at a time."""
    steps: Annotated[list[StepEntry], Field(min_length=1, max_length=MOST_STEPS)]


class ChainFile(BaseModel):
    """chains.toml."""

    model_config = ConfigDict(extra="forbid")

    chains: Annotated[dict[Name, ChainEntry], Field(max_length=MOST_CHAINS)]


def load_chains(path: Path, variants: VariantFile) -> dict[str, KnownChain]:
    """All of a chains.toml, in its order. Raises ShowdownError for a step that changes not exactly one knob."""
    entries = read_toml(path, ChainFile).chains
    known = {name: _Reader(path, name, entry, variants.variants).read() for name, entry in entries.items()}
    for name, entry in entries.items():
        if entry.beside is not None:
            if entry.beside not in known:
                raise ShowdownError(f"{path}: chains.{name}.beside: {unknown('chain', known, entry.beside)}")
            beside = known[entry.beside].measured(both_ways=False)
            known[name] = replace(known[name], beside=beside)
    return known


class _Reader:
    """Reads one chain."""

    def __init__(self, path: Path, name: str, entry: ChainEntry, variants: Mapping[str, Variant]) -> None:
        self._place = f"{path}: chains.{name}"
        self._name = name
        self._entry = entry
        self._all = dict(variants)
        self._own: dict[str, Variant] = {}

    def read(self) -> KnownChain:
        entry = self._entry
        self._variant(entry.start, f"{self._place}.start")
        # By step: the variant that it leads to.
        reached = {entry.start: entry.start}
        steps: list[Step] = []
        for number, step in enumerate(entry.steps, start=1):
            place = f"{self._place}, step {number} ({step.name})"
            self._require_order(step, reached, place)
            before = reached[step.after] if step.after is not None else steps[-1].after if steps else entry.start
            after = self._target(before, step, place)
            knob, change = self._one_change(before, after, step, place)
            steps.append(Step(name=step.name, knob=knob, change=change, before=before, after=after))
            reached[step.name] = after
        chain = Chain(name=self._name, description=entry.description, steps=steps)
        if not chain.has_branches:
            chain.other_way = list(self._other_way(steps))
        return KnownChain(chain, entry.scenarios, entry.size, self._own, entry.latency_ms, entry.profile, entry.direct)

    def _variant(self, name: str, place: str) -> Variant:
        if name not in self._all:
            raise ShowdownError(f"{place}: {unknown('variant', self._all, name)}")
        return self._all[name]

    @staticmethod
    def _require_order(step: StepEntry, reached: Mapping[str, str], place: str) -> None:
        if step.name in reached:
            raise ShowdownError(f"{place}: an earlier step has this name: give it another")
        for named in [*step.needs, *filter(None, [step.after])]:
            if named not in reached:
                raise ShowdownError(f"{place}: it names {named!r}, which is no earlier step")

    def _target(self, before: str, step: StepEntry, place: str) -> str:
        """The name of the variant that a step leads to."""
        changed = step.model_fields_set - {"name", "after", "own", "needs"}
        if step.variant is not None:
            if changed != {"variant"}:
                raise ShowdownError(f"{place}: variant says all that it changes: leave out the rest")
            self._variant(step.variant, place)
            return step.variant
        variant = self._all[before]
        program = variant if step.program is None else self._variant(step.program, place)
        update: dict[str, object] = {field: getattr(program, field) for field in PROGRAM}
        update["distributions"] = [*program.distributions, *step.distributions]
        given = {"workers": step.workers, "pool": step.pool, "command": step.command}
        update |= {field: value for field, value in given.items() if value is not None}
        if missing := [name for name in step.unset if name not in variant.environment]:
            raise ShowdownError(f"{place}: {missing[0]} is not set before it: there is nothing to unset")
        left = {name: value for name, value in variant.environment.items() if name not in step.unset}
        update["environment"] = left | step.set
        return self._add(variant, step.name, update)

    def _one_change(self, before: str, after: str, step: StepEntry, place: str) -> tuple[str, str]:
        found = changes(self._all[before], self._all[after])
        if step.own and "program" not in found:
            raise ShowdownError(f"{place}: only a step to another program has variables of its own: leave out own")
        counted = [name for name in found if name not in step.own]
        if len(counted) != 1:
            told = "; ".join(f"{name}: {found[name]}" for name in counted)
            raise ShowdownError(f"{place}: from {before} to {after} it changes {_count(counted)}, not one: {told}")
        if idle := [name for name in step.own if name not in found]:
            raise ShowdownError(f"{place}: it does not change {idle[0]}: leave that out of own")
        (knob,) = counted
        also = "".join(f"; {name}: {found[name]}" for name in step.own if name in found)
        return knob, f"{found[knob]}{also}"

    def _other_way(self, steps: Sequence[Step]) -> Iterator[Step]:
        """The same steps from the other end, as far as one does not need another.

        A step to another program stays where it is: most variables are of one program only. So do steps of one knob
        among themselves.
        """
        needs = {
            step.name: {*entry.needs, *(earlier.name for earlier in steps[:number] if earlier.knob == step.knob)}
            for number, (step, entry) in enumerate(zip(steps, self._entry.steps, strict=True))
        }
        for segment in _segments(steps):
            before = segment[0].before
            for step in _from_the_end(segment, needs):
                after = self._after(self._all[before], step)
                yield step.model_copy(update={"before": before, "after": after})
                before = after

    def _after(self, variant: Variant, step: Step) -> str:
        """The variant that a step leads to from another one than its own."""
        target = self._all[step.after]
        if step.knob == "program":
            return step.after
        if step.knob in {"workers", "pool", "lookup"}:
            return self._add(variant, f"{step.name}{OTHER_WAY}", {step.knob: getattr(target, step.knob)})
        left = {name: value for name, value in variant.environment.items() if name != step.knob}
        if step.knob in target.environment:
            left[step.knob] = target.environment[step.knob]
        return self._add(variant, f"{step.name}{OTHER_WAY}", {"environment": left})

    def _add(self, like: Variant, title: str, update: dict[str, object]) -> str:
        """A variant of this chain, or the one that has the same knobs already."""
        fields = {"description": f"{self._name}: {title}", "claim": None, "note": None, "default": False}
        variant = like.model_copy(update=fields | update)
        if alike := [name for name, other in self._all.items() if not changes(variant, other)]:
            return alike[0]
        name = f"{self._name}.{_slug(title)}"
        if name in self._all or len(name) > MOST_NAME:
            raise ShowdownError(f"{self._place}: {name} is taken or too long a name: call the step {title} otherwise")
        self._own[name] = self._all[name] = variant
        return name


def _segments(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Steps that stand together: one to another program stands alone."""
    segment: list[Step] = []
    for step in steps:
        if step.knob == "program":
            if segment:
                yield segment
            yield [step]
            segment = []
        else:
            segment.append(step)
    if segment:
        yield segment


def _from_the_end(segment: Sequence[Step], needs: Mapping[str, AbstractSet[str]]) -> Iterator[Step]:
    """The last step that can be made, again and again."""
    left = list(segment)
    while left:
        names = {step.name for step in left}
        possible = [step for step in left if names.isdisjoint(needs[step.name])]
        yield possible[-1]
        left.remove(possible[-1])


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _count(names: Sequence[str]) -> str:
    return f"{len(names)} knobs ({', '.join(names)})" if names else "no knob"

"""Chains: variants of which each differs from the one before in exactly one knob."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from pydantic import Field
from showdown_contract.errors import ShowdownError

from showdown.contenders.variants import Variant, VariantName
from showdown.types import Line, Name, Record

MOST_STEPS = 50
NOT_SET = "not set"


class Step(Record):
    """One step between two variants."""

    name: Line
    knob: Line
    """What is changed: the name of a variable, `workers`, `pool`, `lookup`, or `program`."""
    change: Line
    """From what to what."""
    before: VariantName
    after: VariantName


class Chain(Record):
    """What results say of a chain: its steps, by the names of the variants between which they lead."""

    name: Name
    description: Line
    steps: Annotated[list[Step], Field(min_length=1, max_length=MOST_STEPS)]
    other_way: Annotated[list[Step], Field(max_length=MOST_STEPS)] = Field(default_factory=list)
    """The same steps in another order, if they were measured in that, too."""

    @property
    def has_branches(self) -> bool:
        """Whether some steps are alternatives: then there is no whole."""
        return any(step.before != earlier.after for earlier, step in pairwise(self.steps))

    @property
    def first(self) -> str:
        return self.steps[0].before

    @property
    def last(self) -> str:
        return self.steps[-1].after

    def variants(self) -> list[str]:
        """All that have to be measured, each once."""
        return list(
            dict.fromkeys(name for step in [*self.steps, *self.other_way] for name in (step.before, step.after))
        )


@dataclass(frozen=True)
class KnownChain:
    """A chain that can be measured."""

    chain: Chain
    """With the other way."""
    scenarios: list[str] | None
    size: int | None
    own: Mapping[str, Variant]
    """The variants that only this chain has."""
    latencies_ms: Sequence[float] | None = None
    """Between service and Postgres: each scenario is measured at each."""
    profile: str | None = None
    direct: bool = False
    """Without haproxy."""
    beside: Chain | None = None
    """Another chain that is measured in the same run, from its start only."""

    def measured(self, *, both_ways: bool) -> Chain:
        """Raises ShowdownError where it cannot be gone through from the other end."""
        if both_ways and self.chain.has_branches:
            raise ShowdownError(f"{self.chain.name} has branches, and so no other end: leave out --both-ways")
        return self.chain if both_ways else self.chain.model_copy(update={"other_way": []})


def knobs(variant: Variant) -> dict[str, str]:
    """All that a step can change."""
    build = f" (built by {shlex.join(variant.build)})" if variant.build else ""
    own = {"program": f"{shlex.join(variant.command)}{build}", "workers": variant.workers, "pool": variant.pool}
    return {**{name: str(value) for name, value in own.items()}, "lookup": variant.lookup, **variant.environment}


def changes(before: Variant, after: Variant) -> dict[str, str]:
    """By knob in which two variants differ: from what to what."""
    one, other = knobs(before), knobs(after)
    names = dict.fromkeys([*one, *other])
    return {
        name: f"{one.get(name, NOT_SET)} → {other.get(name, NOT_SET)}"
        for name in names
        if one.get(name) != other.get(name)
    }

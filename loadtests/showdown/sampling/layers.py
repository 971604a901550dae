"""To which part of a service a call stack belongs, by the rules of layers.toml, whose head explains them."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from showdown.sampling.call_stacks import CallStack, Samples, total
from showdown.selection import unknown
from showdown.toml_files import read_toml
from showdown.types import Line

FILE = Path(__file__).resolve().parents[2] / "layers.toml"
OTHER, WAITING, KERNEL = "other", "waiting", "kernel"
UNSEEN_CALLS: Samples = {("system calls that were not seen ([kernel])",): 1}
UNSEEN: Samples = {("functions that were not seen",): 1}
# Each has a colour of its own.
MOST_LAYERS = 16
MOST_RULES, MOST_FRAMES = 200, 200


class Rule(BaseModel):
    """Frames of one layer."""

    model_config = ConfigDict(extra="forbid")

    layer: Line
    frames: Annotated[list[re.Pattern[str]], Field(min_length=1, max_length=MOST_FRAMES)]

    def knows(self, frame: str) -> bool:
        return any(pattern.search(frame) for pattern in self.frames)


class Layers(BaseModel):
    """layers.toml."""

    model_config = ConfigDict(extra="forbid")

    layers: Annotated[list[Line], Field(min_length=1, max_length=MOST_LAYERS)]
    rules: Annotated[list[Rule], Field(min_length=1, max_length=MOST_RULES)]
    _known: dict[str, str | None] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _every_layer_has_a_rule_and_every_rule_a_layer(self) -> Self:
        for reserved in {OTHER, WAITING} & {*self.layers}:
            raise ValueError(f"{reserved} is no layer's name: it has a meaning of its own")
        if KERNEL not in self.layers:
            raise ValueError(f"there is no layer {KERNEL}")
        if twice := [name for name, count in Counter(self.layers).items() if count > 1]:
            raise ValueError(f"the layer {twice[0]} is there twice")
        known = [*self.layers, WAITING]
        ruled = {rule.layer for rule in self.rules}
        for name in ruled:
            if name not in known:
                raise ValueError(unknown("layer", known, name))
        if without := [name for name in self.layers if name not in ruled]:
            raise ValueError(f"the layer {without[0]} has no rule, so nothing can belong to it")
        return self

    def of(self, stack: CallStack) -> str:
        """The layer of the innermost frame that a rule knows."""
        return next(filter(None, map(self._of_frame, reversed(stack))), OTHER)

    def _of_frame(self, frame: str) -> str | None:
        # The same frames come again and again.
        if frame not in self._known:
            self._known[frame] = next((rule.layer for rule in self.rules if rule.knows(frame)), None)
        return self._known[frame]


@dataclass(frozen=True)
class CpuTime:
    """What a request takes of a service's CPU time."""

    us_per_request: float
    kernel_share: float | None = None
    """Of it, by the kernel's own account, where the profiler cannot see the kernel."""


def weighed(samples: Samples, layers: Layers, cpu: CpuTime) -> dict[CallStack, float]:
    """How many µs of a request belong to each call stack; none to those that waited."""
    if cpu.kernel_share is None:
        # Who sees the kernel looks by the CPU time that passes.
        return _spread(cpu.us_per_request, samples)
    in_kernel = {stack: number for stack, number in samples.items() if layers.of(stack) == KERNEL}
    outside = _outside_of_the_kernel(samples, layers)
    kernel_us = cpu.us_per_request * cpu.kernel_share
    return _spread(kernel_us, in_kernel or UNSEEN_CALLS) | _spread(cpu.us_per_request - kernel_us, outside or UNSEEN)


def telling(samples: Samples, layers: Layers, cpu: CpuTime) -> int:
    """How many samples tell where the CPU time goes: not those that waited, nor those that an account stands for."""
    return total(samples if cpu.kernel_share is None else _outside_of_the_kernel(samples, layers))


def _outside_of_the_kernel(samples: Samples, layers: Layers) -> Samples:
    return {stack: number for stack, number in samples.items() if layers.of(stack) not in {KERNEL, WAITING}}


def _spread(us: float, samples: Samples) -> dict[CallStack, float]:
    each = us / total(samples)
    return {stack: each * number for stack, number in samples.items()}


def by_layer(weights: Mapping[CallStack, float], layers: Layers) -> dict[str, float]:
    """The µs of a request by layer, in their order; without those that have none."""
    found = dict.fromkeys([*layers.layers, OTHER], 0.0)
    for stack, us in weights.items():
        layer = layers.of(stack)
        found[KERNEL if layer == WAITING else layer] += us
    return {name: us for name, us in found.items() if us}


@cache
def load_layers(path: Path = FILE) -> Layers:
    """Raises ShowdownError where the file is not as it should be."""
    return read_toml(path, Layers)


def in_order(names: Iterable[str], layers: Layers) -> list[str]:
    """As tables and charts have them; those that the file no longer has, and what no rule knows, at the end."""
    order = {name: number for number, name in enumerate(layers.layers)}
    return sorted(names, key=lambda name: (name == OTHER, order.get(name, len(order))))

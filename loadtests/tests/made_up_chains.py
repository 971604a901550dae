"""Runs of chains whose true factors are known."""

from itertools import pairwise

from made_up_runs import made_up_run
from showdown.contenders.chains import Chain, Step
from showdown.measure.results import Run


def made_up_chain_run(speeds: dict[str, float], *, blocks: int = 6, spread: float = 0.02) -> Run:
    """A chain through all of these variants, in their order; its steps are called "to b" and so on."""
    run = made_up_run(speeds, blocks=blocks, spread=spread)
    run.chain = Chain(name="made-up", description="why?", steps=[_step(*pair) for pair in pairwise(speeds)])
    return run


def made_up_alternatives(speeds: dict[str, float]) -> Run:
    """Each of the others takes the place of the first."""
    first, *others = speeds
    run = made_up_run(speeds)
    run.chain = Chain(name="made-up", description="which?", steps=[_step(first, other) for other in others])
    return run


def made_up_chain_both_ways(*, interaction: float, blocks: int = 6) -> Run:
    """Two steps, of 2 × and 3 ×, that make `interaction` times as much together as each alone would."""
    alone = {"a": 100.0, "ab": 200.0, "abc": 600.0 * interaction, "ac": 300.0}
    run = made_up_run(alone, blocks=blocks)
    run.chain = Chain(
        name="made-up",
        description="why?",
        steps=[_step("a", "ab", "b"), _step("ab", "abc", "c")],
        other_way=[_step("a", "ac", "c"), _step("ac", "abc", "b")],
    )
    return run


def _step(before: str, after: str, name: str | None = None) -> Step:
    return Step(name=name or f"to {after}", knob="PLAN", change="? → !", before=before, after=after)

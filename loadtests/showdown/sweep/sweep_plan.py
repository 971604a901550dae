"""Plans the runs of a sweep.

Where the parameter belongs to a variant or to its load, every point is a variant of its own, and one run has them all
side by side. Answers of different lengths are scenarios of one run, and so are latencies (OF_SCENARIOS). What a stack
is started with (OF_THE_STACK), such as its data set, has a run for each value, one after the other, in which only the
variants stand side by side.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from showdown_contract.errors import ShowdownError

from showdown.contenders.variants import SET_BY_SHOWDOWN, Variant
from showdown.contract.contract import Contract
from showdown.measure.plan import RunPlan, plan_run, twin_of, with_twin
from showdown.measure.sweeps import FIELDS, MOST_POINTS, Point, Sweep
from showdown.requests.scenarios import MOST_USERS
from showdown.selection import unknown
from showdown.sweep.swept import LATENCY, ROWS, SIZE, USERS, Asked, parsed
from showdown.types import MOST_NAME

# All points of a run are up at once, and each has processes of its own.
MOST_SERVICES = 40


def plan_sweep(  # noqa: PLR0917 - the command's options, one by one
    text: str,
    variants: str | None,
    scenarios: str | None,
    profile_name: str,
    size: int | None,
    seed: int,
    dsn: str | None,
    contract: Contract,
    variants_file: Path | None = None,
    *,
    twin: bool = True,
) -> list[RunPlan]:
    """One run, or one for each value. Raises ShowdownError. `text`: such as pool=2,5,10."""
    asked = parsed(text)
    by_default = None if variants_file else contract.served
    names = by_default if variants is None else variants

    def planned(
        scenarios: str | None, size: int | None, *, twin: bool, latencies: Sequence[float] | None = None
    ) -> RunPlan:
        return plan_run(
            names, scenarios, profile_name, "locust", contract.size(size), seed, dsn, contract, variants_file,
            twin=twin, latencies=latencies,
        )  # fmt: skip

    if asked.parameter == SIZE:
        if size is not None:
            raise ShowdownError("--size does not go with a sweep of size: leave it out")
        return [_of_one(asked, value, planned(scenarios, int(value), twin=twin)) for value in asked.values]
    if asked.parameter == ROWS:
        if scenarios is not None:
            raise ShowdownError("--scenarios does not go with a sweep of rows, which chooses them: leave it out")
        by_rows = _scenarios_by_rows(asked, contract, contract.size(size))
        return [_of_rows(asked, by_rows, planned(",".join(by_rows.values()), size, twin=twin))]
    if asked.parameter == LATENCY:
        latencies = [float(value) for value in asked.values]
        return [_over_latency(asked, planned(scenarios, size, twin=twin, latencies=latencies))]
    plan = planned(scenarios, size, twin=False)
    if asked.parameter != USERS:
        _require_knob(asked.parameter, plan, contract.contenders(variants_file).all)
    return [_side_by_side(asked, plan, twin=twin)]


def _side_by_side(asked: Asked, plan: RunPlan, *, twin: bool) -> RunPlan:
    """Each point of each variant is a variant of the run."""
    users = dict(zip(asked.values, asked.numbers, strict=True)) if asked.parameter == USERS else {}
    if users and max(users.values()) > MOST_USERS:
        raise ShowdownError(f"users={max(users.values())} is more than {MOST_USERS}")
    points = [
        Point(
            value=value,
            variants={name: _name(name, asked.parameter, value) for name in plan.variants},
            users=users.get(value),
        )
        for value in asked.values
    ]
    sweep = Sweep(parameter=asked.parameter, points=points)
    variants = sweep.variants(plan.variants)
    if len(variants) != len(points) * len(plan.variants):
        raise ShowdownError(
            f"some values of {asked.parameter} differ only in characters that no variant's name can have"
        )
    if len(variants) > MOST_SERVICES:
        raise ShowdownError(
            f"{len(points)} values of {len(plan.variants)} variants are {len(variants)} services, all up at once, and "
            f"{MOST_SERVICES} are the most: name fewer --variants or values"
        )
    paired = twin_of(None, variants) if twin else None
    return replace(
        plan,
        variants=with_twin(variants, paired),
        baseline=points[0].variants[plan.baseline],
        twin=paired,
        # The generator's ceiling is measured with so many.
        profile=plan.profile.model_copy(update={"users": max(users.values())}) if users else plan.profile,
        sweep=sweep,
    )


def _of_rows(asked: Asked, by_rows: Mapping[str, str], plan: RunPlan) -> RunPlan:
    points = [Point(value=value, variants=_themselves(plan), scenario=name) for value, name in by_rows.items()]
    return replace(plan, sweep=Sweep(parameter=asked.parameter, points=points))


def _over_latency(asked: Asked, plan: RunPlan) -> RunPlan:
    """Each scenario at each latency."""
    if len(plan.latency_ms) > MOST_POINTS:
        raise ShowdownError(
            f"{len(plan.scenarios)} scenarios, of which each has a latency, are more than {MOST_POINTS}: name fewer "
            "--scenarios or latencies"
        )
    points = [
        Point(value=f"{latency:g}", variants=_themselves(plan), scenario=name)
        for name, latency in plan.latency_ms.items()
    ]
    return replace(plan, sweep=Sweep(parameter=asked.parameter, points=points))


def _of_one(asked: Asked, value: str, plan: RunPlan) -> RunPlan:
    """A run that is one point."""
    return replace(
        plan, sweep=Sweep(parameter=asked.parameter, points=[Point(value=value, variants=_themselves(plan))])
    )


def _themselves(plan: RunPlan) -> dict[str, str]:
    """Each stands for itself; the twin is none of those that are swept."""
    return {name: name for name in plan.variants if plan.twin is None or name != plan.twin.name}


def _scenarios_by_rows(asked: Asked, contract: Contract, size: int) -> dict[str, str]:
    """By number of rows, the scenario whose answers have so many."""
    found: dict[str, str] = {}
    for name, scenario in contract.scenarios.scenarios.items():
        kinds = [contract.kinds[kind] for kind in scenario.requests]
        if len(kinds) == 1 and kinds[0].rows is not None:
            found.setdefault(str(kinds[0].rows(size)), name)
    if not found:
        raise ShowdownError(
            f"{contract.name} has no scenario whose answers have so many rows each: sweep something else"
        )
    if missing := [value for value in asked.values if value not in found]:
        raise ShowdownError(
            f"rows={missing[0]}: of a data set of {size:,}, answers of the scenarios there are have "
            f"{', '.join(sorted(found, key=int))} rows; of a larger one (--size) they may have more"
        )
    return {value: found[value] for value in asked.values}


def _require_knob(knob: str, plan: RunPlan, known: Mapping[str, Variant]) -> None:
    """Refuse what no service reads: all its values would be the same."""
    if knob in FIELDS:
        return
    if knob in SET_BY_SHOWDOWN:
        raise ShowdownError(f"{knob} is set by {SET_BY_SHOWDOWN[knob]}")
    variables = dict.fromkeys(
        name for variant in (*plan.variants.values(), *known.values()) for name in variant.environment
    )
    if knob not in variables:
        raise ShowdownError(unknown("knob", [USERS, ROWS, LATENCY, SIZE, *FIELDS, *variables], knob))


def _name(variant: str, parameter: str, value: str) -> str:
    """Of a point. Raises ShowdownError where it would be too long."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{parameter}-{value}")
    name = f"{variant}.{plain}"
    if len(name) > MOST_NAME:
        raise ShowdownError(
            f"{name} is too long a name for a variant: give {variant} a shorter one, in a file of yours"
        )
    return name

"""Plans the run of `explain --virtual`: one variant, with more and more work at each of its layers."""

from collections.abc import Sequence
from dataclasses import replace

from showdown_contract.errors import ShowdownError

from showdown.contenders.planting import Planting
from showdown.contract.contract import Contract
from showdown.measure.plan import MOST_SERVICES, RunPlan, plan_run, twin_of, with_twin
from showdown.measure.virtual import MOST_MICROSECONDS, Planted, Virtual
from showdown.selection import select
from showdown.types import MOST_NAME

MICROSECONDS = "0,50,100,200"


def plan_virtual(  # noqa: PLR0917 - the command's options, one by one
    name: str,
    layers: str | None,
    microseconds: str | None,
    scenarios: str | None,
    profile_name: str | None,
    size: int | None,
    seed: int,
    dsn: str | None,
    contract: Contract,
    *,
    twin: bool = True,
    latencies: Sequence[float] | None = None,
) -> RunPlan:
    """Look everything up by its name. Raises ShowdownError."""
    planting = planting_of(contract)
    plan = plan_run(
        name, scenarios, profile_name or contract.profile, "locust", contract.size(size), seed, dsn, contract,
        twin=False, latencies=latencies,
    )  # fmt: skip
    if len(plan.variants) != 1:
        raise ShowdownError(f"--virtual {name}: name one variant")
    (of, variant), *_ = plan.variants.items()
    if not planting.can(variant.command):
        others = ", ".join(other for other, each in contract.variants.variants.items() if planting.can(each.command))
        raise ShowdownError(f"--virtual {of}: no work can be planted in its program; it can in {others}")
    chosen = select("layer", planting.layers, layers)
    virtual = Virtual(of=of, points=_points(of, list(chosen), parsed_microseconds(microseconds or MICROSECONDS)))
    variants = virtual.variants(planting, plan.variants)
    if len(variants) > MOST_SERVICES:
        raise ShowdownError(
            f"--virtual needs {len(variants)} services, all up at once, and {MOST_SERVICES} are the most: name fewer "
            "--layers or --microseconds"
        )
    without_work = virtual.points[0].variant
    paired = twin_of(without_work, variants) if twin else None
    return replace(plan, variants=with_twin(variants, paired), baseline=without_work, twin=paired, virtual=virtual)


def planting_of(contract: Contract) -> Planting:
    """How work is planted in its variants. Raises ShowdownError."""
    planting = contract.variants.planting
    if planting is None:
        raise ShowdownError(f"{contract.name} has no layers to plant work at: {contract.file.variants} names none")
    return planting


def parsed_microseconds(text: str) -> list[int]:
    """Those of a comma-separated list, the least first, and 0 in any case. Raises ShowdownError."""
    words = [word for part in text.split(",") if (word := part.strip())]
    for word in words:
        if not word.isascii() or not word.isdigit() or len(word) > len(str(MOST_MICROSECONDS)):
            raise ShowdownError(f"--microseconds {text}: {word} is no whole number: say --microseconds {MICROSECONDS}")
    found = sorted({0, *map(int, words)})
    if len(found) == 1 or found[-1] > MOST_MICROSECONDS:
        raise ShowdownError(
            f"--microseconds {text}: name some from 1 to {MOST_MICROSECONDS:,}, such as --microseconds {MICROSECONDS}"
        )
    return found


def _points(of: str, layers: list[str], microseconds: list[int]) -> list[Planted]:
    none, *some = microseconds
    return [
        Planted(variant=_name(f"{of}.{none}us"), layer=layers[0], microseconds=none),
        *(
            Planted(variant=_name(f"{of}.{layer}-{each}us"), layer=layer, microseconds=each)
            for layer in layers
            for each in some
        ),
    ]


def _name(name: str) -> str:
    if len(name) > MOST_NAME:
        raise ShowdownError(f"{name} is too long a name for a variant: give it a shorter one, in a file of yours")
    return name

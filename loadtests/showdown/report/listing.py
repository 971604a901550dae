"""What `showdown list` shows: the names that other commands take."""

from pathlib import Path
from typing import Literal

from rich.console import Console

from showdown.contenders.chains import Chain
from showdown.contenders.variants import Variant
from showdown.contract.contract import Contract
from showdown.requests.scenarios import Profile, Scenario
from showdown.types import Name, Record


class Listing(Record):
    """Everything of a contract that has a name."""

    schema_version: Literal[1] = 1
    variants: dict[Name, Variant]
    scenarios: dict[Name, Scenario]
    profiles: dict[Name, Profile]
    chains: dict[Name, Chain]


def listing(contract: Contract, variants_file: Path | None) -> Listing:
    """Raises ShowdownError."""
    return Listing(
        variants=dict(contract.contenders(variants_file).all),
        scenarios=contract.scenarios.scenarios,
        profiles=contract.scenarios.profiles,
        chains={name: known.chain for name, known in contract.chains.items()},
    )


def show_listing(listed: Listing, console: Console) -> None:
    """A line for each name; kinds of which there are none are left out."""
    for kind in ("variants", "scenarios", "profiles", "chains"):
        things: dict[str, Variant | Scenario | Profile | Chain] = getattr(listed, kind)
        if not things:
            continue
        console.print(kind, style="bold")
        width = 2 + max(map(len, things))
        for name, thing in things.items():
            console.print(f"  {name:<{width}}{_described(thing)}", highlight=False, markup=False, soft_wrap=True)


def _described(thing: Variant | Scenario | Profile | Chain) -> str:
    only_when_named = isinstance(thing, Variant) and not thing.default
    return f"{thing.description} (measured only when named)" if only_when_named else thing.description

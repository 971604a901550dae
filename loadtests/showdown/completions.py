"""What a shell offers when Tab is pressed behind an option: names, with what they stand for."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import typer
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CONTRACT

from showdown.contract.contract import Contract, load_contract
from showdown.faults.fault_file import load_fault_file

Offered = list[tuple[str, str]]


class Described(Protocol):
    """What has a name also says what it is."""

    @property
    def description(self) -> str: ...


Things = Callable[[Contract, Path | None], Mapping[str, Described]]


def _variants(contract: Contract, variants_file: Path | None) -> Mapping[str, Described]:
    return contract.contenders(variants_file).all


def _scenarios(contract: Contract, _: Path | None) -> Mapping[str, Described]:
    return contract.scenarios.scenarios


def _profiles(contract: Contract, _: Path | None) -> Mapping[str, Described]:
    return contract.scenarios.profiles


def _chains(contract: Contract, _: Path | None) -> Mapping[str, Described]:
    return {name: known.chain for name, known in contract.chains.items()}


def _faults(contract: Contract, _: Path | None) -> Mapping[str, Described]:
    return load_fault_file(contract).faults


def _one(things: Things) -> Callable[[typer.Context, str], Offered]:
    """For an option that takes one name."""

    def offered(context: typer.Context, incomplete: str) -> Offered:
        return [(name, told) for name, told in _named(things, context) if name.startswith(incomplete)]

    return offered


def _several(things: Things) -> Callable[[typer.Context, str], Offered]:
    """For an option that takes names with commas between them: the last is completed."""

    def offered(context: typer.Context, incomplete: str) -> Offered:
        before, comma, last = incomplete.rpartition(",")
        chosen = before.split(",")
        return [
            (f"{before}{comma}{name}", told)
            for name, told in _named(things, context)
            if name.startswith(last) and name not in chosen
        ]

    return offered


def _named(things: Things, context: typer.Context) -> Offered:
    """Nothing where the contract or the file cannot be read: the command itself will say why."""
    typed = context.params
    try:
        contract = load_contract(typed.get("contract_folder") or CONTRACT)
        found = things(contract, typed.get("variants_file"))
    except (ShowdownError, OSError):
        return []
    return [(name, thing.description) for name, thing in found.items()]


variant, variants = _one(_variants), _several(_variants)
scenarios, profile, chain = _several(_scenarios), _one(_profiles), _one(_chains)
faults = _several(_faults)

"""`showdown verify`: golden cases replayed against variants, or against a service that runs already."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field
from showdown_contract.errors import ShowdownError
from showdown_stack.health import Health
from showdown_stack.text import printable
from showdown_stack.tiers import TierOptions, Tiers, running_tiers
from showdown_stack.upstream import NOT_BUILT

from showdown.console import fail, notice, out, write_json
from showdown.contenders.build import build, build_upstream
from showdown.contenders.variants import Variant
from showdown.contenders.verify import differences
from showdown.contract.contract import Contract
from showdown.progress import seeding
from showdown.stacks.local import started_service
from showdown.types import Line, Record, Text

# How many broken cases are shown without --all. The others usually repeat them.
MOST_SHOWN = 10
AS_IT_SHOULD_BE = "every golden case is answered as the contract says"
LEFT_OUT = "the golden cases for which a service has to call one are left out"


class Verified(Record):
    """One service."""

    service: Line
    """A variant's name, or a URL."""
    reason: Text | None = None
    """Why it did not start, so that its answers are unknown."""
    faults: list[Text] = Field(default_factory=list)
    """Where it breaks the contract."""


class Verification(Record):
    """What `showdown verify --json` prints."""

    schema_version: Literal[1] = 1
    services: list[Verified]


class NotStartedError(ShowdownError):
    """A service did not start, so its answers are unknown."""


def verify_variants(  # noqa: PLR0917 - the command's options, one by one
    contract: Contract,
    selected: Mapping[str, Variant],
    size: int,
    dsn: str | None,
    raw: bool,
    shown: int,
    *,
    as_json: bool = False,
) -> None:
    """Replay all cases against each variant, and say what differs. Raises ShowdownError; exits with 1 for a fault."""
    if raw and contract.raw is None:
        notice(f"{contract.name} has no raw requests: --raw is left out")
    options = TierOptions(contract, size, dsn, haproxy=raw, upstream=contract.calls_upstream)
    build(selected)
    if options.upstream:
        build_upstream(needed=False)
    found: list[Verified] = []
    width = 2 + max(map(len, selected))
    with seeding(size) as on_seeded, running_tiers(options, on_seeded=on_seeded) as tiers:
        if options.upstream and tiers.upstream is None:
            notice(f"{NOT_BUILT}; {LEFT_OUT}")
        for name, variant in selected.items():
            found.append(_verified(tiers, contract, name, variant, raw=raw))
            if not as_json:
                _say(found[-1], _praise(variant), width, shown)
    if as_json:
        write_json(Verification(services=found))
    _require_no_fault(found)


def verify_url(contract: Contract, url: str, shown: int, *, as_json: bool = False) -> None:
    """Replay all cases against a service that runs, on the contract's data set.

    Raises NotStartedError if it is not ready; exits with 1 for a fault.
    """
    health = Health(url, contract.health)
    if not health.ready():
        raise NotStartedError(f"there is no healthy service: {health}")
    faults = differences(url, contract.answerable("by-id", upstream=False))
    if as_json:
        write_json(Verification(services=[Verified(service=url, faults=faults)]))
    else:
        _say_of_url(contract, url, faults, shown)
    if faults:
        fail(f"{url} breaks the contract {contract.name}")


def _say_of_url(contract: Contract, url: str, faults: list[str], shown: int) -> None:
    if contract.calls_upstream:
        _print(f"Which upstream that service has is not known: {LEFT_OUT}.")
    _print(f"{url}: {len(faults)} fault(s)" if faults else f"{url}: {AS_IT_SHOULD_BE}")
    _show(faults, shown)
    _print("What the cases have written is still in the service's database: reset it before you verify again.")


def _verified(tiers: Tiers, contract: Contract, name: str, variant: Variant, *, raw: bool) -> Verified:
    try:
        return Verified(service=name, faults=_faults(tiers, contract, name, variant, raw=raw))
    except NotStartedError as error:
        return Verified(service=name, reason=str(error))
    finally:
        contract.data.reset(tiers.postgres.owner_dsn)


def _say(one: Verified, praise: str, width: int, shown: int) -> None:
    if one.reason is not None:
        out.print(f"{one.service:<{width}}[red]did not start[/]", highlight=False)
        _print(one.reason)
        return
    verdict = f"[red]{len(one.faults)} fault(s)[/]" if one.faults else f"[green]{praise}[/]"
    out.print(f"{one.service:<{width}}{verdict}", highlight=False)
    _show(one.faults, shown)


def _require_no_fault(found: list[Verified]) -> None:
    """Exit with 1 if there is any."""
    problems = {
        "these break the contract": [one.service for one in found if one.faults],
        "these did not start": [one.service for one in found if one.reason is not None],
    }
    if said := [f"{problem}: {', '.join(those)}" for problem, those in problems.items() if those]:
        fail("; ".join(said))


def _faults(tiers: Tiers, contract: Contract, name: str, variant: Variant, *, raw: bool) -> list[str]:
    started = False
    try:
        with started_service(tiers, name, variant):
            started = True
            cases = contract.answerable(variant.lookup, upstream=tiers.upstream is not None)
            found = differences(tiers.service_url, cases)
            return found + (contract.raw(tiers, variant) if raw and contract.raw else [])
    except ShowdownError as error:
        if not started:
            raise NotStartedError(str(error)) from None
        return [str(error)]


def _show(faults: list[str], shown: int) -> None:
    for fault in faults[:shown]:
        _print(fault)
    if len(faults) > shown:
        _print(f"and {len(faults) - shown} more: --all shows them")


def _print(text: str) -> None:
    out.print(printable(text), highlight=False, markup=False, soft_wrap=True)


def _praise(variant: Variant) -> str:
    if variant.lookup == "random":
        return f"{AS_IT_SHOULD_BE}, or with some recipe of the user's where one was asked for"
    return AS_IT_SHOULD_BE

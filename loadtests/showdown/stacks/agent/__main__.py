"""The program that does showdown's work on a host of the cloud stack. The runner starts it over SSH:

    python -m showdown.stacks.agent COMMAND

stdin: one line of JSON with the command's arguments by name. It stays open for as long as the work is wanted.
stdout: lines of JSON: "ready" from a command that then keeps running, and finally the answer.
An error is one message on stderr and exit code 1.
"""

import inspect
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from pydantic import ValidationError
from showdown_contract.errors import ShowdownError
from showdown_contract.lookup import Lookup
from showdown_stack import programs
from showdown_stack.haproxy import ask

from showdown.contenders.build import build as build_programs
from showdown.contenders.variants import Variant
from showdown.contenders.verify import differences
from showdown.contenders.versions import variant_versions
from showdown.contract.contract import load_contract
from showdown.selection import find
from showdown.stacks import machine
from showdown.stacks.agent import generators, own_postgres, tiers, watch
from showdown.stacks.agent.leash import Leash, announce
from showdown.stacks.pressure import pressure as counters


def describe(_leash: Leash) -> dict[str, Any]:
    """The host, the versions of its software, and what was taken from it so far."""
    return {
        "machine": machine.describe().model_dump(),
        "versions": machine.versions() | _haproxy_version(),
        "commit": machine.commit(),
        "processors": os.cpu_count(),
        "pressure": pressure(_leash),
    }


def build(leash: Leash, variants: dict[str, Any]) -> None:
    """Bring the variants' programs up to date; stop as soon as the caller no longer waits for them."""
    build_programs(_validated(variants), wanted=leash.held)


def versions(_leash: Leash, variants: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The versions of what each variant is made of on this host."""
    return variant_versions(_validated(variants))


def pressure(_leash: Leash) -> dict[str, Any]:
    return asdict(counters())


def verify(_leash: Leash, url: str, lookup: Lookup = "by-id") -> list[str]:
    return differences(url, load_contract().answerable(lookup, upstream=False))


def haproxy(_leash: Leash, commands: list[str]) -> list[str]:
    return [ask(watch.STATS_SOCKET, command) for command in commands]


def _validated(variants: dict[str, Any]) -> dict[str, Variant]:
    return {name: Variant.model_validate(variant) for name, variant in variants.items()}


def _haproxy_version() -> dict[str, str]:
    program = programs.find("haproxy")
    return {"haproxy": programs.version(program)} if program else {}


COMMANDS: dict[str, Callable[..., Any]] = {
    "hold": tiers.hold,
    "describe": describe,
    "build": build,
    "versions": versions,
    "pressure": pressure,
    "verify": verify,
    "haproxy": haproxy,
    "postgres": own_postgres.run_postgres,
    "watch-postgres": own_postgres.watch_postgres,
    "serve": tiers.serve,
    "watch-services": watch.watch_services,
    "watch-haproxy": watch.watch_haproxy,
    "locust": generators.locust,
    "ceilings": generators.ceilings,
}


def main() -> None:
    """Run the command that the words name."""
    leash = Leash(open(0, "rb", buffering=0, closefd=False))  # noqa: SIM115 - it is stdin
    try:
        command = find("command", COMMANDS, " ".join(sys.argv[1:]))
        request = leash.request()
        inspect.signature(command).bind(leash, **request)
        announce(command(leash, **request))
    except (ShowdownError, TypeError, ValidationError) as error:
        # TypeError, ValidationError: the caller is another version of showdown.
        sys.exit(str(error))


if __name__ == "__main__":
    main()

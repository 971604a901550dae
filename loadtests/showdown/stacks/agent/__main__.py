"""What showdown does on a host of the cloud stack, asked over SSH:

    python -m showdown.stacks.agent COMMAND

stdin: one line of JSON, the command's arguments by name; then it stays open while the work is wanted.
stdout: "ready" where the work goes on for a while, and last the answer, a line of JSON each.
An error is one message on stderr and exit code 1.
"""

import inspect
import os
import sys
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from showdown_contract.errors import ShowdownError
from showdown_contract.lookup import Lookup
from showdown_stack import programs
from showdown_stack.haproxy import ask

from showdown.contenders.variants import Variant
from showdown.contenders.verify import differences
from showdown.contenders.versions import variant_versions
from showdown.contract.contract import load_contract
from showdown.selection import find
from showdown.stacks import machine
from showdown.stacks.agent import generators, tiers, watch
from showdown.stacks.agent.leash import Leash, announce


def describe(_leash: Leash) -> dict[str, Any]:
    """What this host is and runs, and how much CPU time its neighbours have taken so far."""
    return {
        "machine": machine.describe().model_dump(),
        "versions": machine.versions() | _haproxy_version(),
        "commit": machine.commit(),
        "processors": os.cpu_count(),
        "steal": machine.steal_seconds(),
    }


def versions(_leash: Leash, variants: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Of what the variants are made of here."""
    return variant_versions({name: Variant.model_validate(variant) for name, variant in variants.items()})


def steal(_leash: Leash) -> machine.CpuSeconds | None:
    return machine.steal_seconds()


def verify(_leash: Leash, url: str, lookup: Lookup = "by-id") -> list[str]:
    return differences(url, load_contract().cases(lookup))


def haproxy(_leash: Leash, commands: list[str]) -> list[str]:
    return [ask(watch.STATS_SOCKET, command) for command in commands]


def _haproxy_version() -> dict[str, str]:
    program = programs.find("haproxy")
    return {"haproxy": programs.version(program)} if program else {}


COMMANDS: dict[str, Callable[..., Any]] = {
    "hold": tiers.hold,
    "describe": describe,
    "versions": versions,
    "steal": steal,
    "verify": verify,
    "haproxy": haproxy,
    "serve": tiers.serve,
    "watch-services": watch.watch_services,
    "watch-haproxy": watch.watch_haproxy,
    "locust": generators.locust,
    "ceilings": generators.ceilings,
}


def main() -> None:
    """Do what is asked."""
    leash = Leash(open(0, "rb", buffering=0, closefd=False))  # noqa: SIM115 - it is stdin
    try:
        command = find("command", COMMANDS, " ".join(sys.argv[1:]))
        request = leash.request()
        inspect.signature(command).bind(leash, **request)
        announce(command(leash, **request))
    except (ShowdownError, TypeError, ValidationError) as error:
        # The last two: this version was asked by another one.
        sys.exit(str(error))


if __name__ == "__main__":
    main()

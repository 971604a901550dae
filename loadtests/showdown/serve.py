"""Runs the stack for a person or for another command."""

import os
import shlex
import time
from contextlib import nullcontext

from showdown_contract.errors import ShowdownError
from showdown_stack.dsn import Dsn
from showdown_stack.kept import Kept
from showdown_stack.process import STOP_SECONDS, Process
from showdown_stack.tiers import TierOptions, Tiers, running_tiers

from showdown.console import notice, out
from showdown.contenders.variants import Variant
from showdown.contract.contract import Contract
from showdown.generators.locust import LOCUSTFILE
from showdown.measure.course import StackLostError
from showdown.progress import seeding
from showdown.stacks.local import started_service

POLL_SECONDS = 0.2


def serve(
    options: TierOptions, contract: Contract, name: str, variant: Variant | None, command: list[str] | None
) -> int:
    """Start the stack, with a variant unless that is None; then run a command, or wait for Ctrl-C.

    Returns the command's exit code. Raises ShowdownError, KeyboardInterrupt.
    """
    with seeding(options.size) as on_seeded, running_tiers(options, on_seeded=on_seeded) as tiers:
        for part in tiers.missing:
            notice(part)
        with started_service(tiers, name, variant) if variant else nullcontext() as service:
            return (
                _run(tiers, command, with_service=service is not None)
                if command
                else _wait(tiers, contract, name, service)
            )


def _run(tiers: Tiers, command: list[str], *, with_service: bool) -> int:
    environment = {**os.environ, "DATABASE_URL": tiers.service_dsn, "DATABASE_OWNER_URL": tiers.postgres.owner_dsn}
    if tiers.upstream:
        environment |= tiers.upstream.environment
    if with_service:
        environment["SHOWDOWN_URL"] = tiers.url
    try:
        kept = Kept(command, stop_seconds=STOP_SECONDS, environment=environment)
    except OSError as error:
        raise ShowdownError(f"cannot run {command[0]}: {error.strerror}") from None
    try:
        code = kept.wait()
    finally:
        # The terminal has sent Ctrl-C to the command too; kill or a job's end has not.
        kept.stop()
    if kept.killed:
        killed = ", ".join(kept.killed)
        raise ShowdownError(f"{command[0]} left behind what did not end when it was asked to: killed {killed}")
    return code


def _wait(tiers: Tiers, contract: Contract, name: str, service: Process | None) -> int:
    if service:
        out.print(f"{name} answers at {tiers.url}. Try:", highlight=False)
        locust = ["locust", "-f", str(LOCUSTFILE), "-H", tiers.url, *contract.words]
        for example in filter(None, [contract.file.example.replace("<url>", tiers.url), shlex.join(locust)]):
            out.print(f"  {example}", highlight=False, markup=False, soft_wrap=True)
    # Show the password of a Postgres that we started. That of --dsn is the user's own and stays off the screen.
    dsn = tiers.service_dsn if tiers.postgres.process else repr(Dsn.parse(tiers.service_dsn))
    out.print(f"Postgres: {dsn}", highlight=False, markup=False, soft_wrap=True)
    if tiers.upstream:
        headers = (f"{name}: {value}" for name, value in tiers.upstream.admin_headers.items())
        counters = shlex.join(["curl", "-H", *headers, f"{tiers.upstream.admin_url}/counters"])
        out.print(f"Upstream: {tiers.upstream.url}. Try:", highlight=False, markup=False, soft_wrap=True)
        out.print(f"  {counters}", highlight=False, markup=False, soft_wrap=True)
    out.print("Ctrl-C stops everything.", style="dim")
    while True:
        if lost := tiers.lost() or (service if service and not service.running else None):
            raise StackLostError(lost.how_it_ended())
        time.sleep(POLL_SECONDS)

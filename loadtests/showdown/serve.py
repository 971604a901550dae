"""Runs the stack for a person or for another command."""

import os
import shlex
import time
from contextlib import nullcontext
from typing import Literal, NoReturn

from showdown_contract.errors import ShowdownError
from showdown_stack.dsn import Dsn
from showdown_stack.kept import Kept
from showdown_stack.process import STOP_SECONDS, Process
from showdown_stack.tiers import TierOptions, Tiers, running_tiers

from showdown.console import notice, out, write_json
from showdown.contenders.variants import Variant
from showdown.contract.contract import Contract
from showdown.generators.locust import LOCUSTFILE
from showdown.measure.course import StackLostError
from showdown.progress import seeding
from showdown.stacks.local import started_service
from showdown.types import Line, Name, Record

POLL_SECONDS = 0.2


class UpstreamServed(Record):
    """What the service calls."""

    url: Line
    counters_url: Line
    """Where it says what it has counted."""
    counters_headers: dict[Line, Line]
    """Without these it does not."""


class Served(Record):
    """What `up --json` prints when all is up."""

    schema_version: Literal[1] = 1
    variant: Name | None
    """None: Postgres alone."""
    url: Line | None
    database_url: Line
    """Of a database of the user's without its password."""
    upstream: UpstreamServed | None


def serve(
    options: TierOptions,
    contract: Contract,
    name: str,
    variant: Variant | None,
    command: list[str] | None,
    *,
    as_json: bool = False,
) -> int:
    """Start the stack, with a variant unless that is None; then run a command, or wait for Ctrl-C.

    Returns the command's exit code. Raises ShowdownError, KeyboardInterrupt.
    """
    with seeding(options.size) as on_seeded, running_tiers(options, on_seeded=on_seeded) as tiers:
        for part in tiers.missing:
            notice(part)
        with started_service(tiers, name, variant) if variant else nullcontext() as service:
            if not command:
                served = _served(tiers, name if service else None)
                if as_json:
                    write_json(served)
                else:
                    _show(served, contract)
                _wait(tiers, service)
            return _run(tiers, command, with_service=service is not None)


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


def _served(tiers: Tiers, variant: str | None) -> Served:
    upstream = None
    if tiers.upstream:
        admin = tiers.upstream.admin
        upstream = UpstreamServed(
            url=tiers.upstream.url, counters_url=f"{admin.url}/counters", counters_headers=dict(admin.headers)
        )
    return Served(
        variant=variant,
        url=tiers.url if variant else None,
        # The password of a Postgres that we started. That of --dsn is the user's own and stays off the screen.
        database_url=tiers.service_dsn if tiers.postgres.process else repr(Dsn.parse(tiers.service_dsn)),
        upstream=upstream,
    )


def _show(served: Served, contract: Contract) -> None:
    if served.url:
        out.print(f"{served.variant} answers at {served.url}. Try:", highlight=False)
        locust = ["locust", "-f", str(LOCUSTFILE), "-H", served.url, *contract.words]
        for example in filter(None, [contract.file.example.replace("<url>", served.url), shlex.join(locust)]):
            out.print(f"  {example}", highlight=False, markup=False, soft_wrap=True)
    out.print(f"Postgres: {served.database_url}", highlight=False, markup=False, soft_wrap=True)
    if served.upstream:
        headers = (f"{name}: {value}" for name, value in served.upstream.counters_headers.items())
        counters = shlex.join(["curl", "-H", *headers, served.upstream.counters_url])
        out.print(f"Upstream: {served.upstream.url}. Try:", highlight=False, markup=False, soft_wrap=True)
        out.print(f"  {counters}", highlight=False, markup=False, soft_wrap=True)
    out.print("Ctrl-C stops everything.", style="dim")


def _wait(tiers: Tiers, service: Process | None) -> NoReturn:
    while True:
        if lost := tiers.lost() or (service if service and not service.running else None):
            raise StackLostError(lost.how_it_ended())
        time.sleep(POLL_SECONDS)

"""The tiers that are systemd units of this host: services, started for a block, and haproxy, which always runs."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
from showdown_contract.errors import ShowdownError
from showdown_stack.lock import LockedError, locked
from showdown_stack.privilege import write_privately
from showdown_stack.tiers import healthy

from showdown.contenders.start import resolved_command, service_environment
from showdown.contenders.variants import Variant
from showdown.stacks.agent.leash import Leash, announce
from showdown.stacks.agent.unit import Unit

HAPROXY = Unit("showdown-haproxy.service")
# Memory of the host: what is written here is gone after a restart.
FOLDER = Path("/run/showdown")
DATABASE_CA = FOLDER / "database-ca.crt"
POLLS_UNTIL_HEALTHY = 600
LOG_LINES_KEPT = 500


def service_unit(place: int) -> Unit:
    """Of a service by its place, from 1: several are up at once, each at a port of its own."""
    return Unit(f"showdown-service@{place}.service")


def serve(  # noqa: PLR0917 - the arguments of a command, by name
    leash: Leash, name: str, place: int, variant: Any, settings: dict[str, str], database_ca: str
) -> dict[str, Any]:
    """Run a variant's service while it is wanted; the end of its log.

    `settings`: HOST, PORT and DATABASE_URL. Raises ShowdownError where it does not start, or last.
    """
    contender = Variant.model_validate(variant)
    command = resolved_command(name, contender)
    environment = {**service_environment(), **contender.settings(), **settings}
    write_database_ca(database_ca)
    unit, request = service_unit(place), FOLDER / f"service-{place}.json"
    write_privately(request, json.dumps({"command": command, "environment": environment}))
    try:
        unit.restart()
        _wait_until_healthy(leash, unit, f"http://{settings['HOST']}:{settings['PORT']}")
        announce("ready")
        pid = unit.pid
        while leash.held():
            # Asking systemd ten times a second would cost more than a service does.
            if not psutil.pid_exists(pid):
                raise ShowdownError(unit.how_it_ended())
        return {"log": unit.log(LOG_LINES_KEPT)}
    finally:
        unit.stop()
        # It names the database's password.
        request.unlink(missing_ok=True)


def hold(leash: Leash, holder: str) -> None:
    """Keep the stack for one run while that is wanted. Raises ShowdownError where another one has it."""
    FOLDER.mkdir(exist_ok=True)
    with ExitStack() as resources:
        try:
            resources.enter_context(locked(FOLDER / "lock", holder))
        except LockedError as error:
            raise ShowdownError(f"another run uses these hosts ({error.holder}): wait for it, or stop it") from None
        announce("ready")
        while leash.held():
            pass


def write_database_ca(certificate: str) -> None:
    """Where every DSN of this stack looks for it."""
    FOLDER.mkdir(exist_ok=True)
    DATABASE_CA.write_text(certificate)
    DATABASE_CA.chmod(0o644)


def _wait_until_healthy(leash: Leash, unit: Unit, url: str) -> None:
    for _ in range(POLLS_UNTIL_HEALTHY):
        if healthy(url):
            return
        if not unit.running:
            raise ShowdownError(unit.how_it_ended())
        if not leash.held():
            return
    raise ShowdownError(f"the service does not answer at {url}/healthz.\n{unit.log_tail()}")

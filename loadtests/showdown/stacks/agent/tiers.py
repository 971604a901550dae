"""The tiers that are systemd units of this host: services, started for a block, and haproxy, which always runs."""

import json
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
from showdown_contract.errors import ShowdownError
from showdown_stack.health import Health
from showdown_stack.lock import LockedError, locked
from showdown_stack.privilege import write_privately

from showdown.contenders.start import resolved_command, service_environment
from showdown.contenders.variants import Variant
from showdown.contract.contract import load_contract
from showdown.stacks.agent.leash import Leash, announce
from showdown.stacks.agent.unit import Unit

HAPROXY = Unit("showdown-haproxy.service")
# In the host's memory: what is written here does not survive a restart.
FOLDER = Path("/run/showdown")
DATABASE_CA = FOLDER / "database-ca.crt"
# contract/service.md promises it.
START_SECONDS = 60.0
LOG_LINES_KEPT = 500


def service_unit(place: int) -> Unit:
    """The unit of a service at a place, from 1. Several are up at once, each at a port of its own."""
    return Unit(f"showdown-service@{place}.service")


def serve(  # noqa: PLR0917 - the arguments of a command, by name
    leash: Leash, name: str, place: int, variant: Any, settings: dict[str, str], database_ca: str
) -> dict[str, Any]:
    """Run a variant's service while it is wanted; return the end of its log.

    `settings`: HOST, PORT and DATABASE_URL. Raises ShowdownError if the service does not start, or ends by itself.
    """
    contender = Variant.model_validate(variant)
    command = resolved_command(name, contender)
    environment = {**service_environment(), **contender.settings(), **settings}
    write_database_ca(database_ca)
    unit, request = service_unit(place), FOLDER / f"service-{place}.json"
    write_privately(request, json.dumps({"command": command, "environment": environment}))
    try:
        unit.restart()
        health = Health(f"http://{settings['HOST']}:{settings['PORT']}", load_contract().health)
        _wait_until_healthy(leash, unit, health)
        announce("ready")
        pid = unit.pid
        while leash.held():
            # Asking systemd ten times a second would cost more than a service does.
            if not psutil.pid_exists(pid):
                raise ShowdownError(unit.how_it_ended())
        return {"log": unit.log(LOG_LINES_KEPT)}
    finally:
        unit.stop()
        # It holds the database's password.
        request.unlink(missing_ok=True)


def hold(leash: Leash, holder: str) -> None:
    """Reserve the hosts for one run while that is wanted. Raises ShowdownError if another run has them."""
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
    """Write the CA's certificate to the path that every DSN of this stack names."""
    FOLDER.mkdir(exist_ok=True)
    DATABASE_CA.write_text(certificate)
    DATABASE_CA.chmod(0o644)


def _wait_until_healthy(leash: Leash, unit: Unit, health: Health) -> None:
    end = time.monotonic() + START_SECONDS
    while not health.ready():
        if not unit.running:
            raise ShowdownError(unit.how_it_ended())
        if time.monotonic() > end:
            raise ShowdownError(f"not ready after {START_SECONDS:.0f} s.\n{health}\n{unit.log_tail()}")
        if not leash.held():
            return

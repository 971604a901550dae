"""The tiers that are systemd units of this host: the service, started for a round, and haproxy, which always runs."""

import json
import time
from contextlib import ExitStack
from dataclasses import asdict
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
from showdown.stacks.recorder import Recorder
from showdown.stacks.records import TierName

SERVICE, HAPROXY = Unit("showdown-service.service"), Unit("showdown-haproxy.service")
# In the host's memory: what is written here does not survive a restart.
FOLDER = Path("/run/showdown")
DATABASE_CA = FOLDER / "database-ca.crt"
# contract/service.md promises it.
START_SECONDS = 60.0
LOG_LINES_KEPT = 500


def serve(leash: Leash, name: str, variant: Any, settings: dict[str, str], database_ca: str) -> dict[str, Any]:
    """Run a variant's service while it is wanted; return samples of what it cost, and the end of its log.

    `settings`: HOST, PORT and DATABASE_URL. Raises ShowdownError if the service does not start, or ends by itself.
    """
    contender = Variant.model_validate(variant)
    command = resolved_command(name, contender)
    environment = {**service_environment(), **contender.settings(), **settings}
    write_database_ca(database_ca)
    request = FOLDER / "service.json"
    write_privately(request, json.dumps({"command": command, "environment": environment}))
    try:
        SERVICE.restart()
        _wait_until_healthy(leash, Health(f"http://{settings['HOST']}:{settings['PORT']}", load_contract().health))
        announce("ready")
        return _watched(leash, "service", SERVICE) | {"log": SERVICE.log(LOG_LINES_KEPT)}
    finally:
        SERVICE.stop()
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


def watch_haproxy(leash: Leash) -> dict[str, Any]:
    """Watch haproxy while that is wanted; return samples of what it cost."""
    announce("ready")
    return _watched(leash, "haproxy", HAPROXY)


def _watched(leash: Leash, tier: TierName, unit: Unit) -> dict[str, Any]:
    pid = unit.pid
    with Recorder({tier: pid}, lambda: 0) as recorder:
        while leash.held():
            # systemd restarts a haproxy that ends, and the new one counts from zero. To ask systemd ten times a second
            # would cost more CPU than a service does.
            if not psutil.pid_exists(pid):
                raise ShowdownError(unit.how_it_ended())
    return {"samples": [asdict(sample) for sample in recorder.samples]}


def _wait_until_healthy(leash: Leash, health: Health) -> None:
    end = time.monotonic() + START_SECONDS
    while not health.ready():
        if not SERVICE.running:
            raise ShowdownError(SERVICE.how_it_ended())
        if time.monotonic() > end:
            raise ShowdownError(f"not ready after {START_SECONDS:.0f} s.\n{health}\n{SERVICE.log_tail()}")
        if not leash.held():
            return

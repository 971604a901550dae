"""Waits until a host is up, and asks it what it is and what time it has."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError
from showdown_contract.errors import ShowdownError

from showdown.stacks.cloud.ssh import RemoteHost
from showdown.stacks.machine import CpuSeconds, commit
from showdown.stacks.records import Machine

# A tier's samples are matched with the generator's measured seconds by the hosts' own clocks.
MOST_CLOCK_DIFFERENCE_SECONDS = 0.25
LOG = "/var/log/cloud-init-output.log"
LOG_LINES_SHOWN = 15
# For packages and rowjson, which is compiled, on hosts of one CPU too.
SET_UP_SECONDS = 1800.0
# cloud-init's exit codes for success, and for success with warnings.
UP = {0, 2}


class Facts(BaseModel):
    """What a host says about itself."""

    machine: Machine
    versions: dict[str, str]
    commit: str
    processors: int
    steal: CpuSeconds | None


@dataclass(frozen=True)
class Clock:
    """A look at a host's clock, taken while ours went from `asked_at` to `answered_at`."""

    seconds: float
    asked_at: float
    answered_at: float

    @property
    def offset(self) -> float:
        """How far it is ahead of ours, give or take half the time that the look took."""
        return self.seconds - (self.asked_at + self.answered_at) / 2


def wait_until_up(host: RemoteHost) -> None:
    """Return when cloud-init has set the host up. Raises ShowdownError with the end of its log if it failed."""
    result = host.run("cloud-init status --wait >/dev/null", seconds=SET_UP_SECONDS)
    if result.returncode not in UP:
        # The step that failed is not at the end: cloud-init adds messages of its own.
        failed = f"grep -B {LOG_LINES_SHOWN} '^showdown: step .* failed' {LOG} || tail -n {LOG_LINES_SHOWN} {LOG}"
        log = host.run(failed).stdout or result.stderr
        lines = "\n".join(f"  {line}" for line in log.splitlines())
        raise ShowdownError(f"{host.name} did not come up. From its {LOG}:\n{lines}")


def facts(host: RemoteHost, revision: str) -> Facts:
    """Ask a host about itself. Raises ShowdownError if it does not run the revision that was applied."""
    commit = host.run("git -C /opt/showdown rev-parse HEAD").stdout.strip()
    if commit != revision:
        raise ShowdownError(f"{host.name} has revision {commit or 'unknown'} and should have {revision}: apply again")
    try:
        return Facts.model_validate(host.ask("describe"))
    except ValidationError as error:
        raise ShowdownError(
            f"{host.name} describes itself in a form that this version does not know: {error.errors()[0]['msg']}"
        ) from None


def clock(host: RemoteHost) -> Clock:
    """Look at a host's clock. Raises ShowdownError."""
    asked_at = time.time()
    said = host.run("date +%s.%N").stdout
    try:
        return Clock(float(said), asked_at, time.time())
    except ValueError:
        raise ShowdownError(f"{host.name} does not say the time: {said!r}") from None


def doubts(hosts: Iterable[RemoteHost], found: dict[str, Facts]) -> list[str]:
    """Notes for the report: clocks that differ, and revisions."""
    offsets = {host.name: clock(host).offset for host in hosts}
    difference = max(offsets.values()) - min(offsets.values())
    told = []
    if difference > MOST_CLOCK_DIFFERENCE_SECONDS:
        clocks = ", ".join(f"{name} {offset:+.2f} s" for name, offset in offsets.items())
        told.append(f"the hosts' clocks differ by {difference:.2f} s ({clocks}): CPU per request is off by as much")
    ours = commit()
    if others := sorted({fact.commit for fact in found.values()} - {ours}):
        told.append(
            f"the hosts run commit {', '.join(others)}, this checkout, whose variants were asked for, is at {ours}: "
            "apply with its revision"
        )
    return told

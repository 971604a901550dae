"""Waits until a host is up, and asks it what it is and what time it has."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from pydantic import BaseModel, ValidationError
from showdown_contract.errors import ShowdownError

from showdown.stacks.cloud.ssh import RemoteHost, on_all
from showdown.stacks.machine import commit
from showdown.stacks.pressure import Pressure
from showdown.stacks.records import Machine

# All hosts go by one timetable, each by its own clock.
MOST_CLOCK_DIFFERENCE_SECONDS = 0.05
# The quickest of so many answers tells the time best.
CLOCK_LOOKS = 7
LOG = "/var/log/cloud-init-output.log"
LOG_LINES_SHOWN = 15
# infra/hosts/bootstrap.sh leaves the first when it is done; cloud-init the other, however it ended. Its exit code says
# less: it also tells of failures in the part that the provider adds.
READY, ENDED = "/var/lib/showdown/ready", "/run/cloud-init/result.json"
# For packages and rowjson, which is compiled, on hosts of one CPU too.
SET_UP_SECONDS = 1800.0
POLL_SECONDS = 2.0
# Before its first step, while cloud-init installs packages.
FIRST_STEP = "packages"


class Facts(BaseModel):
    """What a host says about itself."""

    machine: Machine
    versions: dict[str, str]
    commit: str
    processors: int
    pressure: Pressure


@dataclass(frozen=True)
class Clock:
    """A look at a host's clock, taken while ours went from `asked_at` to `answered_at`."""

    seconds: float
    asked_at: float
    answered_at: float

    @property
    def offset(self) -> float:
        """How far it is ahead of ours, give or take `uncertainty`."""
        return self.seconds - (self.asked_at + self.answered_at) / 2

    @property
    def uncertainty(self) -> float:
        return (self.answered_at - self.asked_at) / 2


def require_prepared(hosts: Sequence[RemoteHost]) -> None:
    """Raise ShowdownError if nobody has set them up."""
    looked = on_all(hosts, lambda host: host.run(f"test -e {READY}").returncode)
    if bare := [host.name for host, code in zip(hosts, looked, strict=True) if code != 0]:
        raise ShowdownError(
            f"not set up yet: {', '.join(bare)}. `showdown prepare-hosts` with the same --inventory does that"
        )


def wait_until_up(
    hosts: Sequence[RemoteHost], say: Callable[[str], object], on_up: Callable[[RemoteHost], object]
) -> None:
    """Return when all hosts are set up. `say` is told their newest steps, and `on_up` of each host that is up.

    Raises ShowdownError with the end of a host's log if that failed.
    """
    end = time.monotonic() + SET_UP_SECONDS
    waiting = list(hosts)
    while True:
        looked = list(zip(waiting, on_all(waiting, _step), strict=True))
        for host in [host for host, step in looked if step is None]:
            on_up(host)
        waiting = [host for host, step in looked if step is not None]
        if not waiting:
            return
        steps = ", ".join(f"{host.name} ({step})" for host, step in looked if step is not None)
        if time.monotonic() > end:
            raise ShowdownError(f"not set up after {SET_UP_SECONDS / 60:.0f} minutes: {steps}. {LOG} there says more")
        say(f"waiting for hosts to set themselves up: {steps}")
        time.sleep(POLL_SECONDS)


def _step(host: RemoteHost) -> str | None:
    """The newest step of its set-up; None if it is set up. Raises ShowdownError if that failed."""
    look = f"""test -e {READY} && echo ready || {{ test -e {ENDED} && echo ended || echo "under way"; }}
        sed -n 's/^showdown: step "\\(.*\\)"$/\\1/p' {LOG} | tail -n 1"""
    result = host.run(look)
    state, *steps = result.stdout.splitlines() or ["ended"]
    if state == "ready":
        return None
    if state == "ended":
        # The step that failed is not at the end: cloud-init adds messages of its own.
        failed = f"grep -B {LOG_LINES_SHOWN} '^showdown: step .* failed' {LOG} || tail -n {LOG_LINES_SHOWN} {LOG}"
        log = host.run(failed).stdout or result.stderr
        lines = "\n".join(f"  {line}" for line in log.splitlines())
        raise ShowdownError(f"{host.name} did not come up. From its {LOG}:\n{lines}")
    return steps[0] if steps else FIRST_STEP


def facts(host: RemoteHost) -> Facts:
    """Ask a host about itself. Raises ShowdownError."""
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


def best_clock(host: RemoteHost) -> Clock:
    """The look that was quickest. Raises ShowdownError."""
    return min((clock(host) for _ in range(CLOCK_LOOKS)), key=lambda looked: looked.uncertainty)


def common_offset(clocks: Mapping[str, Clock]) -> float:
    """How far the hosts are ahead of us. Raises ShowdownError if their clocks differ too much."""
    latest = max(clocks, key=lambda name: clocks[name].offset - clocks[name].uncertainty)
    earliest = min(clocks, key=lambda name: clocks[name].offset + clocks[name].uncertainty)
    ahead, behind = clocks[latest], clocks[earliest]
    apart = ahead.offset - ahead.uncertainty - (behind.offset + behind.uncertainty)
    if apart > MOST_CLOCK_DIFFERENCE_SECONDS:
        raise ShowdownError(
            f"the clocks of {latest} and {earliest} are at least {apart:.2f} s apart, and all hosts go by one "
            "timetable: look at `timedatectl` there"
        )
    return median(looked.offset for looked in clocks.values())


def doubts(found: Mapping[str, Facts]) -> list[str]:
    """What does not fit together: what hosts run, and the checkout whose commit was put on them."""
    ours = commit()
    others = sorted({fact.commit for fact in found.values()} - {ours})
    if not others:
        return []
    return [f"the hosts run {', '.join(others)}, and this checkout is {ours}: what is not committed is not measured"]

"""`showdown cloud-run`: makes the hosts, measures on them, and destroys them, however that ends."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import typer
from showdown_contract.errors import ShowdownError

from showdown.console import ENDINGS, INTERRUPTED, line, notices
from showdown.stacks.cloud import terraform
from showdown.stacks.cloud.cost import planned_cost, show_cost
from showdown.stacks.cloud.leftovers import leftovers

RUN = (sys.executable, "-m", "showdown", "run", "--stack", "terraform")
STDERR = 2
# A second attempt helps where the provider was slow, and harms nowhere.
DESTROY_ATTEMPTS = 2


def cloud_run(variables: Sequence[str], run_options: Sequence[str], *, agreed: bool) -> int:
    """Apply infra/ with these variables (name=value), run `showdown run` with these options, and destroy all again.

    Returns the run's exit code. Raises ShowdownError if something cannot be made, or destroyed.
    """
    if terraform.resources():
        raise ShowdownError(
            "hosts have been made already, which this would destroy: measure on them with "
            f"`showdown run --stack terraform`, or `{terraform.program()} -chdir={terraform.INFRA} destroy` them first"
        )
    cost = planned_cost([*variables])
    show_cost(cost, notices)
    if not agreed:
        typer.confirm("Make these hosts, measure on them, and destroy them?", abort=True, err=True)
    options = [f"-var={variable}" for variable in variables]
    stack = terraform.value("the name of the stack", "var.name", *options)
    try:
        if code := _terraform("apply", *options):
            raise ShowdownError(f"the hosts could not be made (exit code {code}): see above")
        return _ended(subprocess.Popen([*RUN, *run_options], start_new_session=True))
    finally:
        with _undisturbed():
            _destroy(stack, options, cost.usd_per_hour)


def _destroy(stack: str, options: Sequence[str], usd_per_hour: float) -> None:
    """Raises ShowdownError if something may be left."""
    line("destroying the hosts and the database, which Ctrl-C does not stop")
    # Whatever fails here must not keep us from destroying.
    with suppress(ShowdownError):
        _leave_default_vpcs()
    if all(_terraform("destroy", *options) for _ in range(DESTROY_ATTEMPTS)):
        raise ShowdownError(
            f"not everything could be destroyed, and what is left costs up to {usd_per_hour:.2f} USD an hour: type "
            f"`{terraform.program()} -chdir={terraform.INFRA} destroy` until it succeeds; see infra/README.md"
        )
    if left := leftovers(stack):
        commands = "".join(f"\n  {command}" for command in left)
        raise ShowdownError(f"the account has more, which Terraform does not know of. These delete it:{commands}")


def _leave_default_vpcs() -> None:
    """Have Terraform forget a VPC that it cannot delete, which it would try for minutes. Raises ShowdownError."""
    for vpc in terraform.resources():
        if vpc.type == "digitalocean_vpc" and vpc.values.get("default"):
            terraform.run("state", "rm", vpc.address)
            line(f"{vpc.values.get('name')} has become the default VPC of its region, and stays; it costs nothing")


def _terraform(command: str, *options: str) -> int:
    """Run a command of Terraform's, which is shown on stderr, and return its exit code."""
    words = terraform.command(command, "-auto-approve", "-input=false", *options)
    return _ended(subprocess.Popen(words, stdout=STDERR, start_new_session=True, umask=terraform.UMASK))


def _ended(process: "subprocess.Popen[bytes]") -> int:
    """Wait for a process, and return its exit code. Raises KeyboardInterrupt after Ctrl-C, when it has ended in order.

    It has a session of its own, and is told only once: after a second Ctrl-C, Terraform forgets what it has made.
    """
    is_told = False
    while True:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            if not is_told:
                process.send_signal(signal.SIGINT)
            is_told = True
        else:
            break
    if is_told or code == INTERRUPTED:
        raise KeyboardInterrupt
    return code


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ignore whatever asks this process to end."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, *ENDINGS)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""`showdown cloud-run`: makes the hosts, measures on them, and destroys them, however that ends."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer
from showdown_contract.errors import ShowdownError

from showdown.console import ENDINGS, INTERRUPTED, line, notices
from showdown.stacks.cloud import terraform
from showdown.stacks.cloud.cost import planned_cost, show_cost
from showdown.stacks.cloud.leftovers import leftovers

RUN = (sys.executable, "-m", "showdown", "run", "--stack", "terraform")
# A second attempt helps where the provider was slow, and harms nowhere.
DESTROY_ATTEMPTS = 2


def cloud_run(variables: Sequence[str], run_options: Sequence[str], *, agreed: bool) -> int:
    """Apply infra/ with these variables (name=value), run `showdown run` with these options, and destroy all again.

    Returns the run's exit code. Raises ShowdownError if something cannot be made, or destroyed.
    """
    if terraform.is_applied():
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
        if code := _run(terraform.command("apply", "-auto-approve", "-input=false", *options), to_stderr=True):
            raise ShowdownError(f"the hosts could not be made (exit code {code}): see above")
        return _run([*RUN, *run_options])
    finally:
        with _undisturbed():
            _destroy(stack, options, cost.usd_per_hour)


def _destroy(stack: str, options: Sequence[str], usd_per_hour: float) -> None:
    """Raises ShowdownError if something may be left."""
    line("destroying the hosts and the database, which Ctrl-C does not stop")
    command = terraform.command("destroy", "-auto-approve", "-input=false", *options)
    failed = all(_run(command, to_stderr=True) for _ in range(DESTROY_ATTEMPTS))
    if failed:
        raise ShowdownError(
            f"not everything could be destroyed, and what is left costs up to {usd_per_hour:.2f} USD an hour: type "
            f"`{terraform.program()} -chdir={terraform.INFRA} destroy` until it succeeds; see infra/README.md"
        )
    if left := leftovers(stack):
        commands = "".join(f"\n  {command}" for command in left)
        raise ShowdownError(f"the account has more, which Terraform does not know of. These delete it:{commands}")


def _run(command: Sequence[str], *, to_stderr: bool = False) -> int:
    """Run a command to its end, and return its exit code. Ctrl-C, which it gets only once, ends it in order.

    Raises KeyboardInterrupt then, when it has ended.
    """
    # In a session of its own, for Terraform forgets what it has made where a second Ctrl-C reaches it.
    process = subprocess.Popen(
        command, stdout=sys.stderr.fileno() if to_stderr else None, start_new_session=True, umask=terraform.UMASK
    )
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

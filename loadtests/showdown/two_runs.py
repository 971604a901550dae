"""Compares two runs, or repeats a run and compares."""

from pathlib import Path

from showdown_contract.errors import ShowdownError

from showdown.console import out
from showdown.contract.contract import Contract
from showdown.files import replace_file
from showdown.judge.differences import circumstances, differences, obstacles
from showdown.measure.again import plan_again
from showdown.measure.results import Run, read_run
from showdown.report.html.comparison import comparison
from showdown.report.side_by_side import disagreements, inside, show_differences
from showdown.report.terminal import bullets
from showdown.session import run_in_cloud, run_locally, tier_options
from showdown.stacks import machine


def compare(first: Run, second: Run, *, anyway: bool, html: Path | None = None) -> None:
    """Show what differs, in a page of that name, too. Raises ShowdownError if that makes no sense, unless `anyway`."""
    _require_comparable(first, second, anyway=anyway)
    found = differences(first, second)
    if not found:
        raise ShowdownError("the two have no variant in common under a common scenario, in two blocks or more of both")
    others, disagreeing = (
        [*obstacles(first, second), *circumstances(first, second)],
        disagreements(first, second, found),
    )
    show_differences(first, found, others, out)
    bullets(disagreeing, out)
    if html:
        replace_file(html, comparison(first, second, found, [*others, *disagreeing]))
        out.print(f"\n{html}", highlight=False, markup=False, soft_wrap=True)


def reproduce(  # noqa: PLR0917 - the command's options, one by one
    folder: Path,
    chosen: Path | None,
    dsn: str | None,
    contract: Contract,
    variants_file: Path | None,
    identity: Path | None,
    *,
    anyway: bool,
) -> Run:
    """Make a run again, and show which figures lie in its intervals; returns the new one. Raises ShowdownError."""
    before = read_run(folder)
    if not differences(before, before):
        raise ShowdownError(f"{folder} has one block only: nothing tells how far its figures may be off")
    # Say what can be known before measuring.
    today = before.model_copy(update={"contract": contract.digest})
    if before.stack == "local":
        today = today.model_copy(update={"machine": machine.describe()})
    _require_comparable(before, today, anyway=anyway)
    plan = plan_again(before, dsn, contract, variants_file)
    if before.stack == "terraform":
        run = run_in_cloud(plan, ",".join(map(str, before.service_hosts)), identity, chosen)
    else:
        run = run_locally(plan, tier_options(plan, haproxy=before.haproxy, pgbouncer=before.pgbouncer), chosen)
    compare(before, run, anyway=anyway)
    bullets(inside(before, differences(before, run)), out)
    return run


def _require_comparable(first: Run, second: Run, *, anyway: bool) -> None:
    if not anyway and (found := obstacles(first, second)):
        raise ShowdownError("\n".join([*found, "what differs would be of that, too: --anyway compares nevertheless"]))

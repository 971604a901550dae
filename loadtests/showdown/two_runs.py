"""Compares two runs, or repeats a run and compares."""

from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from showdown_contract.errors import ShowdownError

from showdown.console import DOUBTFUL, View, fail, notice, out, write_json
from showdown.contract.contract import Contract
from showdown.judge.differences import Difference, circumstances, differences, obstacles
from showdown.measure.again import plan_again
from showdown.measure.results import Run, read_run
from showdown.report.exports.comparison import compared_runs
from showdown.report.flame_differences import FlameDifference, flame_differences
from showdown.report.side_by_side import disagreements, inside, show_differences
from showdown.report.terminal import bullets
from showdown.session import hosts_of, run_locally, run_on_hosts, tier_options
from showdown.stacks import machine


def compare(first: Run, second: Run, *, anyway: bool, as_json: bool = False) -> list[Difference]:
    """Show what differs, and return it. Raises ShowdownError if the runs cannot be compared, unless `anyway`."""
    _require_comparable(first, second, anyway=anyway)
    found = differences(first, second)
    if not found:
        raise ShowdownError(
            "the two have no variant in common under a common scenario, in two blocks or more of both: "
            "measure the same --variants and --scenarios again, with the profile quick or full"
        )
    if as_json:
        write_json(compared_runs(first, second, found))
    else:
        show_differences(first, found, [*obstacles(first, second), *circumstances(first, second)], out)
        bullets(disagreements(first, second, found), out)
    return found


def draw_differences(first: tuple[Path, Run], second: tuple[Path, Run], console: Console) -> list[FlameDifference]:
    """Draw flame graphs of what differs, if both have been profiled; returns them.

    Where that cannot be done a notice says why: it is not what the comparison is for. `first` and `second`: each with
    its folder.
    """
    drawn = []
    try:
        for each in flame_differences(first, second):
            console.print(f"{each.path}", highlight=False, markup=False, soft_wrap=True)
            drawn.append(each)
    except ShowdownError as error:
        notice(str(error))
    return drawn


def require_no_worse(found: Iterable[Difference]) -> None:
    """Exit with code 3 if a ratio to the baseline is established to be worse: the rest may be the machine."""
    worse = [one for one in found if one.to_baseline and one.established and not one.is_better]
    if worse:
        names = dict.fromkeys(f"{one.variant}, {one.scenario}, {one.measure.title}" for one in worse)
        fail(f"established to be worse, as a ratio to the baseline: {'; '.join(names)}", DOUBTFUL)


def reproduce(  # noqa: PLR0917 - the command's options, one by one
    folder: Path,
    chosen: Path | None,
    dsn: str | None,
    contract: Contract,
    variants_file: Path | None,
    identity: Path | None,
    inventory: Path | None,
    *,
    anyway: bool,
    as_json: bool = False,
) -> Run:
    """Make a run again, and show which figures lie in its intervals; returns the new one. Raises ShowdownError."""
    before = read_run(folder)
    if not differences(before, before):
        raise ShowdownError(
            f"{folder} has one block only: nothing tells how far its figures may be off. Name a run of several, "
            "such as one of the profile quick"
        )
    # Say what can be known before measuring.
    today = before.model_copy(update={"contract": contract.digest})
    if before.stack == "local":
        today = today.model_copy(update={"machine": machine.describe()})
    _require_comparable(before, today, anyway=anyway)
    plan = plan_again(before, dsn, contract, variants_file)
    view: View = "nothing" if as_json else "table"
    if before.stack != "local":
        hosts = ",".join(map(str, before.service_hosts))
        run = run_on_hosts(plan, hosts_of(before.stack, inventory), hosts, identity, chosen, view)
    else:
        options = tier_options(plan, haproxy=before.haproxy, pgbouncer=before.pgbouncer)
        run = run_locally(plan, options, chosen, view)
    compare(before, run, anyway=anyway, as_json=as_json)
    if not as_json:
        bullets(inside(before, differences(before, run)), out)
    return run


def _require_comparable(first: Run, second: Run, *, anyway: bool) -> None:
    if not anyway and (found := obstacles(first, second)):
        raise ShowdownError("\n".join([*found, "what differs would be of that, too: --anyway compares nevertheless"]))

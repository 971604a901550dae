"""Where in a run something is, in words."""

from showdown.measure.results import Fault, Run
from showdown.measure.runner import Group
from showdown.measure.schedule import WARM_UP, Turn
from showdown.progress.time_left import TimeLeft, told
from showdown.report.setting import contender_name


def place(run: Run, group: Group) -> str:
    """The block, of how many where that is known, and the group if it is not the first."""
    of_all = f"/{run.profile.blocks}" if run.until_half_width is None else ""
    return f"block {group.block}{of_all}" + (f", group {group.number}" if group.number > 1 else "")


def turn_text(run: Run, turn: Turn) -> str:
    lap = "warm-up" if turn.lap == WARM_UP else f"lap {turn.lap}/{run.profile.laps}"
    return f"{lap}  {turn.scenario}  {contender_name(run, turn.contender, turn.service_hosts)}"


def rest(run: Run, left: TimeLeft) -> str:
    """Of a run with --until, only the block that has begun is known."""
    return f"about {told(left.seconds)} left{'' if run.until_half_width is None else ' of this block'}"


def fault_text(fault: Fault) -> str:
    where = ", ".join(filter(None, [fault.variant, fault.scenario, f"block {fault.block}"]))
    return f"{where} has no result: {fault.reason}"

"""Progress in a pipe, such as the log of a job: a few lines for each block."""

from collections.abc import Sequence
from itertools import product

from showdown.console import line, notice
from showdown.measure.results import Fault, Run
from showdown.measure.runner import Group
from showdown.measure.schedule import Turn
from showdown.progress.place import fault_text, place, rest
from showdown.progress.time_left import TimeLeft
from showdown.report.so_far import precision, sentence


class Lines:
    """What is said of a run."""

    def __init__(self, run: Run, to_do: Sequence[Group]) -> None:
        self._run = run
        self._left = TimeLeft(to_do)
        self._has_begun = False

    def on_group(self, group: Group) -> None:
        if self._run.finished_blocks and group.number == 1:
            self._say_so_far()
        self._left.on_group(group)
        self._has_begun = True
        line(f"{place(self._run, group)} begins, {rest(self._run, self._left)}")

    def on_step(self, what: str) -> None:
        # Within blocks these are the same again and again.
        if not self._has_begun:
            line(what)

    def on_turn(self, _: Turn) -> None:
        self._left.on_turn()

    def on_seconds(self, passed: float) -> None:
        self._left.on_seconds(passed)

    def on_fault(self, fault: Fault) -> None:
        notice(fault_text(fault))

    def _say_so_far(self) -> None:
        for scenario, hosts in product(self._run.profile.scenarios, self._run.service_hosts):
            line(sentence(self._run, scenario, hosts))
        if told := precision(self._run):
            line(told)

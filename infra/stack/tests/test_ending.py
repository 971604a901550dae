"""The end of a process, a task or a unit is reported in the same words."""

from showdown_stack.ending import Ending


class Task(Ending):
    name = "starlette"

    @property
    def result(self) -> str:
        return "exit code 3"

    def log_tail(self) -> str:
        return "The end of starlette.log:\n  out of memory"


def test_what_ended_is_told_with_its_exit_code_and_the_end_of_its_log() -> None:
    assert Task().how_it_ended() == "starlette ended (exit code 3).\nThe end of starlette.log:\n  out of memory"


def test_when_it_ended_may_be_told() -> None:
    assert Task().how_it_ended(" in mid-run").startswith("starlette ended in mid-run (exit code 3).\n")

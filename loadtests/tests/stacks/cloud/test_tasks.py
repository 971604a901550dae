"""Several hosts' tasks are one: a failed one decides."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from showdown.stacks.cloud.ssh import Task
from showdown.stacks.cloud.tasks import TaskAnswer, Tasks
from showdown_contract.errors import ShowdownError

Eventually = Callable[[Callable[[], object]], None]
NewTasks = Callable[..., Tasks]
# Works until its stdin is closed.
HELD = "read -r _; echo '\"ready\"'; cat"
# Ends by itself a second later, or when its stdin is closed, and answers which of the two.
LATE = f"""exec {sys.executable} -c '
import json, select, sys
sys.stdin.readline()
let_go, _, _ = select.select([sys.stdin], [], [], 1)
print(json.dumps({{"log": "let go of" if let_go else "by itself"}}))'"""


@pytest.fixture
def tasks(tmp_path: Path) -> Iterator[NewTasks]:
    """Starts shell scripts as agents."""
    started: list[Tasks] = []

    def start(*scripts: str, endless: bool = False) -> Tasks:
        each = [
            Task(f"service on host{number}", ["sh", "-c", script], {}, tmp_path / f"host{number}")
            for number, script in enumerate(scripts, start=1)
        ]
        started.append(Tasks("service", each, endless=endless))
        return started[-1]

    yield start
    for some in started:
        some.stop()


def test_they_run_while_the_first_does(tasks: NewTasks, eventually: Eventually) -> None:
    both = tasks(HELD, "exit 0")
    eventually(lambda: both._tasks[1].exit_code == 0)
    assert (both.running, both.failed(), both.exit_code) == (True, None, None)
    both.first.stop()
    assert (both.running, both.failed(), both.exit_code) == (False, None, 0)


def test_one_that_fails_decides(tasks: NewTasks, eventually: Eventually) -> None:
    three = tasks(HELD, HELD, "echo out of memory >&2; exit 9")
    eventually(lambda: not three.running)
    assert three.first.running
    assert three.exit_code == 9
    assert three.log_tail().endswith("host3.log:\n  out of memory")
    assert three.how_it_ended(" in mid-run").startswith("service on host3 ended in mid-run (exit code 9).\n")
    failed = three.failed()
    assert failed is not None
    assert failed.name == "service on host3"


def saying(log: str) -> str:
    """A script's end."""
    return f"echo '{TaskAnswer(log=log).model_dump_json()}'"


def test_all_answer_in_their_order_and_as_often_as_they_are_asked(tasks: NewTasks) -> None:
    both = tasks(f"{HELD}; {saying('one')}", f"{HELD}; {saying('two')}", endless=True)
    assert [answer.log for answer in both.answers()] == ["one", "two"]
    assert not both.running
    assert [answer.log for answer in both.answers()] == ["one", "two"]


def test_those_that_end_by_themselves_are_waited_for(tasks: NewTasks) -> None:
    assert [answer.log for answer in tasks(LATE, saying("at once")).answers()] == ["by itself", "at once"]


def test_without_one_answer_there_is_none(tasks: NewTasks) -> None:
    with pytest.raises(ShowdownError, match=r"^service on host2 ended \(exit code 4\)"):
        tasks(f"{HELD}; {saying('one')}", f"{HELD}; exit 4", endless=True).answers()


def test_an_answer_of_another_version_is_refused(tasks: NewTasks) -> None:
    with pytest.raises(
        ShowdownError,
        match=r"^service on host1 answered in a form that this version does not know: Input should be a valid list$",
    ):
        tasks("echo '{\"seen\": 1}'").answers()


def test_once_the_first_has_ended_well_what_the_others_say_counts(tasks: NewTasks, eventually: Eventually) -> None:
    both = tasks(saying("well"), LATE)
    eventually(lambda: not both.first.running)
    both.stop()
    assert [answer.log for answer in both.answers()] == ["well", "by itself"]


def test_once_the_first_has_failed_nobody_is_waited_for(tasks: NewTasks, eventually: Eventually) -> None:
    both = tasks("exit 9", f"{HELD}; {saying('let go of')}")
    eventually(lambda: not both.first.running)
    both.stop()
    assert both._tasks[1].answer()["log"] == "let go of"


def test_those_without_end_are_let_go_of_even_if_the_first_has_ended(tasks: NewTasks, eventually: Eventually) -> None:
    both = tasks(saying("well"), f"{HELD}; {saying('let go of')}", endless=True)
    eventually(lambda: not both.first.running)
    both.stop()
    assert [answer.log for answer in both.answers()] == ["well", "let go of"]


def test_leaving_their_context_ends_all(tasks: NewTasks) -> None:
    with tasks(HELD, HELD) as both:
        assert both.running
    assert [task.exit_code for task in both._tasks] == [0, 0]


def test_all_are_told(tasks: NewTasks) -> None:
    said = "read -r _; echo '\"ready\"'; read -r told; " + 'echo "{\\"log\\": $told}"'
    both = tasks(said, said, endless=True)
    both.wait_until_ready()
    both.tell("when")
    assert [answer.log for answer in both.answers()] == ["when", "when"]

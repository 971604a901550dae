"""pgbench runs on a host while its task is held; for Locust see test_distributed_locust.py."""

import os
import pwd
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from showdown.contract.contract import load_contract
from showdown.generators.pgbench import CEILING_TURNS, CeilingTurn
from showdown.stacks.cloud.ssh import Task
from showdown.stacks.cloud.tasks import TaskAnswer
from showdown.stacks.cloud.watched import SUMMARY
from showdown_contract.errors import ShowdownError
from showdown_stack.tiers import Tiers

Eventually = Callable[[Callable[[], object]], None]
# The agent, with a user that this machine has, and files in a folder of the test's.
AGENT = """
from pathlib import Path
from showdown.stacks.agent import __main__ as agent, generators, tiers
generators.USER = {user!r}
tiers.FOLDER = Path({folder!r})
tiers.DATABASE_CA = tiers.FOLDER / "database-ca.crt"
agent.main()
"""


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Task]]:
    """Starts a load."""
    if os.geteuid() != 0:
        pytest.skip("not root: the agent cannot become the user that generators run as")
    script = AGENT.format(user=pwd.getpwuid(os.geteuid()).pw_name, folder=str(tmp_path / "run"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with ExitStack() as resources:

        def begin(*turns: CeilingTurn, dsn: str) -> Task:
            words = [sys.executable, "-c", script, "ceilings"]
            asked = CEILING_TURNS.dump_python(list(turns), mode="json")
            request = {"turns": asked, "dsn": dsn, "database_ca": "a certificate\n"}
            return resources.enter_context(Task("pgbench", words, request, tmp_path / "pgbench"))

        yield begin


def a_turn(start: float, seconds: int = 2) -> CeilingTurn:
    # The controller's files are not here.
    files, detail = Path("/no/such/folder/1"), load_contract().scenarios.scenarios["recipe-detail"]
    return CeilingTurn(files, detail, 2_000, 3, seconds, start, start + 0.7, start + 1.2)


def test_pgbench_runs_in_each_of_its_turns(
    ask: Callable[..., Task], stack: Tiers, tmp_path: Path, eventually: Eventually
) -> None:
    now = time.time() + 3
    task = ask(a_turn(now), a_turn(now + 4), dsn=stack.postgres.api_dsn).wait_until_ready()
    eventually(lambda: not task.running)
    answer = TaskAnswer.model_validate(task.answer())
    assert len(answer.summaries) == len(answer.seen) == 2
    for summary, seen in zip(answer.summaries, answer.seen, strict=True):
        assert SUMMARY.validate_python(summary).transactions > 0
        assert seen.cores > 0
        assert seen.rss_bytes > 0
    assert (tmp_path / "run" / "database-ca.crt").read_text() == "a certificate\n"


def test_a_turn_that_gave_nothing_says_why(ask: Callable[..., Task], eventually: Eventually) -> None:
    task = ask(a_turn(time.time() + 1), dsn="postgresql://api@127.0.0.1:1/showdown")
    eventually(lambda: not task.running)
    (summary,) = TaskAnswer.model_validate(task.answer()).summaries
    assert summary["error"].startswith("pgbench did not run when it should")
    assert "Connection refused" in summary["error"]


@pytest.mark.parametrize("seconds", [-1, 600])
def test_one_that_is_not_wanted_any_more_is_stopped(ask: Callable[..., Task], stack: Tiers, seconds: int) -> None:
    """Before its turn, or in it."""
    task = ask(a_turn(time.time() + seconds, 600), dsn=stack.postgres.api_dsn)
    task.wait_until_ready().let_go()
    with pytest.raises(ShowdownError, match=r"pgbench (was stopped before its end|is not ready)"):
        task.answer()

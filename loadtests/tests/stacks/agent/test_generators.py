"""pgbench runs on a host while its task is held; for Locust see test_distributed_locust.py."""

import os
import pwd
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from showdown.contract.contract import load_contract
from showdown.generators.load import LOAD, Load
from showdown.requests.scenarios import Profile
from showdown.stacks.cloud.ssh import Task
from showdown.stacks.cloud.stack import SUMMARY
from showdown.stacks.cloud.tasks import TaskAnswer
from showdown_contract.errors import ShowdownError
from showdown_stack.tiers import Tiers

# The agent, with a user that exists on this machine, and files in a test folder.
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

        def begin(command: str, load: Load, **arguments: Any) -> Task:
            words = [sys.executable, "-c", script, command]
            request = {"load": LOAD.dump_python(load, mode="json"), **arguments}
            return resources.enter_context(Task(command, words, request, tmp_path / command))

        yield begin


def a_load(stack: Tiers, measure_seconds: int) -> Load:
    profile = Profile(
        description="", scenarios=["recipe-detail"], rounds=1, users=2, warm_up_seconds=1,
        measure_seconds=measure_seconds,
    )  # fmt: skip
    # The controller's files are not on the host.
    return Load(
        stack.url,
        "recipe-detail",
        load_contract().scenarios.scenarios["recipe-detail"],
        profile,
        2_000,
        1,
        Path("/no/such/folder/round"),
    )


def test_pgbench_runs_to_its_end(
    ask: Callable[..., Task], stack: Tiers, tmp_path: Path, eventually: Callable[[Callable[[], object]], None]
) -> None:
    dsn = stack.postgres.api_dsn
    task = ask("ceiling", a_load(stack, 1), dsn=dsn, database_ca="a certificate\n", connections=3)
    task.wait_until_ready()
    eventually(lambda: not task.running)
    answer = TaskAnswer.model_validate(task.answer())
    seen = SUMMARY.validate_python(answer.summary)
    assert seen.transactions > 0
    assert answer.samples[0].tiers["generator"].rss_bytes > 0
    assert (tmp_path / "run" / "database-ca.crt").read_text() == "a certificate\n"


def test_one_that_fails_is_shown_with_what_it_said(
    ask: Callable[..., Task], stack: Tiers, eventually: Callable[[Callable[[], object]], None]
) -> None:
    dsn = "postgresql://api@127.0.0.1:1/showdown"
    task = ask("ceiling", a_load(stack, 1), dsn=dsn, database_ca="", connections=3)
    eventually(lambda: not task.running)
    with pytest.raises(ShowdownError, match=r"(?s)pgbench ended \(exit code 1\).*Connection refused"):
        task.answer()


def test_one_that_is_not_wanted_any_more_is_stopped(ask: Callable[..., Task], stack: Tiers) -> None:
    task = ask("ceiling", a_load(stack, 600), dsn=stack.postgres.api_dsn, database_ca="", connections=1)
    task.wait_until_ready().let_go()
    with pytest.raises(ShowdownError, match=r"pgbench was stopped before its end$"):
        task.answer()

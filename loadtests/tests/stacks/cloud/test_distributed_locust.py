"""Locust on several hosts, all simulated here: a master's summary, every host's samples, and lost workers."""

import os
import pwd
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from showdown.contract.contract import load_contract
from showdown.generators.load import Load
from showdown.requests.scenarios import Profile
from showdown.stacks.cloud import ssh
from showdown.stacks.cloud.locust import DistributedLocust
from showdown.stacks.cloud.ssh import RemoteHost
from showdown.stacks.cloud.tasks import Tasks, tier
from showdown_contract.errors import ShowdownError
from showdown_stack.ports import LOOPBACK, free_port
from showdown_stack.tiers import Tiers

Eventually = Callable[[Callable[[], object]], None]
PROFILE = Profile(description="", scenarios=["healthz"], rounds=1, users=4, warm_up_seconds=1, measure_seconds=1)
# The agent with another user, because this machine lacks the one that generators run as.
AGENT = """
from showdown.stacks.agent import __main__ as agent, generators
generators.USER = {user!r}
agent.main()
"""


@pytest.fixture
def hosts(host: Callable[..., RemoteHost], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[RemoteHost]:
    """Two hosts that run generators as the current user."""
    if os.geteuid() != 0:
        pytest.skip("not root: the agent cannot become the user that generators run as")
    both = [host("generator1"), host("generator2")]
    both[0].about.private_address = LOOPBACK
    agent = tmp_path / "agent.py"
    agent.write_text(AGENT.format(user=pwd.getpwuid(os.geteuid()).pw_name))
    monkeypatch.setattr(ssh, "AGENT", f"{sys.executable} {agent}")
    # The folder for the hosts' files.
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return both


@pytest.fixture
def load(starlette: Tiers, tmp_path: Path) -> Load:
    return Load(
        starlette.url, "healthz", load_contract().scenarios.scenarios["healthz"], PROFILE, 2_000, 1, tmp_path / "round"
    )


@pytest.fixture
def start(hosts: list[RemoteHost], load: Load) -> Iterator[Callable[..., tuple[DistributedLocust, Tasks]]]:
    """Starts a load from both hosts, which have one processor each."""
    with ExitStack() as resources:

        def call(measure_seconds: int = 1) -> tuple[DistributedLocust, Tasks]:
            generator = DistributedLocust(hosts, [1, 1], free_port())
            longer = load.profile.model_copy(update={"measure_seconds": measure_seconds})
            return generator, resources.enter_context(generator.start(replace(load, profile=longer)))

        yield call


def locusts(role: str, folder: Path) -> list[psutil.Process]:
    """The processes of Locust whose files are in a folder."""
    found = []
    for process in psutil.Process().children(recursive=True):
        words = process.cmdline()
        if role in words and any(word.startswith(str(folder)) for word in words):
            found.append(process)
    return found


def test_hosts_load_together(
    start: Callable[..., tuple[DistributedLocust, Tasks]], load: Load, starlette: Tiers, eventually: Eventually
) -> None:
    assert starlette.haproxy is not None, "haproxy counts what Locust sends: install it"
    before = starlette.haproxy.totals().responses
    generator, tasks = start()
    while tasks.running:
        generator.check(load)
    assert tasks.exit_code == 0, tasks.log_tail()
    seen = generator.summary(load)
    assert seen.total_requests == starlette.haproxy.totals().responses - before
    assert (seen.errors, seen.lost_workers) == (0, 0)
    assert seen.measured_seconds == pytest.approx(1)
    answers = tasks.answers()
    # The answers of a master and two workers.
    assert [answer.summary is None for answer in answers] == [False, True, True]
    cost = tier("generator", answers, seen.measured_from, seen.measured_to, seen.requests)
    assert cost.cpu_us_per_request is not None
    assert cost.cpu_us_per_request > 0
    eventually(lambda: not locusts("--summary", load.files.parent))


def test_a_worker_that_is_killed_leaves_no_result(
    start: Callable[..., tuple[DistributedLocust, Tasks]], load: Load, eventually: Eventually
) -> None:
    generator, tasks = start(measure_seconds=60)
    eventually(lambda: len(locusts("--worker", load.files.parent)) == 2)
    generator.check(load)
    locusts("--worker", load.files.parent)[0].kill()
    eventually(lambda: not tasks.running)
    with pytest.raises(ShowdownError, match=r"^Locust's worker [12] on generator[12] ended in mid-run \(exit code 1\)"):
        generator.check(load)
    assert "Locust ended (exit code -9)" in tasks.log_tail()
    # No other process goes on.
    tasks.stop()
    assert locusts("--summary", load.files.parent) == []

"""Locust on several hosts, all simulated here: a master's summary, every host's samples, and lost workers."""

import os
import pwd
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
from showdown.contract.contract import load_contract
from showdown.generators.load import Load
from showdown.generators.timetable import Entry
from showdown.stacks.cloud import ssh
from showdown.stacks.cloud.locust import DistributedLoading, DistributedLocust
from showdown.stacks.cloud.ssh import RemoteHost
from showdown_contract.errors import ShowdownError
from showdown_stack.ports import LOOPBACK, free_port
from showdown_stack.tiers import Tiers

Eventually = Callable[[Callable[[], object]], None]
# Generators run as a user that this machine does not have.
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
def start(hosts: list[RemoteHost], tmp_path: Path) -> Iterator[Callable[[], DistributedLoading]]:
    """Starts Locusts on both hosts, which have a processor each."""
    with ExitStack() as resources:

        def call() -> DistributedLoading:
            generator = DistributedLocust(hosts, [1, 1], free_port())
            load = Load(load_contract().scenarios.scenarios, 4, 2_000, tmp_path / "block")
            loading = resources.enter_context(generator.start(load))
            loading.wait_until_ready()
            return loading

        yield call


def timetable(url: str, seconds: float = 1) -> list[Entry]:
    now = time.time() + 1
    return [
        Entry(at, at + 0.2, at + 0.2 + seconds, at + 0.3 + seconds, at + 0.8 + seconds, url, "healthz", users, "1")
        for at, users in ((now, 4), (now + seconds + 1, 1))
    ]


def locusts(role: str, folder: Path) -> list[psutil.Process]:
    """The processes of Locust whose files are in a folder."""
    found = []
    for process in psutil.Process().children(recursive=True):
        words = process.cmdline()
        if role in words and any(word.startswith(str(folder)) for word in words):
            found.append(process)
    return found


def test_hosts_load_together(
    start: Callable[[], DistributedLoading], tmp_path: Path, starlette: Tiers, eventually: Eventually
) -> None:
    assert starlette.haproxy is not None, "haproxy counts what Locust sends: install it"
    loading = start()
    before = starlette.haproxy.totals().responses
    loading.follow(timetable(starlette.url))
    while loading.process.running:
        loading.check()
    assert loading.process.exit_code == 0, loading.process.log_tail()
    of_four, of_one = loading.summary().entries
    assert of_four.total_requests + of_one.total_requests == starlette.haproxy.totals().responses - before
    for each in (of_four, of_one):
        assert each.requests > 0
        assert each.errors == 0
        assert each.measured_seconds == pytest.approx(1)
    answers = loading.process.answers()
    # Of a master and two workers.
    assert [answer.summary is None for answer in answers] == [False, True, True]
    assert [len(answer.seen) for answer in answers] == [2, 2, 2]
    # The only user of the second entry belongs to one worker, the first that reached the master.
    idle, busy = sorted(answer.seen[1].cores for answer in answers[1:])
    assert busy > 5 * idle
    eventually(lambda: not locusts("--summary", tmp_path))


def test_a_worker_that_is_killed_leaves_no_result(
    start: Callable[[], DistributedLoading], tmp_path: Path, starlette: Tiers, eventually: Eventually
) -> None:
    loading = start()
    loading.follow(timetable(starlette.url, 60))
    loading.check()
    locusts("--worker", tmp_path)[0].kill()
    eventually(loading.process.failed)
    with pytest.raises(ShowdownError, match=r"^Locust's worker [12] on generator[12] ended in mid-run \(exit code 1\)"):
        loading.check()
    assert "Locust ended in mid-run (exit code -9)" in loading.process.log_tail()
    # Nobody goes on alone.
    loading.stop()
    assert locusts("--summary", tmp_path) == []

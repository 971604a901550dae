"""A tier is looked at in its windows, by the clock, and haproxy is told between them what it is to do."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from showdown.stacks.cloud.ssh import Task
from showdown.stacks.cloud.tasks import TaskAnswer
from showdown_contract.errors import ShowdownError
from showdown_stack.answers import ask as ask_service
from showdown_stack.haproxy import FORGET_MAXIMA, STATISTICS, Totals
from showdown_stack.tiers import Tiers

Eventually = Callable[[Callable[[], object]], None]
Mortal = Callable[[], AbstractContextManager[object]]


def answered(task: Task, eventually: Eventually) -> TaskAnswer:
    eventually(lambda: not task.running)
    return TaskAnswer.model_validate(task.answer())


def test_services_are_looked_at_in_windows_of_theirs(ask: Callable[..., Task], eventually: Eventually) -> None:
    # The units' process is this one.
    now = time.time() + 2
    task = ask("watch-services", windows=[[now, now + 0.4], [now + 0.6, now + 0.8]], places=[1, 3]).wait_until_ready()
    while time.time() < now + 0.5:
        sum(range(1000))
    busy, idle = answered(task, eventually).seen
    assert busy.cores > 5 * idle.cores
    assert busy.rss_bytes > 2**20
    assert (busy.fds or 0) > 0


def test_haproxy_is_told_counts_and_is_watched(
    ask: Callable[..., Task], starlette: Tiers, folder: Path, eventually: Eventually
) -> None:
    assert starlette.haproxy is not None
    (folder / "pid").write_text(f"{starlette.haproxy.process.pid}\n")
    now = time.time() + 2
    route = "set server service-1/service1 state ready"
    commands = [[now, [STATISTICS, FORGET_MAXIMA, route]], [now + 1, [STATISTICS, FORGET_MAXIMA]]]
    task = ask("watch-haproxy", windows=[[now + 0.1, now + 0.9]], commands=commands).wait_until_ready()
    while time.time() < now + 0.2:
        time.sleep(0.05)
    for _ in range(10):
        ask_service(starlette.url, "GET", "/healthz", None, {}, 10, 1000)
    answer = answered(task, eventually)
    (first, *others), (last, _) = answer.answers
    assert [said.strip() for said in others] == ["", ""]
    assert Totals.read(last, 1).responses - Totals.read(first, 1).responses == 10
    (seen,) = answer.seen
    assert 0 < seen.cores < 1
    assert {line.split()[0] for line in (folder / "told").read_text().splitlines()} == {"show"}


def test_a_haproxy_that_systemd_has_started_anew_is_another(
    ask: Callable[..., Task], mortal: Mortal, eventually: Eventually
) -> None:
    now = time.time() + 3
    with mortal():
        task = ask("watch-haproxy", windows=[], commands=[[now, []]]).wait_until_ready()
    # The unit is active again, or still.
    eventually(lambda: not task.running)
    with pytest.raises(
        ShowdownError, match=r"(?s)^watch-haproxy ended \(exit code 1\).*showdown-haproxy.service ended"
    ):
        task.answer()


@pytest.mark.parametrize("command", ["watch-services", "watch-haproxy"])
def test_what_is_not_wanted_any_more_ends(ask: Callable[..., Task], command: str) -> None:
    later = time.time() + 600
    more: dict[str, Any] = {"watch-services": {"places": [1]}, "watch-haproxy": {"commands": [[later, []]]}}
    task = ask(command, windows=[[later, later + 1]], **more[command]).wait_until_ready()
    task.let_go()
    with pytest.raises(ShowdownError, match=r"nobody wants to know any more$"):
        task.answer()

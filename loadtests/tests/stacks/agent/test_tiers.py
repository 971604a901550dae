"""A service is a unit that runs while its task is held; its secrets go with it. A stand-in replaces systemd."""

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hostile import BEHAVIOURS, serving
from showdown.contenders.start import resolved_command
from showdown.contract.contract import load_contract
from showdown.stacks.cloud.ssh import Task
from showdown.stacks.cloud.tasks import TaskAnswer
from showdown.stacks.recorder import usage
from showdown_contract.errors import ShowdownError
from showdown_stack.ports import LOOPBACK, free_port
from showdown_stack.tiers import Tiers

StandIn = Callable[[str, str], None]
STARLETTE = load_contract().variants.variants["starlette"]
# The agent, with its files in a test folder.
AGENT = """
from pathlib import Path
from showdown.stacks.agent import __main__ as agent, tiers
tiers.FOLDER = Path({folder!r})
tiers.DATABASE_CA = tiers.FOLDER / "database-ca.crt"
tiers.START_SECONDS = {start_seconds}
agent.main()
"""
# The units' process and state are read from files.
SYSTEMCTL = """
echo "$1 $2" >> {folder}/told
case "$1 $4" in
    "show MainPID") cat {folder}/pid;;
    "show ActiveState") cat {folder}/state;;
    "show "*) echo unknown;;
esac
"""


@pytest.fixture
def folder(stand_in: StandIn, tmp_path: Path) -> Path:
    """The folder of the agent and of the stand-in, whose units are active."""
    stand_in("systemctl", SYSTEMCTL.format(folder=tmp_path))
    stand_in("journalctl", "echo out of memory")
    (tmp_path / "state").write_text("active\n")
    (tmp_path / "pid").write_text(f"{os.getpid()}\n")
    return tmp_path


@pytest.fixture
def ask(folder: Path) -> Iterator[Callable[..., Task]]:
    """Starts a task."""
    numbers = count(1)
    with ExitStack() as resources:

        def begin(command: str, *, start_seconds: float = 60.0, **arguments: Any) -> Task:
            script = AGENT.format(folder=str(folder / "run"), start_seconds=start_seconds)
            words = [sys.executable, "-c", script, command]
            files = folder / f"{command}-{next(numbers)}"
            return resources.enter_context(Task(command, words, arguments, files))

        yield begin


@contextmanager
def mortal(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is the units' until the end of the context."""
    with subprocess.Popen(["sleep", "600"]) as process:
        (folder / "pid").write_text(f"{process.pid}\n")
        try:
            yield process
        finally:
            process.kill()


def service(url: str) -> dict[str, Any]:
    """A controller's request for a service that answers at this URL."""
    address = urlsplit(url)
    settings = {
        "HOST": address.hostname,
        "PORT": str(address.port),
        "DATABASE_URL": "postgresql://api:s3cret@db/showdown",
    }
    return {
        "name": "starlette",
        "variant": STARLETTE.model_dump(mode="json"),
        "settings": settings,
        "database_ca": "a certificate\n",
    }


def test_a_service_is_started_with_its_settings_and_watched(
    ask: Callable[..., Task], folder: Path, starlette: Tiers
) -> None:
    asked = service(starlette.service_url)
    task = ask("serve", **asked).wait_until_ready()
    file, certificate = folder / "run" / "service.json", folder / "run" / "database-ca.crt"
    # The file holds a password; the certificate is public, and the service's user reads it.
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (certificate.read_text(), stat.S_IMODE(certificate.stat().st_mode)) == ("a certificate\n", 0o644)
    written = json.loads(file.read_text())
    assert written["command"] == resolved_command("starlette", STARLETTE)
    assert written["environment"].items() >= {**STARLETTE.settings(), **asked["settings"]}.items()
    task.let_go()
    answer = TaskAnswer.model_validate(task.answer())
    assert usage(answer.samples, "service", answer.samples[0].at, answer.samples[-1].at, 1).peak_rss_mib > 0
    assert answer.log == "out of memory\n"
    assert not file.exists()
    told = [line for line in (folder / "told").read_text().splitlines() if not line.startswith("show")]
    assert told == [f"{what} showdown-service.service" for what in ("reset-failed", "restart", "stop")]


def test_one_that_ends_before_it_answers_is_shown_with_its_log(ask: Callable[..., Task], folder: Path) -> None:
    (folder / "state").write_text("failed\n")
    with pytest.raises(ShowdownError, match=r"(?s)ended at start.*showdown-service.service ended.*out of memory"):
        ask("serve", **service(f"http://{LOOPBACK}:{free_port()}")).wait_until_ready()
    assert not (folder / "run" / "service.json").exists()
    assert (folder / "told").read_text().splitlines()[-1] == "stop showdown-service.service"


def test_one_that_does_not_become_ready_is_shown_with_the_last_answer(ask: Callable[..., Task], folder: Path) -> None:
    with serving(BEHAVIOURS["elsewhere"]) as url:
        last = re.escape(f"GET {url}/healthz: status 302")
        with pytest.raises(ShowdownError, match=rf"(?s)not ready after 1 s\.\s+{last}.*out of memory"):
            ask("serve", start_seconds=1.0, **service(url)).wait_until_ready()
    assert (folder / "told").read_text().splitlines()[-1] == "stop showdown-service.service"


def test_one_that_ends_under_load_is_shown_with_its_log(
    ask: Callable[..., Task], folder: Path, starlette: Tiers, eventually: Callable[[Callable[[], object]], None]
) -> None:
    with mortal(folder):
        task = ask("serve", **service(starlette.service_url)).wait_until_ready()
    eventually(lambda: not task.running)
    assert task.exit_code == 1
    assert "showdown-service.service ended" in task.log_tail()
    assert task.log_tail().endswith("out of memory")
    assert not (folder / "run" / "service.json").exists()


def test_haproxy_is_watched_and_left_alone(ask: Callable[..., Task], folder: Path) -> None:
    task = ask("watch-haproxy").wait_until_ready()
    task.let_go()
    samples = TaskAnswer.model_validate(task.answer()).samples
    assert len(samples) >= 2
    assert {*samples[0].tiers} == {"haproxy"}
    assert {line.split()[0] for line in (folder / "told").read_text().splitlines()} == {"show"}


def test_a_haproxy_that_systemd_has_started_anew_is_another(
    ask: Callable[..., Task], folder: Path, eventually: Callable[[Callable[[], object]], None]
) -> None:
    with mortal(folder):
        task = ask("watch-haproxy").wait_until_ready()
    # The unit is active again, or still.
    eventually(lambda: not task.running)
    with pytest.raises(
        ShowdownError, match=r"(?s)^watch-haproxy ended \(exit code 1\).*showdown-haproxy.service ended"
    ):
        task.answer()


def test_a_haproxy_that_does_not_run_is_not_watched(
    ask: Callable[..., Task], folder: Path, eventually: Callable[[Callable[[], object]], None]
) -> None:
    # systemd's answer for a unit without a process.
    (folder / "pid").write_text("0\n")
    task = ask("watch-haproxy")
    eventually(lambda: not task.running)
    assert task.exit_code == 1
    assert "showdown-haproxy.service ended" in task.log_tail()
    assert "Traceback" not in task.log_tail()


def test_hosts_are_one_runs_at_a_time(ask: Callable[..., Task]) -> None:
    first = ask("hold", holder="ada at home").wait_until_ready()
    with pytest.raises(ShowdownError, match=r"another run uses these hosts \(ada at home\): wait for it, or stop it$"):
        ask("hold", holder="bob at work").wait_until_ready()
    assert first.running
    first.let_go()
    first.answer()
    ask("hold", holder="bob").wait_until_ready()
    with pytest.raises(ShowdownError, match=r"another run uses these hosts \(bob\): "):
        ask("hold", holder="ada at home").wait_until_ready()

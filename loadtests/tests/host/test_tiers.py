"""A service is a unit that runs while it is wanted; its secrets are gone with it. A stand-in is systemd here."""

import json
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from local_stack.ports import LOOPBACK, free_port
from local_stack.stack import Stack
from showdown.build import resolved_command
from showdown.cloud.ssh import Task
from showdown.cloud.tasks import SAMPLES
from showdown.errors import ShowdownError
from showdown.run.recorder import usage
from showdown.variants import load_variant_file

StandIn = Callable[[str, str], None]
STARLETTE = load_variant_file().variants["starlette"]
# The agent, whose files are in a folder of the test's.
AGENT = """
from pathlib import Path
from showdown.host import __main__ as agent, tiers
tiers.FOLDER = Path({folder!r})
tiers.DATABASE_CA = tiers.FOLDER / "database-ca.crt"
agent.main()
"""
# Its units are of one process, and in the state that a file says.
SYSTEMCTL = """
echo "$1 $2" >> {folder}/told
case "$1 $4" in
    "show MainPID") echo {pid};;
    "show ActiveState") cat {folder}/state;;
    "show "*) echo unknown;;
esac
"""


@pytest.fixture
def folder(stand_in: StandIn, tmp_path: Path) -> Path:
    """The agent's, and the stand-in's, whose units are active."""
    stand_in("systemctl", SYSTEMCTL.format(folder=tmp_path, pid=os.getpid()))
    stand_in("journalctl", "echo out of memory")
    (tmp_path / "state").write_text("active\n")
    return tmp_path


@pytest.fixture
def ask(folder: Path) -> Iterator[Callable[..., Task]]:
    """Begins something that goes on."""
    script = AGENT.format(folder=str(folder / "run"))
    with ExitStack() as resources:

        def begin(command: str, **arguments: Any) -> Task:
            words = [sys.executable, "-c", script, command]
            return resources.enter_context(Task(command, words, arguments, folder / command))

        yield begin


def service(url: str) -> dict[str, Any]:
    """What a controller asks for, of a service that answers there."""
    address = urlsplit(url)
    settings = {
        "HOST": address.hostname,
        "PORT": str(address.port),
        "DATABASE_URL": "postgresql://api:s3cret@db/showdown",
    }
    return {
        "name": "starlette",
        "variant": STARLETTE.model_dump(),
        "settings": settings,
        "database_ca": "a certificate\n",
    }


def test_a_service_is_started_with_its_settings_and_watched(
    ask: Callable[..., Task], folder: Path, starlette: Stack
) -> None:
    asked = service(starlette.service_url)
    task = ask("serve", **asked).wait_until_ready()
    file, certificate = folder / "run" / "service.json", folder / "run" / "database-ca.crt"
    # It names a password; the certificate is public, and the service's user reads it.
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (certificate.read_text(), stat.S_IMODE(certificate.stat().st_mode)) == ("a certificate\n", 0o644)
    written = json.loads(file.read_text())
    assert written["command"] == resolved_command("starlette", STARLETTE)
    assert written["environment"].items() >= {**STARLETTE.settings(), **asked["settings"]}.items()
    samples = SAMPLES.validate_python(task.finish()["samples"])
    assert usage(samples, "service", samples[0].at, samples[-1].at, 1).peak_rss_mib > 0
    assert not file.exists()
    told = [line for line in (folder / "told").read_text().splitlines() if not line.startswith("show")]
    assert told == [f"{what} showdown-service.service" for what in ("reset-failed", "restart", "stop")]


def test_one_that_ends_before_it_answers_is_shown_with_its_log(ask: Callable[..., Task], folder: Path) -> None:
    (folder / "state").write_text("failed\n")
    with pytest.raises(ShowdownError, match=r"(?s)ended at start.*showdown-service.service ended.*out of memory"):
        ask("serve", **service(f"http://{LOOPBACK}:{free_port()}")).wait_until_ready()
    assert not (folder / "run" / "service.json").exists()
    assert (folder / "told").read_text().splitlines()[-1] == "stop showdown-service.service"


def test_one_that_ends_under_load_is_shown_with_its_log(
    ask: Callable[..., Task], folder: Path, starlette: Stack, eventually: Callable[[Callable[[], object]], None]
) -> None:
    task = ask("serve", **service(starlette.service_url)).wait_until_ready()
    (folder / "state").write_text("failed\n")
    eventually(lambda: not task.running)
    assert task.exit_code == 1
    assert "showdown-service.service ended" in task.log_tail()
    assert task.log_tail().endswith("out of memory")
    assert not (folder / "run" / "service.json").exists()


def test_haproxy_is_watched_and_left_alone(ask: Callable[..., Task], folder: Path) -> None:
    samples = SAMPLES.validate_python(ask("watch-haproxy").wait_until_ready().finish()["samples"])
    assert len(samples) >= 2
    assert {*samples[0].tiers} == {"haproxy"}
    assert {line.split()[0] for line in (folder / "told").read_text().splitlines()} == {"show"}

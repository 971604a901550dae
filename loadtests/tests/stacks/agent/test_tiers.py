"""A service is a unit that runs while its task is held; its secrets go with it. A stand-in replaces systemd."""

import json
import re
import stat
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hostile import BEHAVIOURS, serving
from showdown.contenders.start import resolved_command
from showdown.contract.contract import load_contract
from showdown.stacks.cloud.ssh import Task
from showdown.stacks.cloud.tasks import TaskAnswer
from showdown_contract.errors import ShowdownError
from showdown_stack.ports import LOOPBACK, free_port
from showdown_stack.tiers import Tiers

Eventually = Callable[[Callable[[], object]], None]
Mortal = Callable[[], AbstractContextManager[object]]
STARLETTE = load_contract().variants.variants["starlette"]


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
        "place": 3,
        "variant": STARLETTE.model_dump(mode="json"),
        "settings": settings,
        "database_ca": "a certificate\n",
    }


def test_a_service_is_started_with_its_settings_and_kept(
    ask: Callable[..., Task], folder: Path, starlette: Tiers
) -> None:
    asked = service(starlette.service_url)
    task = ask("serve", **asked).wait_until_ready()
    file, certificate = folder / "run" / "service-3.json", folder / "run" / "database-ca.crt"
    # It names a password; the certificate is public, and the service's user reads it.
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (certificate.read_text(), stat.S_IMODE(certificate.stat().st_mode)) == ("a certificate\n", 0o644)
    written = json.loads(file.read_text())
    assert written["command"] == resolved_command("starlette", STARLETTE)
    assert written["environment"].items() >= {**STARLETTE.settings(), **asked["settings"]}.items()
    task.let_go()
    answer = TaskAnswer.model_validate(task.answer())
    assert answer.log == "out of memory\n"
    assert not file.exists()
    told = [line for line in (folder / "told").read_text().splitlines() if not line.startswith("show")]
    assert told == [f"{what} showdown-service@3.service" for what in ("reset-failed", "restart", "stop")]


def test_one_that_ends_before_it_answers_is_shown_with_its_log(ask: Callable[..., Task], folder: Path) -> None:
    (folder / "state").write_text("failed\n")
    with pytest.raises(ShowdownError, match=r"(?s)ended at start.*showdown-service@3.service ended.*out of memory"):
        ask("serve", **service(f"http://{LOOPBACK}:{free_port()}")).wait_until_ready()
    assert not (folder / "run" / "service-3.json").exists()
    assert (folder / "told").read_text().splitlines()[-1] == "stop showdown-service@3.service"


def test_one_that_does_not_become_ready_is_shown_with_the_last_answer(ask: Callable[..., Task], folder: Path) -> None:
    with serving(BEHAVIOURS["elsewhere"]) as url:
        last = re.escape(f"GET {url}/healthz: status 302")
        with pytest.raises(ShowdownError, match=rf"(?s)not ready after 1 s\.\s+{last}.*out of memory"):
            ask("serve", start_seconds=1.0, **service(url)).wait_until_ready()
    assert (folder / "told").read_text().splitlines()[-1] == "stop showdown-service@3.service"


def test_one_that_ends_under_load_is_shown_with_its_log(
    ask: Callable[..., Task],
    folder: Path,
    mortal: Mortal,
    starlette: Tiers,
    eventually: Callable[[Callable[[], object]], None],
) -> None:
    with mortal():
        task = ask("serve", **service(starlette.service_url)).wait_until_ready()
    eventually(lambda: not task.running)
    assert task.exit_code == 1
    assert "showdown-service@3.service ended" in task.log_tail()
    assert task.log_tail().endswith("out of memory")
    assert not (folder / "run" / "service-3.json").exists()


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

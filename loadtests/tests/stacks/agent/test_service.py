"""The unit's program becomes the command of its credential, with that environment and no other."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SHOW_ENVIRONMENT = "import json, os; print(json.dumps([os.getpid(), dict(os.environ)]))"


def start(folder: Path | None, **service: object) -> subprocess.Popen[str]:
    environment = {**os.environ, "PASSED_ON": "no"}
    if folder:
        environment["CREDENTIALS_DIRECTORY"] = str(folder)
        (folder / "service").write_text(json.dumps(service))
    return subprocess.Popen(
        [sys.executable, "-m", "showdown.stacks.agent.service"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_it_becomes_the_command_with_its_environment_alone(tmp_path: Path) -> None:
    environment = {"DATABASE_URL": "postgresql://api:secret@database/showdown", "LC_CTYPE": "C.UTF-8"}
    process = start(tmp_path, command=[sys.executable, "-c", SHOW_ENVIRONMENT], environment=environment)
    out, _ = process.communicate()
    assert process.returncode == 0
    # The same process, so that systemd's signals reach the service itself.
    assert json.loads(out) == [process.pid, environment]


def test_a_program_is_found_on_the_path_of_its_environment(tmp_path: Path) -> None:
    (tmp_path / "greet").write_text("#!/bin/sh\necho hello $1\n")
    (tmp_path / "greet").chmod(0o755)
    process = start(tmp_path, command=["greet", "you"], environment={"PATH": str(tmp_path)})
    assert process.communicate() == ("hello you\n", "")


@pytest.mark.parametrize("program", ["no-such-program", "/no/such/program"])
def test_a_program_that_is_not_there_is_named(tmp_path: Path, program: str) -> None:
    process = start(tmp_path, command=[program], environment={"PATH": "/usr/bin"})
    _, err = process.communicate()
    assert process.returncode == 1
    assert err == f"showdown: cannot run {program}: No such file or directory\n"


def test_without_systemd_it_says_how_to_start_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    process = start(None)
    _, err = process.communicate()
    assert process.returncode == 1
    assert "systemctl start showdown-service" in err

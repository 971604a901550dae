"""Terraform, OpenTofu and tflint, at work on a copy of infra/ with the real provider; see infra/tests/set_up.sh."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from showdown_stack.state import state_folder

INFRA = Path(__file__).parents[2]
# As it is when this is imported: during a test session the state folder is another.
FOLDER = state_folder() / "tools" / "bin"
PROVIDER = FOLDER / "terraform-provider-digitalocean"
# Settings, state and downloads of the one who runs the tests, and what Terraform does not read.
NOT_COPIED = ("local", "tools", "lab", "*.py", "__pycache__", "*.tfvars", "*.tfstate*", ".terraform", ".terraform.*")
HINT = "infra/tests/set_up.sh builds it"


def find(program: str) -> Path | None:
    """A program on PATH, or else as infra/tests/set_up.sh built it."""
    found = shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", os.defpath), str(FOLDER)]))
    return Path(found) if found else None


def terraforms() -> list[Path]:
    """The programs that understand infra/ and are on this machine."""
    return [path for name in ("terraform", "tofu") if (path := find(name))]


def missing() -> list[str]:
    """What this machine lacks to apply infra/, each in words for people; nothing where it can."""
    lacks = []
    if not terraforms():
        lacks.append(f"terraform or tofu ({HINT})")
    if not PROVIDER.is_file():
        lacks.append(f"the DigitalOcean provider ({HINT})")
    return lacks


class Terraform:
    """One of `terraforms` in a copy of infra/, with a state of its own and no way to any registry."""

    def __init__(self, program: Path, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        """`folder` is made. `environment` is all that commands get besides what keeps them to themselves."""
        self._program = program
        self.folder = folder / "infra"
        shutil.copytree(INFRA, self.folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
        # The contract's files go onto hosts; infra/ finds them beside itself.
        (folder / "contract").symlink_to(INFRA.parent / "contract")
        settings = folder / "settings.tfrc"
        settings.write_text(
            f'provider_installation {{\n  dev_overrides {{\n    "digitalocean/digitalocean" = "{FOLDER}"\n  }}\n}}\n'
        )
        self._environment = {
            "PATH": os.defpath,
            "HOME": str(folder),
            "CHECKPOINT_DISABLE": "1",
            "TF_CLI_CONFIG_FILE": str(settings),
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            **(environment or {}),
        }
        # Instead of `init`, which would look for the provider in a registry.
        self.run("get")

    def run(self, command: str, *arguments: str, expect: int = 0) -> str:
        """What a command prints, errors included; fails the test if it ends with another code."""
        ended = subprocess.run(
            [self._program, command, "-no-color", *arguments],
            cwd=self.folder,
            env=self._environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        assert ended.returncode == expect, (
            f"{self._program.name} {command} ended with {ended.returncode}:\n{ended.stdout}"
        )
        return ended.stdout

    def start(self, command: str, *arguments: str) -> "subprocess.Popen[str]":
        """A command that goes on meanwhile: end it by `interrupt`."""
        return subprocess.Popen(
            [self._program, command, "-no-color", *arguments],
            cwd=self.folder,
            env=self._environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # A person's Ctrl-C would reach the provider too; and ours must not reach this process.
            process_group=0,
        )

    def outputs(self) -> dict[str, Any]:
        """The outputs of the state: {name: {"value", "sensitive", "type"}}."""
        found: dict[str, Any] = json.loads(self.run("output", "-json"))
        return found


def interrupt(process: "subprocess.Popen[str]") -> str:
    """Ctrl-C, to the command and the providers that it started; returns what it said once it has ended."""
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate()
    return said

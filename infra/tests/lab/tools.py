"""Runs Terraform or OpenTofu in a copy of infra/, with the real provider that infra/tests/set_up.sh has built."""

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from showdown_stack.state import state_folder

INFRA = Path(__file__).parents[2]
# Read at import, for tests have a state folder of their own.
FOLDER = state_folder() / "tools" / "bin"
PROVIDER = FOLDER / "terraform-provider-digitalocean"
# Settings, state and downloads of whoever runs the tests, and files that Terraform does not read.
NOT_COPIED = (
    "target",
    "local",
    "tools",
    "lab",
    "*.py",
    "__pycache__",
    "*.tfvars",
    "*.tfstate*",
    ".terraform",
    ".terraform.*",
)
HINT = "infra/tests/set_up.sh builds it"
# What infra/ says that the provider of the Go module proxy does not know. Its tests are in the file named here.
NEWER = re.compile(r"^ *timeouts \{\n[^}]*\}\n|^ *project_id = var\.project_id\n", re.MULTILINE)
NEWER_TESTS = "newer.tftest.hcl"


def find(program: str) -> Path | None:
    """A program on PATH, or else the one that infra/tests/set_up.sh has built."""
    found = shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", os.defpath), str(FOLDER)]))
    return Path(found) if found else None


def terraforms() -> list[Path]:
    """Those of terraform and tofu that are on this machine."""
    return [path for name in ("terraform", "tofu") if (path := find(name))]


def missing() -> list[str]:
    """What this machine lacks to apply infra/, as texts to be shown; empty if it lacks nothing."""
    lacks = []
    if not terraforms():
        lacks.append(f"terraform or tofu ({HINT})")
    if not PROVIDER.is_file():
        lacks.append(f"the DigitalOcean provider ({HINT})")
    return lacks


@cache
def provider_is_new() -> bool:
    """Whether the provider is as new as infra/versions.tf asks for.

    infra/tests/set_up.sh gets it from a registry. Where it reaches none, it builds the newest that the Go module proxy
    serves, 2.17.1, with which `Terraform` leaves out what that one does not know.
    """
    # The names of its resources are in the program as they are, and this one is newer than what is left out.
    return b"digitalocean_vpc_peering" in PROVIDER.read_bytes()


class Terraform:
    """One of `terraforms` in a copy of infra/, with its own state and without any registry."""

    def __init__(self, program: Path, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        """`folder`: is made. `environment`: added to what isolates the commands, and nothing else is."""
        self._program = program
        self.folder = folder / "infra"
        shutil.copytree(INFRA, self.folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
        # infra/ reads the contract's files, which go onto hosts, from the folder beside it.
        (folder / "contract").symlink_to(INFRA.parent / "contract")
        if PROVIDER.is_file() and not provider_is_new():
            (self.folder / "tests" / NEWER_TESTS).unlink()
            for file in self.folder.rglob("*.tf"):
                file.write_text(NEWER.sub("", file.read_text()))
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
        # Not `init`, which would look for the provider in a registry.
        self.run("get")

    def run(self, command: str, *arguments: str, expect: int = 0) -> str:
        """What a command prints, errors included. Fails the test if its exit code is not the expected one."""
        ended = subprocess.run(
            [self._program, command, *arguments, "-no-color"],
            cwd=self.folder,
            env=self._environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            # As infra/README.md has it, for the state holds passwords.
            umask=0o077,
        )
        assert ended.returncode == expect, (
            f"{self._program.name} {command} ended with {ended.returncode}:\n{ended.stdout}"
        )
        return ended.stdout

    def start(self, command: str, *arguments: str) -> "subprocess.Popen[str]":
        """Start a command, and return at once. `interrupt` ends it."""
        return subprocess.Popen(
            [self._program, command, "-no-color", *arguments],
            cwd=self.folder,
            env=self._environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # A user's Ctrl-C reaches the provider too, so ours goes to the group; it must not reach this process.
            process_group=0,
        )

    def outputs(self) -> dict[str, Any]:
        """The outputs of the state: {name: {"value", "sensitive", "type"}}."""
        found: dict[str, Any] = json.loads(self.run("output", "-json"))
        return found


def interrupt(process: "subprocess.Popen[str]") -> str:
    """Send Ctrl-C to a command and the providers that it has started; return its output once it has ended."""
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate()
    return said

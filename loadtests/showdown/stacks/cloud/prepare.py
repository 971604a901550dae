"""Sets up hosts of one's own as cloud-init sets up Terraform's: the same packages, files and script."""

import io
import shlex
import tarfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict
from showdown_contract.files import CHECKOUT

from showdown.console import doing
from showdown.stacks.cloud.deploy import Checkout, commit_on, require_done
from showdown.stacks.cloud.outputs import CloudHost, HostTier
from showdown.stacks.cloud.reach import held, new_log_folder, reached
from showdown.stacks.cloud.ssh import RemoteHost, on_all

HOSTS = CHECKOUT / "infra" / "hosts"
# infra/modules/user_data reads it, too.
ROLES = HOSTS / "roles.json"
BOOTSTRAP = "/etc/showdown/bootstrap.sh"


class Part(BaseModel):
    """What a host gets."""

    model_config = ConfigDict(extra="forbid")

    packages: dict[str, str]
    """Versions of Debian packages, by name."""
    files: dict[str, str]
    """From the path on the host to the name in infra/hosts."""


class Roles(BaseModel):
    """Of every host, and of those of each tier."""

    model_config = ConfigDict(extra="forbid")

    every: Part
    haproxy: Part
    service: Part
    generator: Part
    postgres: Part

    def of(self, tier: HostTier) -> Part:
        """All that a tier's hosts get."""
        own: Part = getattr(self, tier)
        return Part(packages=self.every.packages | own.packages, files=self.every.files | own.files)


def packed(part: Part) -> bytes:
    """Its files as a tar archive, to be unpacked at /."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path, name in sorted(part.files.items()):
            content = (HOSTS / name).read_bytes()
            entry = tarfile.TarInfo(path.removeprefix("/"))
            entry.size, entry.mode = len(content), 0o755 if path.endswith(".sh") else 0o644
            tar.addfile(entry, io.BytesIO(content))
    return archive.getvalue()


def prepare(host: RemoteHost) -> None:
    """Set up a host, as often as one likes. Raises ShowdownError with the end of the script's output if it fails."""
    part = Roles.model_validate_json(ROLES.read_bytes()).of(host.about.tier)
    require_done(host, "its files", "umask 022 && tar --extract --no-overwrite-dir --directory /", packed(part))
    packages = [f"{name}={version}" for name, version in part.packages.items()]
    require_done(host, "its packages and settings", shlex.join([BOOTSTRAP, host.about.tier, *packages]))


class Prepared(BaseModel):
    """What hosts have now."""

    schema_version: Literal[1] = 1
    commit: str
    hosts: list[str]
    """Their names."""


def prepare_hosts(described: Sequence[CloudHost], identity: Path | None) -> Prepared:
    """Set up all of them at once, and put this checkout's commit on them. Raises ShowdownError."""
    with new_log_folder() as logs, ExitStack() as resources:
        checkout = Checkout(logs)
        stack = resources.enter_context(reached(described, identity, logs))
        if commit_on(stack.haproxy):
            # Not under a run.
            resources.enter_context(held(stack.haproxy, logs))
        with doing("setting up all hosts, which takes minutes the first time"):
            on_all(stack.everyone, prepare)
        with doing("putting this checkout's commit on all hosts"):
            checkout.put_on(stack.everyone)
        return Prepared(commit=checkout.commit, hosts=[host.name for host in stack.everyone])

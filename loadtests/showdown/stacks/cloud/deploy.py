"""Puts this checkout's commit on hosts: a git bundle, made once and copied over SSH to each host that lacks it."""

import shlex
import subprocess
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT
from showdown_stack.text import quoted

from showdown.stacks.cloud.ssh import RemoteHost, on_all

SCRIPT = CHECKOUT / "infra" / "hosts" / "deploy.sh"
# deploy.sh writes the commit to the first when all that it needs is there.
DEPLOYED, FOLDER = "/var/lib/showdown/deployed", "/var/lib/showdown"
# For Python's packages and rowjson, which is compiled, on hosts of one CPU too.
DEPLOY_SECONDS = 1800.0
COPY_SECONDS = 600.0
GIT_SECONDS = 120.0
LINES_SHOWN = 15


class Checkout:
    """The commit of this checkout, which hosts are to have. What is not committed stays here."""

    def __init__(self, folder: Path, repository: Path = CHECKOUT) -> None:
        """`folder`: where the bundle is made."""
        self._bundle = folder / "showdown.bundle"
        self._repository = repository

    @cached_property
    def commit(self) -> str:
        """Raises ShowdownError where there is none."""
        return self._git("rev-parse", "--verify", "HEAD^{commit}")

    def is_on(self, host: RemoteHost) -> bool:
        """Whether it is there, with all that it needs. Raises ShowdownError."""
        return commit_on(host) == self.commit

    def put_on(self, hosts: Sequence[RemoteHost]) -> None:
        """Bring those up to date that are not, all at once. Raises ShowdownError with a host's output if it fails."""
        there = on_all(hosts, self.is_on)
        lacking = [host for host, is_there in zip(hosts, there, strict=True) if not is_there]
        if not lacking:
            return
        if not self._bundle.exists():
            self._make_bundle()
        on_all(lacking, self._put_on)

    def _make_bundle(self) -> None:
        if self._git("rev-parse", "--is-shallow-repository") == "true":
            raise ShowdownError(
                f"{self._repository} is a shallow clone, which no host can check out: type 'git fetch --unshallow'"
            )
        self._git("bundle", "create", "--quiet", str(self._bundle), "HEAD")

    def _put_on(self, host: RemoteHost) -> None:
        bundle = f"{FOLDER}/{self.commit}.bundle"
        copied = host.run(f"mkdir -p {FOLDER} && cat > {bundle}", self._bundle.read_bytes(), COPY_SECONDS)
        if copied.returncode != 0:
            raise ShowdownError(f"{host.name}: the commit could not be copied: {copied.stderr.strip()}")
        # The whole script is read before it begins, so that no program can take a part of it for its input.
        command = f'/bin/sh -c "$(cat)" {shlex.join([SCRIPT.name, host.about.tier, self.commit, bundle])}'
        require_done(host, "the checkout", command, SCRIPT.read_text())

    def _git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self._repository), *arguments]
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False,
                timeout=GIT_SECONDS,
            )  # fmt: skip
        except OSError as error:
            raise ShowdownError(f"git does not start ({error.strerror}), and hosts get their commit from it") from None
        except subprocess.TimeoutExpired:
            raise ShowdownError(f"git {arguments[0]} is not done after {GIT_SECONDS:.0f} s") from None
        if done.returncode != 0:
            raise ShowdownError(f"{self._repository} has no commit to put on hosts: {done.stderr.strip()}")
        return done.stdout.strip()


def commit_on(host: RemoteHost) -> str | None:
    """The commit that was put on a host as a whole; None if none was. Raises ShowdownError."""
    return host.run(f"cat {DEPLOYED} 2>/dev/null").stdout.strip() or None


def require_done(host: RemoteHost, what: str, command: str, stdin: str | bytes = "") -> None:
    """Run a script of infra/hosts, which takes minutes. Raises ShowdownError with the end of its output if it fails."""
    done = host.run(command, stdin, DEPLOY_SECONDS)
    if done.returncode != 0:
        said = [*done.stderr.splitlines()[-LINES_SHOWN:], *done.stdout.splitlines()[-LINES_SHOWN:]]
        raise ShowdownError(quoted(f"{host.name} does not come to have {what} (exit code {done.returncode}):", said))

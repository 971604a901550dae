"""Opens the connections to all hosts, and reserves them for one run at a time."""

import getpass
import platform
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from showdown_stack.process import Process
from showdown_stack.state import state_folder

from showdown.console import doing
from showdown.stacks.cloud.outputs import CloudHost
from showdown.stacks.cloud.ssh import RemoteHost, Ssh, Task

TIERS = ("haproxy", "service", "generator", "postgres")


@dataclass(frozen=True)
class Reached:
    """Hosts that we are connected to."""

    hosts: dict[str, list[RemoteHost]]
    """By tier."""
    connections: Sequence[Process]

    @property
    def everyone(self) -> list[RemoteHost]:
        return [host for of_tier in self.hosts.values() for host in of_tier]

    @property
    def haproxy(self) -> RemoteHost:
        """Who has its lock has all hosts."""
        return self.hosts["haproxy"][0]


@contextmanager
def new_log_folder() -> Iterator[Path]:
    """A folder in the state folder. After a failure it is kept: the message names what is in it."""
    state = state_folder()
    state.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="ssh-", dir=state))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def reached(
    described: Sequence[CloudHost], identity: Path | None, logs: Path, tunnels: Sequence[str] = ()
) -> Iterator[Reached]:
    """Connect to hosts, until the context is left. `tunnels`: as for ssh -L, through the first generator host.

    Raises ShowdownError.
    """
    with ExitStack() as resources:
        state_folder().mkdir(parents=True, exist_ok=True)
        sockets = Path(resources.enter_context(tempfile.TemporaryDirectory(prefix="showdown-")))
        # Absolute, for ssh runs in another folder.
        ssh = Ssh(sockets, state_folder() / "known_hosts", identity.absolute() if identity else None)
        hosts = {tier: [RemoteHost(about, ssh) for about in described if about.tier == tier] for tier in TIERS}
        connections: list[Process] = []
        found = Reached(hosts, connections)
        for host in found.everyone:
            with doing(f"waiting for {host.name} to let us in"):
                forwards = tunnels if host is hosts["generator"][0] else []
                connections.append(resources.enter_context(host.connect(logs / f"ssh-{host.name}.log", forwards)))
            host.require_root()
        yield found


def held(host: RemoteHost, logs: Path) -> Task:
    """Reserve the hosts for this run, until the task is stopped. Raises ShowdownError if another run has them."""
    task = host.start("the run's lock", logs / "lock", "hold", holder=f"{getpass.getuser()} at {platform.node()}")
    try:
        return task.wait_until_ready()
    except BaseException:
        task.stop()
        raise

"""Runs the wire between service and Postgres (infra/link), sets its latency, and reads how many round trips it saw."""

import json
import secrets
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT

from showdown_stack.admin import Admin
from showdown_stack.dsn import Dsn
from showdown_stack.ports import LOOPBACK, free_ports
from showdown_stack.privilege import LINK
from showdown_stack.process import Process

PROGRAM = CHECKOUT / "infra/link/target/release/link"
BUILD = ("cargo", "build", "--release", "--locked", "--manifest-path", "infra/link/Cargo.toml")
NOT_BUILT = f"the link between service and Postgres is not built: type '{shlex.join(BUILD)}'"
MOST_LATENCY_MS = 1_000
START_SECONDS = 10.0


@dataclass(frozen=True)
class LinkCounters:
    """What it has counted since it started."""

    connections_open: int
    connections_total: int
    round_trips: int
    """Of all connections. What a client sends after an answer begins one, which the answer to that ends; and to open a
    connection is one."""
    waited_us: int
    """How long these took, one after the other."""
    connections_cut: int
    """Those that were broken in the middle of an answer, because `cut` was asked for."""


@dataclass(frozen=True)
class Link:
    """A running link."""

    dsn: str
    """What services connect to."""
    admin: Admin
    process: Process

    def counters(self) -> LinkCounters:
        """Raises ShowdownError."""
        return LinkCounters(**self.admin.get("/counters"))

    def set(self, latency_ms: float) -> None:
        """How much longer a round trip takes from now on. Raises ShowdownError."""
        self.admin.put_settings({"latency_ms": latency_ms})

    def cut(self) -> None:
        """Break each connection that is open in the middle of its next answer. Raises ShowdownError."""
        self.admin.post("/cut")


def program() -> Path | None:
    """The link's program, if it is built."""
    return PROGRAM if PROGRAM.exists() else None


def require_no_tls(dsn: str) -> None:
    """Raise ShowdownError where a service would not believe that the link is the server it names."""
    if Dsn.parse(dsn).sslmode == "verify-full":
        raise ShowdownError(
            "with latency, services connect to a program on this machine, which sslmode=verify-full refuses: leave out "
            "--latency, or use --pgbouncer, to which services connect without TLS"
        )


@contextmanager
def running_link(program: Path, dsn: str, folder: Path, logs: Path) -> Iterator[Link]:
    """Run a link to the server of `dsn`, at first without latency."""
    target = Dsn.parse(dsn)
    port, admin_port = free_ports(2)
    admin = Admin("link", admin_port, secrets.token_urlsafe(24))
    host = f"[{target.host}]" if ":" in target.host else target.host
    settings = {"target": f"{host}:{target.port}", "port": port, "admin_port": admin_port}
    # By its path, a later showdown also knows that this process belongs to the state folder (leftovers.py).
    file = folder / "link.json"
    file.write_text(json.dumps(settings))
    with Process(
        "link",
        [str(program), str(file)],
        logs / "link.log",
        environment={"ADMIN_TOKEN": admin.token},
        user=LINK,
        reads=[program.parent],
    ) as process:
        process.wait_until(admin.answers, START_SECONDS)
        yield Link(target.at(LOOPBACK, port).url, admin, process)
    process.require_ended()

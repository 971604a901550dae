"""Runs the HTTPS server that services call (infra/upstream), and reads its counters."""

import secrets
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from showdown_contract.files import CHECKOUT

from showdown_stack.admin import Admin
from showdown_stack.certificates import Certificates, make_certificates
from showdown_stack.ports import LOOPBACK, free_ports
from showdown_stack.privilege import UPSTREAM, own_folder
from showdown_stack.process import Process

PROGRAM = CHECKOUT / "infra/upstream/target/release/upstream"
BUILD = ("cargo", "build", "--release", "--locked", "--manifest-path", "infra/upstream/Cargo.toml")
NOT_BUILT = f"the upstream that services call is not built: type '{shlex.join(BUILD)}'"
START_SECONDS = 10.0


@dataclass(frozen=True)
class Counters:
    """What it has counted since it started."""

    handshakes: int
    """TLS handshakes that were finished, resumed ones included."""
    resumed: int
    handshakes_failed: int
    connections_open: int
    connections_total: int
    requests: int
    requests_by_resource: Mapping[str, int]
    cancelled: int
    """Requests whose client went away before its answer was complete."""


@dataclass(frozen=True)
class Upstream:
    """A running upstream."""

    port: int
    admin: Admin
    """Where its counters are read, and its settings changed."""
    ca_file: Path
    process: Process

    @property
    def url(self) -> str:
        return f"https://{LOOPBACK}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What a service has to know of it."""
        return {
            "UPSTREAM_URL": self.url,
            "UPSTREAM_CA": str(self.ca_file),
            # It also stands for the collector of a service that is observed.
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.admin.url,
        }

    def counters(self) -> Counters:
        """Raises ShowdownError."""
        return Counters(**self.admin.get("/counters"))

    def traceparents(self) -> list[str]:
        """Of the latest requests that had one. Raises ShowdownError."""
        latest: list[str] = self.admin.get("/traceparents")
        return latest

    def set(self, settings: Mapping[str, Mapping[str, Any]]) -> None:
        """How its resources behave from now on: infra/upstream/README.md. Raises ShowdownError."""
        self.admin.put_settings(settings)


def program() -> Path | None:
    """The upstream's program, if it is built."""
    return PROGRAM if PROGRAM.exists() else None


@contextmanager
def running_upstream(
    program: Path,
    folder: Path,
    logs: Path,
    *,
    certificates: Certificates | None = None,
    idle_seconds: int | None = None,
) -> Iterator[Upstream]:
    """Run the upstream. Without `certificates` it gets new ones, in a folder of its own in `folder`.

    `idle_seconds`: how long it keeps a connection without a request; None: as long as it wants to.
    """
    if certificates is None:
        certificates = make_certificates(own_folder(folder / "upstream"), UPSTREAM)
    port, admin_port = free_ports(2)
    admin = Admin("upstream", admin_port, secrets.token_urlsafe(24))
    environment = {"PORT": str(port), "ADMIN_PORT": str(admin_port), "ADMIN_TOKEN": admin.token}
    if idle_seconds is not None:
        environment["IDLE_SECONDS"] = str(idle_seconds)
    # The paths also tell a later showdown that this process belongs to the state folder (leftovers.py).
    command = [str(program), str(certificates.chain), str(certificates.key)]
    with Process(
        "upstream",
        command,
        logs / "upstream.log",
        environment=environment,
        user=UPSTREAM,
        reads=[program.parent],
    ) as process:
        process.wait_until(admin.answers, START_SECONDS)
        yield Upstream(port, admin, certificates.ca, process)
    process.require_ended()

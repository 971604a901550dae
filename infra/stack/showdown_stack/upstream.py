"""Runs the HTTPS server that services call (infra/upstream), and reads its counters."""

import json
import secrets
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT

from showdown_stack.certificates import Certificates, make_certificates
from showdown_stack.ports import LOOPBACK, free_ports
from showdown_stack.privilege import UPSTREAM, own_folder
from showdown_stack.process import Process

PROGRAM = CHECKOUT / "infra/upstream/target/release/upstream"
BUILD = ("cargo", "build", "--release", "--locked", "--manifest-path", "infra/upstream/Cargo.toml")
NOT_BUILT = f"the upstream that services call is not built: type '{shlex.join(BUILD)}'"
START_SECONDS = 10.0
ADMIN_SECONDS = 2.0
MOST_BYTES = 64 * 1024


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
    admin_port: int
    ca_file: Path
    process: Process
    admin_token: str = field(repr=False)
    """So that no service can change what it is measured with."""

    @property
    def url(self) -> str:
        return f"https://{LOOPBACK}:{self.port}"

    @property
    def admin_url(self) -> str:
        """Where its counters are read, and its settings changed."""
        return f"http://{LOOPBACK}:{self.admin_port}"

    @property
    def admin_headers(self) -> dict[str, str]:
        """What has to be said there."""
        return {"Authorization": f"Bearer {self.admin_token}"}

    @property
    def environment(self) -> dict[str, str]:
        """What a service has to know of it."""
        return {
            "UPSTREAM_URL": self.url,
            "UPSTREAM_CA": str(self.ca_file),
            # It also stands for the collector of a service that is traced.
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.admin_url,
        }

    def counters(self) -> Counters:
        """Raises ShowdownError."""
        counts: dict[str, Any] = self._ask("GET", "/counters")
        return Counters(**counts)

    def traceparents(self) -> list[str]:
        """Of the latest requests that had one. Raises ShowdownError."""
        latest: list[str] = self._ask("GET", "/traceparents")
        return latest

    def set(self, settings: Mapping[str, Mapping[str, Any]]) -> None:
        """How its resources behave from now on: infra/upstream/README.md. Raises ShowdownError."""
        self._ask("PUT", "/settings", json.dumps(settings))

    def answers(self) -> bool:
        """Whether it is up."""
        try:
            self.counters()
        except ShowdownError:
            return False
        return True

    def _ask(self, method: str, path: str, body: str | None = None) -> Any:
        connection = HTTPConnection(LOOPBACK, self.admin_port, timeout=ADMIN_SECONDS)
        try:
            connection.request(method, path, body, self.admin_headers)
            answer = connection.getresponse()
            said = json.loads(answer.read(MOST_BYTES))
        except (OSError, HTTPException, ValueError) as error:
            raise ShowdownError(f"the upstream does not answer {method} {path}: {error}") from None
        finally:
            connection.close()
        if answer.status != HTTPStatus.OK:
            raise ShowdownError(f"the upstream refuses {method} {path}: {said['error']}")
        return said


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
    admin_token = secrets.token_urlsafe(24)
    environment = {"PORT": str(port), "ADMIN_PORT": str(admin_port), "ADMIN_TOKEN": admin_token}
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
        running = Upstream(port, admin_port, certificates.ca, process, admin_token)
        process.wait_until(running.answers, START_SECONDS)
        yield running
    process.require_ended()

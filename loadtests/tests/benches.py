"""Variants' services that tests have up side by side, each at a place of its own: most of the time they wait."""

import http.client
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
from fake_upstream import FakeUpstream, fake_upstream
from showdown.contenders.build import build
from showdown.contenders.start import resolved_command, service_environment
from showdown.contenders.variants import Variant
from showdown_contract.errors import ShowdownError
from showdown_stack.process import Process
from showdown_stack.tiers import Place, Tiers
from showdown_stack.upstream import NOT_BUILT, Upstream, program, running_upstream

HEADERS = {"cookie": "sessionid=golden-ada"}


@dataclass(frozen=True)
class Bench:
    """Where a check runs: a place for one service, and what that may call."""

    stack: Tiers
    place: Place
    real: Upstream
    folder: Path

    @contextmanager
    def service(self, name: str, variant: Variant, **settings: str) -> Iterator["Service"]:
        """A variant's service with one worker."""
        variant = variant.model_copy(
            update={"workers": 1, "pool": 1, "environment": variant.environment | settings},
        )
        environment = service_environment() | variant.settings()
        started = self.stack.start_service(
            name, resolved_command(name, variant), environment, variant.folder, self.place
        )
        with started.process as process:
            started.wait_until_ready()
            yield Service(process, self.place.service_port)
        process.require_ended()
        # Whatever it has leaked, it ends when it is told to.
        assert process.exit_code == 0

    @contextmanager
    def upstream(self) -> Iterator[FakeUpstream]:
        # Where services can reach it.
        folder = self.folder / uuid4().hex
        folder.mkdir(mode=0o755)
        with fake_upstream(folder) as running:
            yield running


@dataclass(frozen=True)
class Service:
    """One that runs."""

    process: Process
    port: int

    def ask(self, path: str) -> tuple[int, bytes]:
        """Ask on a new connection."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request("GET", path, headers=HEADERS)
            response = connection.getresponse()
            status, body = response.status, response.read()
        assert response.getheader("content-type") == "application/json"
        return status, body

    def begin(self, path: str) -> socket.socket:
        """Ask, and do not wait for the answer."""
        client = socket.create_connection(("127.0.0.1", self.port))
        client.sendall(f"GET {path} HTTP/1.1\r\nhost: test\r\ncookie: {HEADERS['cookie']}\r\n\r\n".encode())
        return client

    def connections(self, port: int) -> int:
        """To the upstream at this port, of all processes."""
        ends = [each.raddr for process in self._processes() for each in process.net_connections("tcp")]
        return sum(getattr(end, "port", None) == port for end in ends)

    def descriptors(self) -> int:
        return sum(process.num_fds() for process in self._processes())

    def _processes(self) -> list[psutil.Process]:
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]


@contextmanager
def running_bench(stack: Tiers, place: Place, parent: Path) -> Iterator[Bench]:
    if (built := program()) is None:
        pytest.fail(NOT_BUILT, pytrace=False)
    folder = parent / f"outbound-{place.number}"
    folder.mkdir(mode=0o755)
    with running_upstream(built, folder, folder) as real:
        yield Bench(stack, place, real, folder)


def build_all(variants: Mapping[str, Variant]) -> dict[str, str]:
    """Run each build once. Why those variants are not built whose Python environments cannot be made."""
    said: dict[str, str] = {}
    for name, variant in variants.items():
        command = " ".join(variant.build or [])
        if command in said:
            continue
        said[command] = ""
        try:
            build({name: variant})
        except ShowdownError as error:
            if "environment.sh" not in command:
                raise
            said[command] = str(error)
    return {name: why for name, variant in variants.items() if (why := said[" ".join(variant.build or [])])}

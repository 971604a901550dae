"""The link delays, keeps order, ends as its ends do, and counts what Postgres's clients wait for."""

import os
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
import psycopg
import pytest
from showdown_contract.errors import ShowdownError
from showdown_stack import link
from showdown_stack.link import Link, require_no_tls, running_link
from showdown_stack.ports import LOOPBACK, free_port
from showdown_stack.privilege import LINK
from showdown_stack.tiers import TierOptions, Tiers

Eventually = Callable[[Callable[[], object]], None]
PROGRAM = link.program() or link.PROGRAM
pytestmark = pytest.mark.skipif(link.program() is None, reason=link.NOT_BUILT)

PATIENCE = 30
"""In seconds, on a busy machine."""
LATENCY_MS = 100
PLAIN = "?sslmode=disable"


def dsn(port: int) -> str:
    return f"postgresql://api@{LOOPBACK}:{port}/showdown"


def port_of(running: Link) -> int:
    return int(running.dsn.partition(f"@{LOOPBACK}:")[2].partition("/")[0])


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """One that says nothing by itself."""
    with socket.create_server((LOOPBACK, 0)) as listening:
        listening.settimeout(PATIENCE)
        yield listening


@pytest.fixture
def running(server: socket.socket, reachable_folder: Path, tmp_path: Path) -> Iterator[Link]:
    with running_link(PROGRAM, dsn(server.getsockname()[1]), reachable_folder, tmp_path) as running:
        yield running
    assert not running.process.running


@contextmanager
def both_ends(running: Link, server: socket.socket) -> Iterator[tuple[socket.socket, socket.socket]]:
    """A connection: its client, and its server."""
    with socket.create_connection((LOOPBACK, port_of(running)), timeout=PATIENCE) as client:
        accepted, _ = server.accept()
        accepted.settimeout(PATIENCE)
        with accepted:
            yield client, accepted


def exactly(connection: socket.socket, length: int) -> bytes:
    received = b""
    while len(received) < length:
        some = connection.recv(65536)
        assert some, f"it ended after {len(received)} bytes"
        received += some
    return received


def reset(connection: socket.socket) -> None:
    """Close it so that the other end is told that it is broken."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class TestForwarding:
    def test_bytes_arrive_unchanged_and_in_order(self, running: Link, server: socket.socket) -> None:
        running.set(1)
        sent = os.urandom(300_000)
        with both_ends(running, server) as (client, accepted):
            for start in range(0, len(sent), 1_000):
                client.sendall(sent[start : start + 1_000])
            assert exactly(accepted, len(sent)) == sent
            accepted.sendall(sent[::-1])
            assert exactly(client, len(sent)) == sent[::-1]

    def test_each_direction_is_held_back_for_half_of_the_latency(self, running: Link, server: socket.socket) -> None:
        with both_ends(running, server) as (client, accepted):
            running.set(LATENCY_MS)
            start = time.monotonic()
            client.sendall(b"?")
            assert accepted.recv(1) == b"?"
            there = time.monotonic()
            accepted.sendall(b"!")
            assert client.recv(1) == b"!"
            back = time.monotonic()
        half = LATENCY_MS / 2000
        assert there - start >= half
        assert back - there >= half
        # Not twice: what is beyond is the machine's.
        assert min(there - start, back - there) < 2 * half

    def test_who_opens_a_connection_waits_for_that_too(self, running: Link, server: socket.socket) -> None:
        running.set(LATENCY_MS)
        start = time.monotonic()
        with both_ends(running, server) as (client, accepted):
            client.sendall(b"?")
            accepted.recv(1)
            # To and fro before the client may send, and once more to come here.
            assert time.monotonic() - start >= 1.5 * LATENCY_MS / 1000

    def test_latency_does_not_lessen_throughput(self, running: Link, server: socket.socket) -> None:
        with both_ends(running, server) as (client, accepted):
            running.set(LATENCY_MS)
            start = time.monotonic()
            for _ in range(100):
                client.sendall(bytes(100))
                time.sleep(0.001)
            exactly(accepted, 10_000)
            # One after the other they would take five seconds.
            assert time.monotonic() - start < 4

    def test_one_direction_can_end_before_the_other(self, running: Link, server: socket.socket) -> None:
        running.set(1)
        with both_ends(running, server) as (client, accepted):
            client.sendall(b"?")
            client.shutdown(socket.SHUT_WR)
            assert exactly(accepted, 1) == b"?"
            assert accepted.recv(1) == b""
            accepted.sendall(b"!")
            accepted.shutdown(socket.SHUT_WR)
            assert (client.recv(1), client.recv(1)) == (b"!", b"")

    @pytest.mark.parametrize("who", [0, 1], ids=["the client", "the server"])
    def test_the_other_end_learns_that_a_connection_is_broken(
        self, running: Link, server: socket.socket, who: int
    ) -> None:
        running.set(1)
        with both_ends(running, server) as ends:
            ends[1 - who].sendall(b"?")
            assert ends[who].recv(1) == b"?"
            reset(ends[who])
            with pytest.raises(ConnectionResetError):
                ends[1 - who].recv(1)

    def test_without_a_server_a_connection_is_broken_at_once(self, reachable_folder: Path, tmp_path: Path) -> None:
        with (
            running_link(PROGRAM, dsn(free_port()), reachable_folder, tmp_path) as running,
            closing(socket.create_connection((LOOPBACK, port_of(running)), timeout=PATIENCE)) as client,
            pytest.raises(ConnectionResetError),
        ):
            client.recv(1)
        assert "Connection refused" in (tmp_path / "link.log").read_text()

    def test_a_server_that_reads_nothing_stops_the_client(self, running: Link, server: socket.socket) -> None:
        with both_ends(running, server) as (client, _):
            client.settimeout(1)
            sent = 0
            with suppress(TimeoutError):
                while sent < 2**27:
                    sent += client.send(bytes(2**16))
            # The kernel's buffers hold most of that.
            assert sent < 2**26


class TestCutting:
    def test_an_open_connection_gets_half_of_its_next_answer_and_a_reset(
        self, running: Link, server: socket.socket
    ) -> None:
        with both_ends(running, server) as (client, accepted):
            running.cut()
            client.sendall(b"?")
            assert accepted.recv(1) == b"?"
            accepted.sendall(b"answer")
            assert client.recv(3) == b"ans"
            with pytest.raises(ConnectionResetError):
                client.recv(1)
        assert running.counters().connections_cut == 1

    def test_one_that_is_opened_later_is_whole(self, running: Link, server: socket.socket) -> None:
        running.cut()
        with both_ends(running, server) as (client, accepted):
            accepted.sendall(b"answer")
            assert exactly(client, 6) == b"answer"
        assert running.counters().connections_cut == 0


class TestCounting:
    def test_a_connection_that_is_over_is_counted_as_closed(
        self, running: Link, server: socket.socket, eventually: Eventually
    ) -> None:
        with both_ends(running, server):
            eventually(lambda: running.counters().connections_open == 1)
        eventually(lambda: running.counters().connections_open == 0)
        assert running.counters().connections_total == 1

    @pytest.mark.parametrize("latency_ms", [0, 5])
    def test_what_is_sent_without_waiting_is_one_round_trip(
        self, running: Link, server: socket.socket, latency_ms: float
    ) -> None:
        running.set(latency_ms)
        with both_ends(running, server) as (client, accepted):
            before = running.counters().round_trips
            for _ in range(3):
                for _ in range(2):
                    client.sendall(b"?")
                exactly(accepted, 2)
                accepted.sendall(b"!")
                client.recv(1)
            assert running.counters().round_trips - before == 3

    def test_of_postgres_a_handshake_is_four_and_a_query_one(
        self, stack: Tiers, reachable_folder: Path, tmp_path: Path
    ) -> None:
        with running_link(PROGRAM, stack.postgres.api_dsn, reachable_folder, tmp_path) as running:
            running.set(2)
            # To open it, to begin, and two of SCRAM.
            with psycopg.connect(f"{running.dsn}{PLAIN}", gssencmode="disable", autocommit=True) as connection:
                assert running.counters().round_trips == 4
                for number in range(1, 6):
                    connection.execute("SELECT 1")
                    assert running.counters().round_trips == 4 + number
                with connection.pipeline():
                    for _ in range(5):
                        connection.execute("SELECT 1")
                assert running.counters().round_trips == 10
            # Nobody answers a farewell.
            assert running.counters().round_trips == 10


class TestAdmin:
    def test_who_does_not_say_the_token_can_neither_read_nor_set(self, running: Link) -> None:
        for answer in (httpx.get(f"{running.admin.url}/counters"), httpx.put(f"{running.admin.url}/settings")):
            assert answer.status_code == 401
        assert running.admin.token not in repr(running)

    def test_a_latency_that_cannot_be_set_is_refused(self, running: Link) -> None:
        with pytest.raises(
            ShowdownError, match="the link refuses PUT /settings: latency_ms: 1001 is not from 0 to 1000"
        ):
            running.set(link.MOST_LATENCY_MS + 1)

    def test_a_link_that_has_ended_is_named(self, running: Link) -> None:
        running.process.stop()
        with pytest.raises(ShowdownError, match="the link does not answer GET /counters"):
            running.counters()


def test_it_runs_as_a_user_of_its_own(running: Link) -> None:
    if os.geteuid() == 0:
        assert Path(f"/proc/{running.process.pid}").stat().st_uid == LINK.uid


def test_a_server_whose_name_is_verified_cannot_be_reached_through_it() -> None:
    far = "postgresql://api:s@db.example/showdown?sslmode=verify-full&sslrootcert=/ca.crt"
    with pytest.raises(ShowdownError, match="with latency, services connect to a program on this machine"):
        require_no_tls(far)
    require_no_tls("postgresql://api:s@db.example/showdown")
    with pytest.raises(ShowdownError, match="leave out --latency, or use --pgbouncer"):
        TierOptions(contract=None, size=1, dsn=far, link=True)  # type: ignore[arg-type]
    TierOptions(contract=None, size=1, dsn=far, link=True, pgbouncer="session")  # type: ignore[arg-type]

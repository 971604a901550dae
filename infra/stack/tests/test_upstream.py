"""The upstream answers over TLS, counts what a client's life cycle costs it, and survives any client."""

import json
import os
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from showdown_contract.errors import ShowdownError
from showdown_stack import upstream
from showdown_stack.certificates import make_certificates
from showdown_stack.ports import LOOPBACK
from showdown_stack.privilege import UPSTREAM, own_folder
from showdown_stack.upstream import Upstream, running_upstream

Eventually = Callable[[Callable[[], object]], None]
PROGRAM = upstream.program() or upstream.PROGRAM
pytestmark = pytest.mark.skipif(upstream.program() is None, reason=upstream.NOT_BUILT)

both_versions = pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
IDLE_SECONDS = 1
# Of idle connections: until they are closed, even on a busy machine.
MOST_SECONDS = 30
HEAD = b"GET /facts/1 HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture
def running(reachable_folder: Path, tmp_path: Path) -> Iterator[Upstream]:
    with running_upstream(PROGRAM, reachable_folder, tmp_path, idle_seconds=IDLE_SECONDS) as running:
        yield running
    assert not running.process.running


def trusting(running: Upstream) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(running.ca_file))


def client(running: Upstream, *, http2: bool = False) -> httpx.Client:
    return httpx.Client(verify=trusting(running), http2=http2, base_url=running.url, timeout=MOST_SECONDS)


def connected(running: Upstream, context: ssl.SSLContext | None = None, **options: Any) -> ssl.SSLSocket:
    plain = socket.create_connection((LOOPBACK, running.port), timeout=MOST_SECONDS)
    return (context or trusting(running)).wrap_socket(plain, server_hostname="localhost", **options)


def until_closed(connection: socket.socket) -> bytes:
    """What comes before the other end closes; pytest fails if it never does."""
    received = b""
    with suppress(ConnectionError, ssl.SSLError):
        while said := connection.recv(65536):
            received += said
    return received


class TestAnswers:
    @both_versions
    def test_each_resource_is_compact_json(self, running: Upstream, http2: bool) -> None:
        with client(running, http2=http2) as asking:
            answers = [asking.get(f"/{name}/1") for name in ("analysis", "facts", "price")]
        assert {answer.http_version for answer in answers} == {"HTTP/2" if http2 else "HTTP/1.1"}
        for answer in answers:
            assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
            assert json.dumps(answer.json(), ensure_ascii=False, separators=(",", ":")) == answer.text
        assert [sorted(answer.json()) for answer in answers] == [
            ["confidence", "id", "summary"],
            ["carbohydrate_g", "energy_kcal", "fat_g", "id", "protein_g"],
            ["currency", "id", "price_cents"],
        ]

    def test_any_64_bit_integer_is_an_id(self, running: Upstream) -> None:
        with client(running) as asking:
            for number in (0, -1, 2**63 - 1, -(2**63)):
                assert asking.get(f"/price/{number}").json()["id"] == number
            for path in (f"/price/{2**63}", "/price/x", "/price", "/other/1"):
                assert (asking.get(path).status_code, asking.get(path).text) == (404, "{}")
            assert asking.post("/price/1").status_code == 405

    @both_versions
    def test_latency_is_at_least_what_was_set(self, running: Upstream, http2: bool) -> None:
        running.set({"facts": {"latency_ms": 200}})
        with client(running, http2=http2) as asking:
            start = time.monotonic()
            assert asking.get("/facts/1").is_success
            assert time.monotonic() - start >= 0.2

    def test_lognormal_latency_has_a_tail(self, running: Upstream) -> None:
        # One of 100 requests takes longer than 80 ms with a probability of 1 - 1e-11.
        running.set({"analysis": {"latency_ms": 40, "latency_sigma": 1}})
        with client(running) as asking:
            times = [asking.get("/analysis/1").elapsed for _ in range(100)]
        assert max(times) > timedelta(milliseconds=80)
        assert max(times) > 1.5 * min(times)

    @both_versions
    def test_a_share_of_requests_fails(self, running: Upstream, http2: bool) -> None:
        running.set({"price": {"failure_share": 0.25}})
        with client(running, http2=http2) as asking:
            answers = [asking.get("/price/1") for _ in range(400)]
            assert asking.get("/facts/1").is_success
        failures = [answer for answer in answers if answer.status_code == 503]
        # More than five standard deviations on both sides.
        assert 50 < len(failures) < 150
        assert {answer.text for answer in failures} == {"{}"}
        assert {answer.status_code for answer in answers} == {200, 503}

    @both_versions
    def test_a_slow_body_begins_before_it_ends(self, running: Upstream, http2: bool) -> None:
        running.set({"facts": {"body_ms": 500}})
        with client(running, http2=http2) as asking, asking.stream("GET", "/facts/1") as answer:
            start = time.monotonic()
            pieces = list(answer.iter_raw())
            assert time.monotonic() - start > 0.3
        assert len(pieces) > 1
        assert json.loads(b"".join(pieces))["id"] == 1

    @both_versions
    def test_a_body_can_be_without_end(self, running: Upstream, http2: bool, eventually: Eventually) -> None:
        running.set({"facts": {"answer": "endless"}})
        with client(running, http2=http2) as asking, asking.stream("GET", "/facts/1") as answer:
            length = 0
            for piece in answer.iter_raw():
                length += len(piece)
                if length > 2**18:
                    break
        eventually(lambda: running.counters().cancelled == 1)

    @both_versions
    @pytest.mark.parametrize("answer", ["cut", "none"])
    def test_an_answer_can_break_off(self, running: Upstream, http2: bool, answer: str) -> None:
        running.set({"facts": {"answer": answer}})
        with client(running, http2=http2) as asking:
            with pytest.raises(httpx.RemoteProtocolError):
                asking.get("/facts/1")
            assert asking.get("/price/1").is_success
        # It is the upstream that has gone away.
        assert running.counters().cancelled == 0

    def test_half_of_a_body_arrives_before_it_is_cut(self, running: Upstream) -> None:
        running.set({"facts": {"answer": "cut"}})
        with connected(running) as connection:
            connection.sendall(HEAD + b"\r\n")
            head, _, body = until_closed(connection).partition(b"\r\n\r\n")
        assert b'{"id":1,"energy' in body
        assert f"content-length: {2 * len(body)}".encode()[:-1] in head

    def test_an_answer_can_be_garbage(self, running: Upstream) -> None:
        running.set({"facts": {"answer": "garbage"}})
        with client(running) as asking, pytest.raises(ValueError):  # noqa: PT011 - UnicodeDecodeError or JSONDecodeError
            asking.get("/facts/1").json()


class TestSettings:
    def test_what_is_not_named_is_reset(self, running: Upstream) -> None:
        running.set({"price": {"failure_share": 1}})
        with client(running) as asking:
            assert asking.get("/price/1").status_code == 503
            running.set({})
            assert asking.get("/price/1").status_code == 200

    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            ({"other": {}}, "unknown field `other`"),
            ({"price": {"failures": 1}}, "unknown field `failures`"),
            ({"price": {"failure_share": 2}}, "price.failure_share: 2 is not from 0 to 1"),
            ({"price": {"answer": "a" * 20_000}}, "length limit exceeded"),
        ],
    )
    def test_what_is_wrong_is_told(self, running: Upstream, wrong: dict[str, dict[str, object]], told: str) -> None:
        with pytest.raises(ShowdownError, match=f"the upstream refuses PUT /settings: .*{told}"):
            running.set(wrong)

    def test_the_second_port_has_nothing_else(self, running: Upstream) -> None:
        with httpx.Client(base_url=running.admin.url, headers=running.admin.headers) as asking:
            assert asking.get("/").status_code == 404
            assert asking.delete("/settings").status_code == 404
            running.set({"facts": {"latency_ms": 5}})
            assert asking.get("/settings").json()["facts"]["latency_ms"] == 5

    @pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x"}, {"Authorization": "Bearer"}])
    def test_only_who_knows_the_token_may_use_it(self, running: Upstream, headers: dict[str, str]) -> None:
        answer = httpx.put(f"{running.admin.url}/settings", content="{}", headers=headers)
        assert (answer.status_code, list(answer.json())) == (401, ["error"])
        assert httpx.get(f"{running.admin.url}/counters", headers=headers).status_code == 401
        # Services do not.
        assert running.admin.token not in running.environment.values()
        assert running.admin.token not in repr(running)

    @pytest.mark.parametrize("path", ["traces", "metrics"])
    def test_what_is_collected_needs_no_token_and_is_thrown_away(self, running: Upstream, path: str) -> None:
        collector = running.environment["OTEL_EXPORTER_OTLP_ENDPOINT"]
        answer = httpx.post(f"{collector}/v1/{path}", content=b"x" * 1_000_000)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-type"] == "application/x-protobuf"

    def test_it_tells_the_traces_that_requests_belong_to(self, running: Upstream) -> None:
        said = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        with client(running) as asking:
            asking.get("/facts/1")
            asking.get("/facts/1", headers={"traceparent": said})
        assert running.traceparents() == [said]

    @pytest.mark.parametrize(
        ("variable", "arguments", "told"),
        [
            ({}, [], "say the files of the certificate"),
            ({"PORT": "x"}, ["chain", "key"], "PORT=x: invalid digit"),
            ({"SETTINGS": "{"}, ["chain", "key"], "SETTINGS: EOF"),
            ({}, ["/nowhere/chain", "key"], "/nowhere/chain"),
        ],
    )
    def test_what_is_wrong_at_start_is_told(self, variable: dict[str, str], arguments: list[str], told: str) -> None:
        ended = subprocess.run([PROGRAM, *arguments], env=variable, capture_output=True, text=True, check=False)
        assert ended.returncode in {1, 2}
        assert ended.stderr.startswith("upstream: ")
        assert told in ended.stderr

    def test_an_upstream_that_does_not_answer_is_told(self, running: Upstream) -> None:
        running.process.stop()
        with pytest.raises(ShowdownError, match="the upstream does not answer GET /counters: "):
            running.counters()


class TestCounters:
    @both_versions
    def test_a_kept_connection_has_one_handshake(self, running: Upstream, http2: bool) -> None:
        with client(running, http2=http2) as asking:
            for number in range(20):
                asking.get(f"/facts/{number}")
            counters = running.counters()
            assert (counters.handshakes, counters.resumed, counters.connections_open) == (1, 0, 1)
        assert (counters.requests, counters.connections_total) == (20, 1)
        assert counters.requests_by_resource == {"analysis": 0, "facts": 20, "price": 0}

    def test_a_new_client_for_each_request_has_as_many_handshakes(
        self, running: Upstream, eventually: Eventually
    ) -> None:
        for _ in range(5):
            with client(running) as asking:
                asking.get("/price/1")
        counters = running.counters()
        assert (counters.handshakes, counters.resumed, counters.requests) == (5, 0, 5)
        eventually(lambda: running.counters().connections_open == 0)

    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_resumed_sessions_are_told_apart(self, running: Upstream, version: ssl.TLSVersion) -> None:
        context = trusting(running)
        context.minimum_version = context.maximum_version = version
        session = None
        for _ in range(3):
            with connected(running, context, session=session) as connection:
                connection.sendall(HEAD + b"Connection: close\r\n\r\n")
                assert until_closed(connection).startswith(b"HTTP/1.1 200")
                session = connection.session
        counters = running.counters()
        assert (counters.handshakes, counters.resumed, counters.handshakes_failed) == (3, 2, 0)

    def test_a_client_that_goes_away_has_cancelled(self, running: Upstream, eventually: Eventually) -> None:
        running.set({"analysis": {"latency_ms": 60_000}})
        with client(running) as asking, pytest.raises(httpx.ReadTimeout):
            asking.get("/analysis/1", timeout=0.2)
        eventually(lambda: running.counters().cancelled == 1)
        assert running.counters().requests_by_resource["analysis"] == 1

    def test_a_stream_that_is_reset_is_cancelled_and_no_other(self, running: Upstream, eventually: Eventually) -> None:
        running.set({"analysis": {"latency_ms": 60_000}})
        context = trusting(running)
        context.set_alpn_protocols(["h2"])
        speaking = H2Connection(H2Configuration(client_side=True))
        speaking.initiate_connection()
        for stream in (1, 3):
            names = {":method": "GET", ":authority": "localhost", ":scheme": "https", ":path": "/analysis/1"}
            speaking.send_headers(stream, list(names.items()), end_stream=True)
        with connected(running, context) as connection:
            connection.sendall(speaking.data_to_send())
            eventually(lambda: running.counters().requests == 2)
            speaking.reset_stream(3)
            connection.sendall(speaking.data_to_send())
            eventually(lambda: running.counters().cancelled == 1)
            assert running.counters().connections_open == 1

    def test_an_answer_that_was_sent_is_not_cancelled(self, running: Upstream) -> None:
        with connected(running) as connection:
            connection.sendall(HEAD + b"\r\n")
            assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        assert running.counters().cancelled == 0


class TestCertificates:
    def test_both_names_are_in_it(self, running: Upstream) -> None:
        for name in ("localhost", LOOPBACK):
            with socket.create_connection((LOOPBACK, running.port)) as plain:
                trusting(running).wrap_socket(plain, server_hostname=name).close()

    def test_who_does_not_trust_it_fails_and_is_counted(self, running: Upstream, eventually: Eventually) -> None:
        with pytest.raises(ssl.SSLCertVerificationError):
            connected(running, ssl.create_default_context())
        with (
            socket.create_connection((LOOPBACK, running.port)) as plain,
            pytest.raises(ssl.SSLCertVerificationError, match="example"),
        ):
            trusting(running).wrap_socket(plain, server_hostname="example.test")
        eventually(lambda: running.counters().handshakes_failed == 2)
        assert running.counters().handshakes == 0

    def test_a_test_can_bring_an_expired_one(self, reachable_folder: Path, tmp_path: Path) -> None:
        folder = own_folder(reachable_folder / "expired")
        expired = make_certificates(folder, UPSTREAM, expires=datetime.now(UTC) - timedelta(days=1))
        with (
            running_upstream(PROGRAM, reachable_folder, tmp_path, certificates=expired) as running,
            pytest.raises(ssl.SSLCertVerificationError, match="expired"),
        ):
            connected(running)


class TestHostileClients:
    @pytest.fixture(autouse=True)
    def is_fine_afterwards(self, running: Upstream, eventually: Eventually) -> Iterator[None]:
        yield
        eventually(lambda: running.counters().connections_open == 0)
        with client(running) as asking:
            assert asking.get("/facts/1").is_success
        assert (running.process.log).read_text().count("\n") == 1

    @pytest.mark.parametrize("said", [HEAD + b"\r\n", os.urandom(4096), b"\x16\x03\x01\xff\xff" + bytes(100), b""])
    def test_what_is_no_tls_is_refused(self, running: Upstream, said: bytes, eventually: Eventually) -> None:
        with socket.create_connection((LOOPBACK, running.port), timeout=MOST_SECONDS) as plain:
            plain.sendall(said)
            plain.shutdown(socket.SHUT_WR)
            assert b"HTTP" not in until_closed(plain)
        eventually(lambda: running.counters().handshakes_failed == 1)

    def test_silence_before_the_handshake_ends(self, running: Upstream) -> None:
        with socket.create_connection((LOOPBACK, running.port), timeout=MOST_SECONDS) as plain:
            assert until_closed(plain) == b""

    @pytest.mark.parametrize("protocol", ["http/1.1", "h2"])
    def test_silence_after_the_handshake_ends(self, running: Upstream, protocol: str) -> None:
        context = trusting(running)
        context.set_alpn_protocols([protocol])
        with connected(running, context) as connection:
            assert connection.selected_alpn_protocol() == protocol
            assert b"HTTP" not in until_closed(connection)

    def test_a_head_that_drips_has_an_end(self, running: Upstream) -> None:
        def drip(connection: ssl.SSLSocket) -> None:
            end = time.monotonic() + MOST_SECONDS
            while time.monotonic() < end:
                connection.sendall(b"x")
                time.sleep(0.1)

        with connected(running) as connection:
            connection.sendall(HEAD)
            with pytest.raises((ConnectionError, ssl.SSLError)):
                drip(connection)

    def test_an_idle_connection_is_closed_and_a_busy_one_is_not(self, running: Upstream) -> None:
        running.set({"facts": {"latency_ms": 1000 * (2 * IDLE_SECONDS + 1)}})
        with connected(running) as connection:
            connection.sendall(HEAD + b"\r\n")
            assert until_closed(connection).startswith(b"HTTP/1.1 200")

    @pytest.mark.parametrize(
        "head",
        [
            HEAD + b"X: " + b"a" * 2**20 + b"\r\n\r\n",
            HEAD + b"".join(b"X%d: a\r\n" % number for number in range(10_000)) + b"\r\n",
            b"GET /" + b"a" * 2**20 + b" HTTP/1.1\r\n\r\n",
            b"\xff\x00 nonsense\r\n\r\n",
        ],
    )
    def test_a_bad_head_is_refused(self, running: Upstream, head: bytes) -> None:
        with connected(running) as connection:
            # It may be closed before all of it has been read.
            with suppress(ConnectionError, ssl.SSLError):
                connection.sendall(head)
            answer = until_closed(connection)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 4")

    def test_huge_headers_are_refused_in_http_2_too(self, running: Upstream) -> None:
        with client(running, http2=True) as asking:
            try:
                answer = asking.get("/facts/1", headers={"x": "a" * 2**17})
            except httpx.TransportError:
                return
            assert answer.status_code == 431

    def test_no_preface_of_http_2_is_refused(self, running: Upstream) -> None:
        context = trusting(running)
        context.set_alpn_protocols(["h2"])
        with connected(running, context) as connection:
            connection.sendall(os.urandom(4096))
            assert b"facts" not in until_closed(connection)

    def test_a_body_that_nobody_asked_for_is_not_read(self, running: Upstream) -> None:
        with connected(running) as connection:
            connection.sendall(b"POST /facts/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n")
            assert connection.recv(1000).startswith(b"HTTP/1.1 405")
            assert until_closed(connection).count(b"HTTP") <= 1


class TestProcess:
    def test_it_runs_as_a_user_of_its_own(self, running: Upstream, reachable_folder: Path) -> None:
        process = psutil.Process(running.process.pid)
        assert process.name() == "upstream"
        if os.geteuid() == 0:
            assert {*process.uids()} == {UPSTREAM.uid}
        # So that a later showdown finds it, should this one be killed.
        assert any(word.startswith(str(reachable_folder)) for word in process.cmdline()[1:])
        assert {each.laddr.ip for each in process.net_connections("tcp")} == {LOOPBACK}

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_a_signal_ends_it_in_the_middle_of_a_request(
        self, running: Upstream, number: signal.Signals, eventually: Eventually
    ) -> None:
        running.set({"analysis": {"latency_ms": 60_000}})
        with connected(running) as connection:
            connection.sendall(b"GET /analysis/1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            eventually(lambda: running.counters().requests == 1)
            os.kill(running.process.pid, number)
            eventually(lambda: not running.process.running)
            assert until_closed(connection) == b""
        assert running.process.exit_code == 0

    def test_without_room_for_more_connections_it_waits(self, reachable_folder: Path, tmp_path: Path) -> None:
        few = tmp_path / "upstream"
        few.write_text(f'#!/bin/sh\nulimit -n 140\nexec {PROGRAM} "$@"\n')
        few.chmod(0o755)
        tmp_path.chmod(0o755)
        with running_upstream(few, reachable_folder, reachable_folder) as running:
            held = [connected(running) for _ in range(12)]
            assert running.counters().connections_open == 12
            with (
                closing(socket.create_connection((LOOPBACK, running.port), timeout=0.5)) as waiting,
                pytest.raises(TimeoutError),
            ):
                trusting(running).wrap_socket(waiting, server_hostname="localhost")
            for connection in held:
                connection.close()
            with client(running) as asking:
                assert asking.get("/facts/1").is_success

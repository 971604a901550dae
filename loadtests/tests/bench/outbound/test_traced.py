"""CA files opened and handshakes made for a request."""

import shutil

import pytest
from outbound.traced import INSTALL, OPENED, asked, calling, count, kinds, one_worker
from showdown_stack.tiers import Tiers
from showdown_stack.upstream import Upstream

TRACE = """\
openat(AT_FDCWD, "/usr/lib/ssl/cert.pem", O_RDONLY) = 7
openat(AT_FDCWD, "/none/cert.pem", O_RDONLY) = -1 ENOENT (No such file or directory)
open("/etc/ssl/certs/002c0b4f.0", O_RDONLY|O_CLOEXEC) = 8
openat(AT_FDCWD, "/state/ca.pem", O_RDONLY|O_CLOEXEC) = 8
openat(AT_FDCWD, "/proc/self/status", O_RDONLY) = 8
"""
SIZE = 2_000


def test_files_that_were_opened_are_read_from_a_trace() -> None:
    opened = OPENED.findall(TRACE)
    assert opened == ["/usr/lib/ssl/cert.pem", "/etc/ssl/certs/002c0b4f.0", "/state/ca.pem", "/proc/self/status"]
    assert kinds(opened, "/state/ca.pem") == {"bundles": 1, "certificates": 1, "stack_ca": 1}


def test_every_client_and_strategy_is_counted() -> None:
    names = calling()
    assert {"starlette", "starlette-per-call", "starlette-niquests-leaky", "django-requests", "axum-http2"} < set(names)
    assert "starlette-rowjson" not in names


@pytest.mark.skipif(shutil.which("strace") is None, reason=INSTALL)
@pytest.mark.parametrize(("strategy", "loads"), [("per-call", 3), ("per-call-shared-tls", 0)])
def test_loads_and_handshakes_of_a_service(strategy: str, loads: int, stack: Tiers, real_upstream: Upstream) -> None:
    plain = calling()[f"starlette-{strategy}"]
    variant = plain.model_copy(update={"environment": plain.environment | real_upstream.environment})
    with one_worker(stack, "starlette", variant) as pid:
        counted = count(stack.service_port, real_upstream, pid, asked(SIZE, 3), warm_up=1)
    assert counted == {
        "requests": 2,
        "calls": 6,
        "handshakes": 6,
        "resumed": 0,
        "bundles": 2 * loads,
        "certificates": 0,
        "stack_ca": 2 * loads,
    }

"""Counts the CA files that a service opens for a request, with strace, and the handshakes, as the upstream counts them.

No audit hook would do: OpenSSL and rustls open files themselves.
"""

import http.client
import re
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import psutil
from showdown.contenders.build import build
from showdown.contenders.variants import Variant
from showdown.contract.contract import load_contract
from showdown.requests.kind import Request, Seeded
from showdown.stacks.local import started_service
from showdown_contract.errors import ShowdownError
from showdown_stack.ports import LOOPBACK
from showdown_stack.tiers import TierOptions, Tiers, running_tiers
from showdown_stack.upstream import Upstream

CONTRACT = load_contract()
SIZE = 200
WARM_UP, REQUESTS = 5, 20
ATTACH_SECONDS = 10.0
# strace makes a service slow: late answers would not be right ones.
PATIENT = {"UPSTREAM_DEADLINE_MS": "9000"}
INSTALL = "strace is missing: type 'infra/stack/install.sh strace=strace'"
COLUMNS = ("variant", "requests", "calls", "handshakes", "resumed", "bundles", "certificates", "stack_ca")

# What a thread that opens a file leaves in strace's file: openat(AT_FDCWD, "/etc/ssl/cert.pem", O_RDONLY) = 7
OPENED = re.compile(r'^open(?:at)?\([^"\n]*"(?P<path>[^"\n]+)".* = \d+$', re.MULTILINE)
# Files with all CAs, as systems and certifi name them, and folders with one file for each CA.
BUNDLES = {"ca-certificates.crt", "cert.pem", "cacert.pem", "ca-bundle.crt", "ca-bundle.pem", "tls-ca-bundle.pem"}
FOLDERS = {"/etc/ssl/certs", "/usr/lib/ssl/certs", "/etc/pki/tls/certs"}


def calling() -> dict[str, Variant]:
    """The variants that differ in how they call the upstream, and those that they differ from."""
    knobs = {"CLIENT", "HTTP_CLIENT", "HTTP2"}
    plain = {"starlette", "django", "axum"}
    variants = CONTRACT.contenders().all
    return {name: one for name, one in variants.items() if name in plain or one.environment.keys() & knobs}


def trace(names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """A row for each of these variants. Raises ShowdownError."""
    if shutil.which("strace") is None:
        raise ShowdownError(INSTALL)
    variants = {name: calling()[name] for name in names}
    build(variants)
    with running_tiers(TierOptions(CONTRACT, SIZE, haproxy=False, upstream=True)) as tiers:
        for name, variant in variants.items():
            with one_worker(tiers, name, variant) as pid:
                if tiers.upstream is None:
                    raise ShowdownError(f"there is no upstream: {', '.join(tiers.missing)}")
                counted = count(tiers.service_port, tiers.upstream, pid, asked(SIZE, WARM_UP + REQUESTS), WARM_UP)
                yield {"variant": name} | counted


@contextmanager
def one_worker(tiers: Tiers, name: str, variant: Variant) -> Iterator[int]:
    """A service with one worker. Gives its process ID."""
    one = variant.model_copy(update={"workers": 1, "environment": variant.environment | PATIENT})
    with started_service(tiers, name, one) as service:
        yield service.pid


def asked(size: int, count: int) -> list[Request]:
    """So many requests, and what is right, where so many recipes were seeded."""
    return list(islice(cycle(CONTRACT.kinds["nutrition"].of_one_user(Seeded(size))), count))


def ask(port: int, wanted: Iterable[Request]) -> None:
    """Ask one after the other, each on a new connection. Raises ShowdownError for a wrong answer."""
    for request in wanted:
        with closing(http.client.HTTPConnection(LOOPBACK, port, timeout=60)) as connection:
            connection.request("GET", request.path, headers=dict(request.headers))
            response = connection.getresponse()
            if failure := request.failure(response.status, response.read()):
                raise ShowdownError(f"{request.path}: {failure}")


def kinds(paths: Iterable[str], ca_file: str) -> Counter[str]:
    """How many of the opened files are which kind of CA file."""
    found: Counter[str] = Counter()
    for path in paths:
        if path == ca_file:
            found["stack_ca"] += 1
        elif Path(path).name in BUNDLES:
            found["bundles"] += 1
        elif str(Path(path).parent) in FOLDERS:
            found["certificates"] += 1
    return found


def count(port: int, upstream: Upstream, pid: int, wanted: Sequence[Request], warm_up: int) -> dict[str, int]:
    """What a service does for these requests, but for the first ones. Raises ShowdownError."""
    ask(port, wanted[:warm_up])
    with _straced(pid) as opened:
        before = _counts(upstream)
        ask(port, wanted[warm_up:])
        after = _counts(upstream)
    found = kinds(opened, str(upstream.ca_file))
    counted = {name: after[name] - before[name] for name in before}
    files = {kind: found[kind] for kind in ("bundles", "certificates", "stack_ca")}
    return {"requests": len(wanted) - warm_up} | counted | files


def _counts(upstream: Upstream) -> dict[str, int]:
    counters = upstream.counters()
    return {"calls": counters.requests, "handshakes": counters.handshakes, "resumed": counters.resumed}


@contextmanager
def _straced(pid: int) -> Iterator[list[str]]:
    """Gives a list, in which there are the files that a service has opened meanwhile once this ends."""
    opened: list[str] = []
    root = psutil.Process(pid)
    processes = [root, *root.children(recursive=True)]
    with tempfile.TemporaryDirectory() as folder:
        # A file for each thread, so that no line is cut in two by another thread's.
        command = ["strace", "-ff", "-qq", "-e", "trace=open,openat", "-e", "signal=none", "-o", f"{folder}/trace"]
        command += [word for process in processes for word in ("-p", str(process.pid))]
        strace = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            _wait_until_traced(strace, [process.pid for process in processes])
            yield opened
        finally:
            strace.terminate()
            strace.communicate()
        opened += [path for file in Path(folder).iterdir() for path in OPENED.findall(file.read_text())]


def _wait_until_traced(strace: "subprocess.Popen[str]", pids: Sequence[int]) -> None:
    end = time.monotonic() + ATTACH_SECONDS
    while not all(_is_traced(task) for pid in pids for task in Path(f"/proc/{pid}/task").iterdir()):
        if strace.poll() is not None or time.monotonic() > end:
            strace.kill()
            raise ShowdownError(f"strace cannot watch the service: run this as root\n{strace.communicate()[1]}")
        time.sleep(0.01)


def _is_traced(task: Path) -> bool:
    return "TracerPid:\t0\n" not in (task / "status").read_text()

"""If the stack runs as root, a hostile contender cannot touch other tiers, and can write only to its log."""

import json
import os
import sys
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest
from showdown.contract.contract import load_contract
from showdown_stack import closed, programs, upstream
from showdown_stack import tiers as tiers_module
from showdown_stack.tiers import CODE, SAME_USER, TierOptions, Tiers, running_tiers

RECIPES = 2_000
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give each tier a user of its own")

# Tries everything that its environment names, and answers on its port with the outcome.
HOSTILE = r"""
import ctypes, json, os, signal, socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

outcomes = {}

def attempt(what, act):
    try:
        act()
        outcomes[what] = "done"
    except OSError as error:
        outcomes[what] = type(error).__name__

def ptrace(pid):
    PTRACE_SEIZE = 0x4206
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(PTRACE_SEIZE, pid, None, None):
        raise OSError(ctypes.get_errno(), "ptrace")

def connect(path):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)

def replace(file):
    os.symlink("/etc/passwd", f"{file}.new")
    os.rename(f"{file}.new", file)

targets = json.loads(os.environ["TARGETS"])
for name, pid in targets["processes"].items():
    attempt(f"signal {name}", lambda: os.kill(pid, signal.SIGCONT))
    attempt(f"ptrace {name}", lambda: ptrace(pid))
    attempt(f"memory of {name}", lambda: open(f"/proc/{pid}/mem", "rb"))
    attempt(f"environment of {name}", lambda: Path(f"/proc/{pid}/environ").read_bytes())
for file in targets["secrets"]:
    attempt(f"read {file}", lambda: os.listdir(file) if os.path.isdir(file) else open(file, "rb"))
for folder in targets["folders"]:
    attempt(f"write into {folder}", lambda: Path(folder, "hostile").touch())
for file in targets["files"]:
    attempt(f"write {file}", lambda: open(file, "ab"))
    attempt(f"replace {file}", lambda: replace(file))
for path in targets["sockets"]:
    attempt(f"connect to {path}", lambda: connect(path))
status = open("/proc/self/status")
outcomes["capabilities"] = [line.split()[1] for line in status if line.startswith(("CapEff", "CapBnd"))]
# It can do what it is allowed to do, so its failures are not its own mistakes.
attempt("signal itself", lambda: os.kill(os.getpid(), signal.SIGCONT))

class Outcomes(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(outcomes).encode())

HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Outcomes).serve_forever()
"""


def targets(stack: Tiers, state: Path) -> dict[str, object]:
    (cluster,) = state.glob("postgres-*")
    running = state / "running"
    return {
        "processes": {**{name: process.pid for name, process in stack.processes.items()}, "the runner": os.getpid()},
        "secrets": [
            str(file)
            for file in (
                cluster / "data",
                cluster / "data" / "PG_VERSION",
                cluster / "passwords.json",
                *([running / "upstream" / "key.pem"] if stack.upstream else []),
            )
        ],
        "folders": [
            str(folder)
            for folder in (
                state,
                cluster,
                running,
                running / "haproxy",
                stack.logs,
                *([running / "upstream"] if stack.upstream else []),
            )
        ],
        "files": [
            str(file)
            for file in (
                state / "lock",
                cluster / "postgresql.conf",
                running / "haproxy.cfg",
                stack.logs / "postgres.log",
            )
        ],
        "sockets": [str(stack.haproxy.stats_socket)] if stack.haproxy else [],
    }


@as_root
@pytest.mark.skipif(programs.find("haproxy") is None, reason="haproxy is not installed")
def test_a_hostile_contender_fails_at_everything(own_state: Path) -> None:
    if closed.entrance(CODE) is None:
        pytest.skip("Python or the checkout lies in a closed folder, and root may mount nothing here: the run says so")
    options = TierOptions(load_contract(), RECIPES, upstream=upstream.program() is not None)
    with running_tiers(options) as stack:
        tried = {"TARGETS": json.dumps(targets(stack, own_state))}
        with (
            stack.service("hostile", [sys.executable, "-c", HOSTILE], tried),
            build_opener(ProxyHandler({})).open(f"{stack.service_url}/healthz") as answer,
        ):
            outcomes = json.load(answer)
        assert stack.missing == []
    assert outcomes.pop("signal itself") == "done"
    assert outcomes.pop("capabilities") == ["0" * 16, "0" * 16]
    assert len(outcomes) >= 25
    assert {what: how for what, how in outcomes.items() if how != "PermissionError"} == {}


@as_root
def test_each_tier_has_a_user_of_its_own(stack: Tiers) -> None:
    users = [Path(f"/proc/{process.pid}").stat().st_uid for process in stack.processes.values()]
    assert len({0, *users}) == len(users) + 1


@as_root
@pytest.mark.usefixtures("stack")
def test_what_root_writes_lies_in_folders_that_are_roots(session_folder: Path) -> None:
    for path in (session_folder / "shared").rglob("*"):
        if path.parent.stat().st_uid != 0:
            # In a server's own folder, nothing belongs to us.
            assert path.lstat().st_uid == path.parent.stat().st_uid
        assert not path.lstat().st_mode & 0o022 or path.is_symlink() or path.is_socket()


def test_where_nobody_is_root_the_run_says_that_contenders_are_not_kept_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert tiers_module._not_isolated() == [SAME_USER]


def test_where_contenders_may_read_everything_the_run_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(closed, "entrance", lambda _: None)
    (note,) = tiers_module._not_isolated()
    assert note.startswith("contenders may read every file of this machine")

"""Fixtures for all suites: a hand-made run, a real service, the command itself, and a simulated cloud."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from showdown.cli import app
from showdown.console import ENDINGS
from showdown.contenders.variants import Variant
from showdown.contract.contract import load_contract
from showdown.generators.latencies import encoded, new_histogram, record
from showdown.measure.results import Ceiling, Run, Slice, Work
from showdown.requests.scenarios import Profile
from showdown.stacks.cloud import ssh
from showdown.stacks.cloud.outputs import CloudHost
from showdown.stacks.cloud.ssh import RemoteHost, Ssh, Task
from showdown.stacks.local import started_service
from showdown.stacks.records import Host, Machine, Proxy, TierName, TierUsage, Upstream
from showdown_stack.ports import LOOPBACK
from showdown_stack.tiers import Tiers
from typer.testing import CliRunner, Result

SCENARIO = "recipe-detail"
# The agent, whose files are in a folder of the test's.
AGENT = """
from pathlib import Path
from showdown.stacks.agent import __main__ as agent, tiers, watch
tiers.FOLDER = Path({folder!r})
tiers.DATABASE_CA = tiers.FOLDER / "database-ca.crt"
tiers.START_SECONDS = {start_seconds}
watch.STATS_SOCKET = {stats_socket!r}
agent.main()
"""
# Its units are of one process, and in a state, as files say.
SYSTEMCTL = """
echo "$1 $2" >> {folder}/told
case "$1 $4" in
    "show MainPID") cat {folder}/pid;;
    "show ActiveState") cat {folder}/state;;
    "show "*) echo unknown;;
esac
"""
# Requests per second in each block: side by side fast is 5, 1 and 1.5 times as fast as slow.
SLOW, FAST, CEILING = (100.0, 200.0, 300.0), (500.0, 200.0, 450.0), (1000.0, 1200.0, 1100.0)


@dataclass(frozen=True)
class Shell(Ssh):
    """Simulates hosts on this machine: their commands run in a shell. Each has a folder of its own programs."""

    def command(self, host: CloudHost, *options: str) -> list[str]:
        assert not options
        path = os.pathsep.join([str(self.folder / host.name), os.environ["PATH"]])
        return ["env", f"PATH={path}", "sh", "-c"]


@pytest.fixture(autouse=True)
def signal_handlers() -> Iterator[None]:
    """Restore this process's signal handlers, because a command sets them for good.

    A program that a later test starts would otherwise ignore Ctrl-C.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, *ENDINGS)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def run() -> Run:
    """Three blocks of one lap of two variants and of the ceiling under one scenario."""
    return Run(
        started_at="2026-01-02T03:04:05+00:00",
        finished_at="2026-01-02T03:09:05+00:00",
        command="showdown run --variants slow,fast",
        commit="0123456789ab",
        machine=Machine(
            system="Linux 6.1 x86_64", cpu="EPYC", cores=2, memory_mib=4096, virtual="kvm", steal_percent=0.0
        ),
        versions={"python": "3.11.7", "postgres": "15.18"},
        profile_name="quick",
        profile=Profile(
            description="d", scenarios=[SCENARIO], blocks=3, laps=1, users=50, warm_up_seconds=1, slice_seconds=2
        ),
        generator="locust",
        haproxy=True,
        pgbouncer=None,
        external_postgres=False,
        notes=[],
        contract="recipes 0123456789abcdef",
        size=2_000,
        seed=1,
        baseline="slow",
        variants={
            "slow": Variant(description="slow", command=["slow"], workers=5, pool=5),
            "fast": Variant(description="fast", command=["fast"], workers=2, pool=20),
        },
        slices=[
            *(_slice("slow", number, speed, 900.0) for number, speed in enumerate(SLOW, start=1)),
            *(_slice("fast", number, speed, 300.0) for number, speed in enumerate(FAST, start=1)),
        ],
        ceilings=[_ceiling(number, speed) for number, speed in enumerate(CEILING, start=1)],
    )


@pytest.fixture
def grown(run: Run) -> Run:
    """The same in a cloud, with slices on two service hosts too, where each variant is twice as fast."""
    run.stack = "terraform"
    run.service_hosts = [1, 2]
    run.generator_processes = 4
    run.hosts = [
        Host(name="haproxy", tier="haproxy", size="s-small", usd_per_month=10.0, machine=run.machine),
        Host(name="service1", tier="service", size="s-large", usd_per_month=30.0, machine=run.machine),
        Host(name="service2", tier="service", size="s-large", usd_per_month=30.0, machine=run.machine),
        Host(name="generator1", tier="generator", size="s-large", usd_per_month=30.0, machine=run.machine),
        Host(name="database.example", tier="postgres", size="db-small", usd_per_month=60.0, machine=None),
    ]
    run.slices += [
        result.model_copy(update={"service_hosts": 2, "requests_per_second": 2 * result.requests_per_second})
        for result in run.slices
    ]
    return run


@pytest.fixture(scope="module")
def starlette(stack: Tiers) -> Iterator[Tiers]:
    """The shared stack with a real service."""
    with started_service(stack, "starlette", load_contract().variants.variants["starlette"]):
        yield stack


@pytest.fixture(scope="session")
def showdown() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command, as a user would."""

    def call(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        program = Path(sys.executable).parent / "showdown"
        return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, **options)

    return call


@pytest.fixture(scope="session")
def call() -> Callable[..., Result]:
    """Runs the command in this process, where what it needs is imported only once."""

    def run(*arguments: str | Path, **environment: str) -> Result:
        return CliRunner().invoke(app, [str(each) for each in arguments], prog_name="showdown", env=environment)

    return run


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Makes a program of a shell script, and puts it first on $PATH."""
    folder = tmp_path / "stand-ins"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def make(name: str, script: str) -> None:
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    return make


@pytest.fixture
def applied() -> dict[str, Any]:
    """Terraform's output values for a stack of two service hosts and two generator hosts."""
    return {
        "stack": {
            "haproxy": {"urls": ["http://10.10.0.2:80", "http://10.10.0.2:81", "http://10.10.0.2:82"]},
            "service_ports": [8000, 8001, 8002],
            "locust_port": 5557,
            "hosts": [
                _host("haproxy", "haproxy", 2),
                _host("service1", "service", 3),
                _host("service2", "service", 4),
                _host("generator1", "generator", 5),
                _host("generator2", "generator", 6),
            ],
            "database": {
                "host": "private-database.example",
                "public_host": "database.example",
                "port": 25060,
                "pool_port": 25061,
                "name": "showdown",
                "pool_name": "showdown-pool",
                "pool_mode": "session",
                "pool_size": 25,
                "size": "db-s-2vcpu-4gb",
                "usd_per_month": 60.0,
            },
        },
        "database_ca": "-----BEGIN CERTIFICATE-----\n",
        "database_users": {
            "owner": {"name": "showdown", "password": "owner's s3cret"},
            "api": {"name": "api", "password": "api/s3cret"},
        },
        "cost": {
            "items": [{"name": "service", "count": 2, "size": "s-2vcpu-4gb-intel", "usd_per_month": 56.0}],
            "usd_per_month": 144.9,
            "usd_per_hour": 0.2156,
        },
    }


@pytest.fixture
def apply(stand_in: Callable[[str, str], None], tmp_path: Path) -> Callable[[dict[str, Any]], None]:
    """Makes a `terraform` that prints these output values."""

    def make(values: dict[str, Any]) -> None:
        file = tmp_path / "outputs.json"
        file.write_text(json.dumps({name: {"sensitive": False, "value": value} for name, value in values.items()}))
        stand_in("terraform", f'cat "{file}"')

    return make


@pytest.fixture
def about() -> Callable[[str], CloudHost]:
    """A host by its name, as Terraform describes it: service1 belongs to the tier service."""

    def make(name: str) -> CloudHost:
        return CloudHost.model_validate(_host(name, name.rstrip("0123456789"), 1) | {"public_address": LOOPBACK})

    return make


@pytest.fixture
def host(
    about: Callable[[str], CloudHost], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., RemoteHost]:
    """Makes a host by its name, with this checkout's agent. `programs`: shell scripts that replace this machine's."""
    monkeypatch.setattr(ssh, "AGENT", f"{sys.executable} -m showdown.stacks.agent")

    def make(name: str, **programs: str) -> RemoteHost:
        folder = tmp_path / "hosts" / name
        folder.mkdir(parents=True)
        for program, script in programs.items():
            path = folder / program.replace("_", "-")
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
        return RemoteHost(about(name), Shell(folder.parent, tmp_path / "known_hosts"))

    return make


@pytest.fixture
def folder(stand_in: Callable[[str, str], None], tmp_path: Path) -> Path:
    """An agent's, and that of the stand-in for systemd, whose units are active."""
    stand_in("systemctl", SYSTEMCTL.format(folder=tmp_path))
    stand_in("journalctl", "echo out of memory")
    (tmp_path / "state").write_text("active\n")
    (tmp_path / "pid").write_text(f"{os.getpid()}\n")
    return tmp_path


@pytest.fixture
def ask(folder: Path, stack: Tiers) -> Iterator[Callable[..., Task]]:
    """Begins something that goes on, on a host whose haproxy is the shared stack's."""
    assert stack.haproxy is not None, "install haproxy"
    stats_socket = str(stack.haproxy.stats_socket)
    numbers = count(1)
    with ExitStack() as resources:

        def begin(command: str, *, start_seconds: float = 60.0, **arguments: Any) -> Task:
            script = AGENT.format(folder=str(folder / "run"), start_seconds=start_seconds, stats_socket=stats_socket)
            words = [sys.executable, "-c", script, command]
            files = folder / f"{command}-{next(numbers)}"
            return resources.enter_context(Task(command, words, arguments, files))

        yield begin


@pytest.fixture
def mortal(folder: Path) -> Callable[[], AbstractContextManager[object]]:
    """Gives the units a process until the end of a context."""

    @contextmanager
    def living() -> Iterator[None]:
        with subprocess.Popen(["sleep", "600"]) as process:
            (folder / "pid").write_text(f"{process.pid}\n")
            try:
                yield
            finally:
                process.kill()

    return living


def _slice(variant: str, number: int, speed: float, cpu_us: float) -> Slice:
    """One whose peaks grow with its block's number."""
    histogram = new_histogram()
    for milliseconds in [20.0] * 60 + [60.0] * 36 + [300.8] * 4:
        record(histogram, milliseconds)
    return Slice(
        variant=variant,
        scenario=SCENARIO,
        block=number,
        lap=1,
        started_at=1_767_323_045.0 + number,
        measured_seconds=2.0,
        requests=round(speed * 2),
        errors=0,
        requests_per_second=speed,
        histogram=encoded(histogram),
        failures={},
        tiers={
            "generator": _tier(60.0, number),
            "haproxy": _tier(40.0, number),
            "service": _tier(cpu_us + number, number),
            "postgres": _tier(200.0 + number, number),
            "upstream": _tier(20.0, number),
        },
        work=Work(statements_per_request=1.0, rows_per_request=1.0, peak_connections=20),
        proxy=Proxy(responses=1, server_errors=0, connection_errors=0, most_queued=0),
        upstream=Upstream(
            service_requests=200,
            requests=600,
            cancelled=0,
            handshakes=9 * number,
            resumed=0,
            connections_opened=9 * number,
            connections_open=9,
        ),
    )


def _ceiling(number: int, speed: float) -> Ceiling:
    tiers: dict[TierName, TierUsage] = {"generator": _tier(30.0, number), "postgres": _tier(150.0, number)}
    return Ceiling(
        scenario=SCENARIO,
        block=number,
        lap=1,
        connections=20,
        requests_per_second=speed,
        mean_latency_ms=2.0,
        tiers=tiers,
    )


def _tier(cpu_us: float, number: int) -> TierUsage:
    return TierUsage(
        cpu_us_per_request=cpu_us,
        peak_cpu_percent=50.0 + number,
        peak_rss_mib=100.0 + number,
        peak_fds=10,
        peak_connections=20,
    )


def _host(name: str, tier: str, number: int) -> dict[str, Any]:
    return {
        "id": f"id-of-{name}",
        "name": name,
        "tier": tier,
        "public_address": f"192.0.2.{number}",
        "private_address": f"10.10.0.{number}",
        "size": "s-2vcpu-4gb-intel",
        "usd_per_month": 28.0,
    }

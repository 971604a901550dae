"""A stack of hosts is described, and its services are switched and requested, each on its host."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from showdown.contract.contract import load_contract
from showdown.generators.pgbench import CeilingTurn
from showdown.stacks.cloud import ssh
from showdown.stacks.cloud.hosts import Facts
from showdown.stacks.cloud.outputs import Outputs
from showdown.stacks.cloud.ssh import RemoteHost, Task
from showdown.stacks.cloud.stack import CloudStack
from showdown.stacks.cloud.tasks import Tasks
from showdown.stacks.pressure import MIB, Disturbances, Pressure
from showdown.stacks.records import Machine
from showdown.stacks.stack import Window
from showdown_contract.errors import ShowdownError
from showdown_stack.process import Process

NewStack = Callable[..., CloudStack]
Asked = Callable[[str], list[tuple[str, dict[str, Any]]]]
STARLETTE, AXUM = (load_contract().variants.variants[name] for name in ("starlette", "axum"))
# Records its commands and arguments, and answers like the real one.
AGENT = """
read -r arguments
printf '%s %s\\n' $1 "$arguments" >> {file}
case $1 in
    watch-*) echo '"ready"'; printf '%s\\n' '{watched}';;
    ceilings) echo '"ready"'; printf '%s\\n' '{ceilings}';;
    verify) echo '["healthz differs"]';;
    pressure) {pressure};;
    serve) {serve};;
    build) {build};;
esac
"""
SERVE = r"""echo '"ready"'; cat; printf '%s\n' '{"log": "as asked\n"}'"""
SEEN = [{"cores": cores, "rss_bytes": 2**20, "fds": 5, "connections": 7} for cores in (0.5, 1.0, 1.5)]
# haproxy's statistics before each of three windows and after the last: it has answered 10, 20, 30 and 40 requests.
STATISTICS = [
    f"# pxname,svname,req_tot,hrsp_5xx,econ,eresp,qmax\nservice-1,BACKEND,{number}0,0,0,0,3\n" for number in range(1, 5)
]
WATCHED = {"seen": SEEN, "answers": [[statistics, "", ""] for statistics in STATISTICS]}
PGBENCH = {"measured_seconds": 0.5, "transactions": 100, "mean_latency_ms": 2.0}
CEILINGS = {"seen": SEEN, "summaries": [PGBENCH, {"error": "pgbench did not run"}]}


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    """The commands that a host got, with their arguments."""

    def read(name: str) -> list[tuple[str, dict[str, Any]]]:
        file = tmp_path / f"asked-of-{name}"
        lines = [line.split(" ", 1) for line in file.read_text().splitlines()] if file.exists() else []
        return [(command, json.loads(arguments)) for command, arguments in lines]

    return read


@pytest.fixture
def new_stack(
    host: Callable[..., RemoteHost], applied: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> NewStack:
    """Makes a stack of stand-ins; `serve`, `pressure`, `build`: what a host's agent does then, by the host's name."""
    monkeypatch.setattr(ssh, "AGENT", "agent")
    outputs = Outputs.model_validate(applied)
    machine = Machine(system="Linux", cpu="EPYC", cores=2, memory_mib=4096, virtual="kvm", steal_percent=None)

    def make(
        serve: dict[str, str] | None = None,
        pressure: dict[str, str] | None = None,
        build: dict[str, str] | None = None,
        doubts: list[str] | None = None,
        service_hosts: tuple[int, ...] = (1, 2),
        *,
        postgres: bool = False,
    ) -> CloudStack:
        hosts: dict[str, list[RemoteHost]] = {"haproxy": [], "service": [], "generator": [], "postgres": []}
        facts = {}
        own = outputs.stack.hosts[0].model_copy(update={"name": "postgres", "tier": "postgres"})
        for number, about in enumerate([*outputs.stack.hosts, *([own] if postgres else [])]):
            told = asdict(Pressure(110.0, (number, 200.0), MIB * number, None))
            script = AGENT.format(
                file=tmp_path / f"asked-of-{about.name}",
                pressure=(pressure or {}).get(about.name, f"echo '{json.dumps(told)}'"),
                serve=(serve or {}).get(about.name, SERVE),
                build=(build or {}).get(about.name, "echo null"),
                watched=json.dumps(WATCHED),
                ceilings=json.dumps(CEILINGS),
            )
            made = host(about.name, agent=script)
            hosts[about.tier].append(RemoteHost(about, made.ssh))
            facts[about.name] = Facts(
                machine=machine.model_copy(),
                versions={"python": "3.13.5"},
                commit="0123456789ab",
                processors=2,
                pressure=Pressure(100.0, (0.0, 100.0), 0, None),
            )
        return CloudStack(
            outputs=outputs, hosts=hosts, facts=facts, connections=[], owner_dsn="", postgres_version="17.5",
            service_hosts=[*service_hosts], logs=tmp_path, doubts=doubts or [],
        )  # fmt: skip

    return make


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Of the first block."""
    (tmp_path / "blocks").mkdir()
    return tmp_path / "blocks" / "1"


def test_it_is_described_by_all_of_its_hosts(new_stack: NewStack) -> None:
    described = new_stack(doubts=["the clocks differ"]).describe()
    assert [(host.name, host.tier, host.usd_per_month, host.machine is None) for host in described.hosts] == [
        ("haproxy", "haproxy", 28, False),
        ("service1", "service", 28, False),
        ("service2", "service", 28, False),
        ("generator1", "generator", 28, False),
        ("generator2", "generator", 28, False),
        ("private-database.example", "postgres", 60, True),
    ]
    assert (described.kind, described.commit, described.pgbouncer) == ("terraform", "0123456789ab", "session")
    assert described.versions == {"python": "3.13.5", "postgres": "17.5"}
    assert (described.service_hosts, described.generator_processes) == ([1, 2], 4)
    assert described.notes[-1] == "the clocks differ"


def test_from_each_host_something_else_was_taken_and_from_one_the_most(new_stack: NewStack) -> None:
    disturbed = new_stack().disturbed()
    hosts = ["haproxy", "service1", "service2", "generator1", "generator2"]
    assert disturbed.by_host == {name: Disturbances(number, number, None) for number, name in enumerate(hosts)}
    assert disturbed.worst == Disturbances(4, 4, None)


@pytest.mark.parametrize("silent", ["echo no /proc >&2; exit 1", "echo half an ans", "exit 255", "echo '[0, 200]'"])
def test_a_host_that_does_not_tell_what_was_taken_loses_no_block(new_stack: NewStack, silent: str) -> None:
    disturbed = new_stack(pressure={"generator2": silent}).disturbed()
    assert disturbed.by_host["generator2"] == Disturbances()
    assert disturbed.worst == Disturbances(3, 3, None)


def test_only_what_is_measured_is_built_and_only_where_it_will_run(new_stack: NewStack, asked: Asked) -> None:
    new_stack(service_hosts=(1,)).build({"starlette": STARLETTE, "axum": AXUM})
    assert asked("service1") == [("build", {"variants": {"axum": AXUM.model_dump(mode="json")}})]
    assert asked("service2") == []


def test_what_needs_no_build_asks_no_host(new_stack: NewStack, asked: Asked) -> None:
    new_stack().build({"starlette": STARLETTE})
    assert asked("service1") == asked("service2") == []


def test_a_build_that_fails_names_its_host(new_stack: NewStack) -> None:
    stack = new_stack(build={"service2": "echo variant axum does not build: no such crate >&2; exit 1"})
    with pytest.raises(ShowdownError, match=r"(?s)^the build on service2 ended \(exit code 1\)\..*: no such crate$"):
        stack.build({"axum": AXUM})


def test_as_many_connections_are_there_as_the_pool_has(new_stack: NewStack) -> None:
    stack = new_stack()
    assert (stack.most_services, stack.available_connections()) == (3, 25)
    stack.outputs.stack.database.pool_mode = "transaction"
    assert stack.available_connections() is None


def test_services_run_on_all_hosts_each_at_its_place(new_stack: NewStack, asked: Asked, files: Path) -> None:
    with new_stack().block({"starlette": STARLETTE, "twin": STARLETTE}, files) as block:
        block.wait_until_ready()
        assert block.faults == {}
        assert [block.url(name) for name in ("starlette", "twin")] == ["http://10.10.0.2:80", "http://10.10.0.2:81"]
        of_first, of_second = asked("service1"), asked("service2")
    assert [len(of_first), len(of_second)] == [2, 2]
    for number, (command, arguments) in enumerate(of_first, start=1):
        assert command == "serve"
        assert arguments["place"] == number
        assert arguments["variant"] == STARLETTE.model_dump(mode="json")
        assert arguments["database_ca"].startswith("-----BEGIN CERTIFICATE-----")
        assert arguments["settings"] == {
            "HOST": "10.10.0.3",
            "PORT": str(7999 + number),
            # The file is the agent's to write.
            "DATABASE_URL": "postgresql://api:api%2Fs3cret@private-database.example:25061/showdown-pool"
            "?sslmode=verify-full&sslrootcert=/run/showdown/database-ca.crt",
        }


def test_a_hosts_log_of_a_service_grows_from_block_to_block(new_stack: NewStack, files: Path, tmp_path: Path) -> None:
    stack = new_stack()
    for _ in range(2):
        with stack.block({"starlette": STARLETTE}, files) as block:
            block.wait_until_ready()
    for host in ("service1", "service2"):
        assert (tmp_path / f"starlette-{host}.log").read_text() == "as asked\nas asked\n"


def test_the_contract_is_asked_of_each_host_by_a_neighbour(new_stack: NewStack, asked: Asked, files: Path) -> None:
    anything = STARLETTE.model_copy(update={"lookup": "random"})
    with new_stack().block({"starlette": STARLETTE, "random": anything}, files) as block:
        block.wait_until_ready()
        for name in ("starlette", "random"):
            assert block.differences(name) == ["service1: healthz differs", "service2: healthz differs"]
    assert asked("generator1") == [
        ("verify", {"url": f"http://10.10.0.{host}:{port}", "lookup": lookup})
        for port, lookup in ((8000, "by-id"), (8001, "random"))
        for host in (3, 4)
    ]


def test_one_that_does_not_start_is_a_fault_and_the_others_go_on(new_stack: NewStack, files: Path) -> None:
    broken = 'case "$arguments" in *\'"place": 2\'*) echo no such column >&2; exit 1;; *) ' + SERVE + ";; esac"
    with new_stack(serve={"service2": broken}).block({"fine": STARLETTE, "broken": STARLETTE}, files) as block:
        block.wait_until_ready()
        assert list(block.faults) == ["broken"]
        assert block.faults["broken"].startswith("broken on service2 ended at start (exit code 1)")
        assert block.faults["broken"].endswith("no such column")


def test_one_that_ends_under_load_is_a_fault(
    new_stack: NewStack, files: Path, eventually: Callable[[Callable[[], object]], None]
) -> None:
    dying = """echo '"ready"'; echo out of memory >&2; exit 1"""
    with new_stack(serve={"service1": dying}).block({"starlette": STARLETTE}, files) as block:
        eventually(lambda: block.faults)
        assert block.faults["starlette"].startswith("starlette on service1 ended under load (exit code 1)")


def windows() -> list[Window]:
    """On one host, on both, and of Postgres alone."""
    return [
        Window(at, at + 1, at + 2, at + 2.5, name, hosts)
        for at, name, hosts in ((100.0, "starlette", 1), (103.0, "starlette", 2), (106.0, None, 1))
    ]


def test_each_host_watches_itself_by_the_clock(
    new_stack: NewStack, asked: Asked, files: Path, tasks: Callable[[str], Tasks]
) -> None:
    locusts, ceilings = tasks("Locust"), tasks("pgbench")
    with new_stack().block({"starlette": STARLETTE}, files) as block:
        block.wait_until_ready()
        with block.watched(windows()) as watched:
            for generator in (locusts, locusts, ceilings):
                watched.between()
                watched.begin(generator)
                watched.look()
    one, both, alone = (watched.tiers(number, 1000) for number in range(3))
    assert {tier: usage.cpu_us_per_request for tier, usage in one.items()} == {
        "generator": 500, "haproxy": 500, "service": 500,
    }  # fmt: skip
    # The second window of the first host is the first one of the second host.
    assert both["service"].cpu_us_per_request == 1500
    assert both["haproxy"].cpu_us_per_request == both["generator"].cpu_us_per_request == 1000
    assert {tier: usage.cpu_us_per_request for tier, usage in alone.items()} == {"generator": 500}
    assert [proxy and (proxy.responses, proxy.most_queued) for proxy in map(watched.proxy, range(3))] == [
        (10, 3), (10, 3), None,
    ]  # fmt: skip

    ((command, arguments),) = asked("haproxy")
    assert command == "watch-haproxy"
    assert arguments["windows"] == [[101, 102], [104, 105], [107, 108]]
    assert [told[2:] for _, told in arguments["commands"]] == [
        [
            f"set server {backend}-1/service{host} state {state}"
            for backend in ("service", "health")
            for host, state in ((1, "ready"), (2, second))
        ]
        for second in ("maint", "ready")
    ] + [[], []]
    assert [round(moment) for moment, _ in arguments["commands"]] == [100, 103, 106, 109]
    assert ("watch-services", {"windows": [[101, 102], [104, 105]], "places": [1, 1]}) in asked("service1")
    assert ("watch-services", {"windows": [[104, 105]], "places": [1]}) in asked("service2")


def test_a_postgres_on_a_host_of_its_own_is_described_and_watched(
    new_stack: NewStack, asked: Asked, files: Path, tasks: Callable[[str], Tasks]
) -> None:
    stack, locusts = new_stack(postgres=True), tasks("Locust")
    described = stack.describe()
    assert [(host.name, host.machine is None) for host in described.hosts][-1] == ("postgres", False)
    assert described.notes == []
    with stack.block({"starlette": STARLETTE}, files) as block:
        block.wait_until_ready()
        with block.watched(windows()) as watched:
            for generator in (locusts, locusts, tasks("pgbench")):
                watched.begin(generator)
    assert [watched.tiers(number, 1000)["postgres"].cpu_us_per_request for number in range(3)] == [500, 1000, 1500]
    assert asked("postgres") == [("watch-postgres", {"windows": [[101, 102], [104, 105], [107, 108]]})]


def test_a_haproxy_that_does_not_obey_is_told(
    new_stack: NewStack, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(WATCHED, "answers", [["", "", "No such server.\n"]])
    with (
        new_stack().block({"starlette": STARLETTE}, files) as block,
        pytest.raises(ShowdownError, match=r"haproxy cannot say which hosts it has: No such server\."),
        block.watched(windows()),
    ):
        block.wait_until_ready()


def test_pgbench_runs_on_a_generator_host(new_stack: NewStack, asked: Asked, files: Path) -> None:
    turn = CeilingTurn(files, load_contract().scenarios.scenarios["recipe-detail"], 2_000, 20, 2, 100.0, 101.0, 102.0)
    with new_stack().block({}, files) as block, block.ceilings([turn, turn]) as ceilings:
        assert ceilings.begin(0) is ceilings.begin(1)
        ceilings.end()
    assert ceilings.summary(0).transactions_per_second == 200
    with pytest.raises(ShowdownError, match="pgbench did not run"):
        ceilings.summary(1)
    ((command, arguments),) = asked("generator1")
    assert command == "ceilings"
    assert [asked["connections"] for asked in arguments["turns"]] == [20, 20]


def test_its_clock_is_that_of_the_hosts(new_stack: NewStack, files: Path) -> None:
    stack = new_stack()
    stack.clock_offset = 3600
    with stack.block({}, files) as block:
        assert block.now() - time.time() == pytest.approx(3600, abs=60)


@pytest.fixture
def tasks(tmp_path: Path) -> Iterator[Callable[[str], Tasks]]:
    """Something that ends and tells what it has seen."""
    with ExitStack() as started:

        def make(name: str) -> Tasks:
            answer = json.dumps({"seen": SEEN})
            return started.enter_context(Tasks(name, [Task(name, ["echo", answer], {}, tmp_path / name)]))

        yield make


def test_a_connection_that_has_ended_is_a_lost_tier(
    new_stack: NewStack, tmp_path: Path, eventually: Callable[[Callable[[], object]], None]
) -> None:
    stack = new_stack()
    assert stack.lost() is None
    with (
        Process("SSH to haproxy", ["sleep", "600"], tmp_path / "one.log", as_ourselves=True) as held,
        Process("SSH to service1", ["sh", "-c", "exit 255"], tmp_path / "other.log", as_ourselves=True) as ended,
    ):
        eventually(lambda: not ended.running)
        stack.connections = [held, ended]
        assert stack.lost() is ended

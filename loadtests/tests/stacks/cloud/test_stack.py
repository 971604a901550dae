"""A stack of hosts is described, and its services are switched and requested, each on its host."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from showdown.contract.contract import load_contract
from showdown.generators.load import Load
from showdown.requests.scenarios import Profile
from showdown.stacks.cloud import ssh
from showdown.stacks.cloud.hosts import Facts
from showdown.stacks.cloud.outputs import Outputs
from showdown.stacks.cloud.ssh import RemoteHost
from showdown.stacks.cloud.stack import CloudStack
from showdown.stacks.cloud.tasks import TaskAnswer
from showdown.stacks.records import Machine
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
    haproxy) echo '["", ""]';;
    watch-haproxy) echo '"ready"'; cat; echo '{{"samples": []}}';;
    verify) echo '["healthz differs"]';;
    steal) {steal};;
    serve) {serve};;
    build) {build};;
esac
"""
SERVE = r"""echo '"ready"'; cat; printf '%s\n' '{"samples": [], "log": "as asked\n"}'"""


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
    """Makes a stack of stand-ins; `serve`, `steal` and `build`: what a host's agent does then, by the host's name."""
    monkeypatch.setattr(ssh, "AGENT", "agent")
    outputs = Outputs.model_validate(applied)
    machine = Machine(system="Linux", cpu="EPYC", cores=2, memory_mib=4096, virtual="kvm", steal_percent=None)

    def make(
        serve: dict[str, str] | None = None,
        steal: dict[str, str] | None = None,
        build: dict[str, str] | None = None,
        doubts: list[str] | None = None,
        service_hosts: tuple[int, ...] = (1, 2),
    ) -> CloudStack:
        hosts: dict[str, list[RemoteHost]] = {"haproxy": [], "service": [], "generator": []}
        facts = {}
        for number, about in enumerate(outputs.stack.hosts):
            script = AGENT.format(
                file=tmp_path / f"asked-of-{about.name}",
                steal=(steal or {}).get(about.name, f"echo '[{number}, 200]'"),
                serve=(serve or {}).get(about.name, SERVE),
                build=(build or {}).get(about.name, "echo null"),
            )
            made = host(about.name, agent=script)
            hosts[about.tier].append(RemoteHost(about, made.ssh))
            facts[about.name] = Facts(
                machine=machine.model_copy(),
                versions={"python": "3.13.5"},
                commit="0123456789ab",
                processors=2,
                steal=(0, 100),
            )
        return CloudStack(
            outputs=outputs, hosts=hosts, facts=facts, connections=[], owner_dsn="", postgres_version="17.5",
            service_hosts=[*service_hosts], logs=tmp_path, doubts=doubts or [],
        )  # fmt: skip

    return make


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """The load of the first round."""
    profile = Profile(description="", scenarios=["healthz"], rounds=1, users=1, warm_up_seconds=1, measure_seconds=1)
    files = tmp_path / "rounds" / "1-healthz-starlette"
    files.parent.mkdir()
    return Load(
        "http://10.10.0.2:80", "healthz", load_contract().scenarios.scenarios["healthz"], profile, 2_000, 1, files
    )


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
    assert described.missing[-1] == "the clocks differ"


def test_each_host_has_its_own_stolen_time_and_one_the_most(new_stack: NewStack) -> None:
    stack = new_stack()
    steal = stack.steal()
    assert steal.by_host == {"haproxy": 0, "service1": 1, "service2": 2, "generator1": 3, "generator2": 4}
    assert steal.most == 4


@pytest.mark.parametrize("silent", ["echo no /proc >&2; exit 1", "echo half an ans", "exit 255"])
def test_a_host_that_does_not_tell_its_stolen_time_loses_no_round(new_stack: NewStack, silent: str) -> None:
    stack = new_stack(steal={"generator2": silent})
    steal = stack.steal()
    assert steal.by_host == {"haproxy": 0, "service1": 1, "service2": 2, "generator1": 3, "generator2": None}
    assert steal.most == 3


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


def test_a_service_runs_on_as_many_hosts_as_asked_for(new_stack: NewStack, asked: Asked, load: Load) -> None:
    with new_stack().service("starlette", STARLETTE, 1, load) as service:
        assert asked("haproxy") == [
            (
                "haproxy",
                {
                    "commands": [
                        "set server service/service1 state ready",
                        "set server service/service2 state maint",
                        "set server health/service1 state ready",
                        "set server health/service2 state maint",
                    ]
                },
            ),
            ("watch-haproxy", {}),
        ]
        ((command, arguments),) = asked("service1")
        assert asked("service2") == []
        assert service.running
    assert command == "serve"
    assert (arguments["name"], arguments["variant"]) == ("starlette", STARLETTE.model_dump(mode="json"))
    assert arguments["database_ca"].startswith("-----BEGIN CERTIFICATE-----")
    assert arguments["settings"] == {
        "HOST": "10.10.0.3",
        "PORT": "8000",
        # The agent writes the file.
        "DATABASE_URL": "postgresql://api:api%2Fs3cret@private-database.example:25061/showdown-pool"
        "?sslmode=verify-full&sslrootcert=/run/showdown/database-ca.crt",
    }
    assert service.exit_code == 0


def test_on_all_hosts_it_is_watched_as_one(new_stack: NewStack, load: Load) -> None:
    with new_stack().service("starlette", STARLETTE, 2, load) as service:
        assert service.running
        assert service.answers() == [TaskAnswer(samples=[], log="as asked\n")] * 2


def test_a_hosts_log_of_a_service_grows_from_round_to_round(new_stack: NewStack, load: Load, tmp_path: Path) -> None:
    stack = new_stack()
    for hosts in (1, 2):
        with stack.service("starlette", STARLETTE, hosts, load):
            pass
    assert (tmp_path / "starlette-service1.log").read_text() == "as asked\nas asked\n"
    assert (tmp_path / "starlette-service2.log").read_text() == "as asked\n"


def test_each_round_has_files_of_its_own(new_stack: NewStack, load: Load) -> None:
    stack, later = new_stack(), load.files.with_name("2-healthz-starlette")
    for each in (load, replace(load, files=later)):
        with stack.service("starlette", STARLETTE, 2, each):
            pass
    assert {path.name for path in later.parent.iterdir()} == {
        f"{number}-healthz-starlette-{host}.{kind}"
        for number in (1, 2)
        for host in ("haproxy", "service1", "service2")
        for kind in ("jsonl", "log")
    }


def test_the_contract_is_asked_of_each_host_by_a_neighbour(new_stack: NewStack, asked: Asked, load: Load) -> None:
    stack = new_stack()
    with stack.service("starlette", STARLETTE, 2, load):
        assert stack.differences() == ["service1: healthz differs", "service2: healthz differs"]
    with stack.service("starlette", STARLETTE, 1, load):
        assert stack.differences("random") == ["service1: healthz differs"]
    first, second = ({"url": f"http://10.10.0.{number}:8000", "lookup": "by-id"} for number in (3, 4))
    assert asked("generator1") == [("verify", first), ("verify", second), ("verify", first | {"lookup": "random"})]


def test_one_that_does_not_start_ends_all(new_stack: NewStack, load: Load) -> None:
    stack = new_stack(serve={"service2": "echo no such column >&2; exit 1"})
    with (
        pytest.raises(
            ShowdownError, match=r"(?s)^starlette on service2 ended at start \(exit code 1\).*no such column$"
        ),
        stack.service("starlette", STARLETTE, 2, load),
    ):
        pytest.fail("it has not started")
    # The other has been let go of.
    for name in ("service1", "haproxy"):
        answer = load.files.with_name(f"{load.files.name}-{name}.jsonl").read_text().splitlines()[-1]
        assert json.loads(answer)["samples"] == []


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

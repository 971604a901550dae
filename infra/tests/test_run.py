"""`showdown run --stack terraform` on test hosts: its results, and what can go wrong."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from lab.cloud import Cloud
from lab.network import cut_off
from showdown.measure.plan import BLOCKS
from showdown.measure.results import SCHEMA, Run, read_run

# The first test waits until the session's hosts are set up.
pytestmark = pytest.mark.timeout(1800)

Eventually = Callable[[Callable[[], object]], None]
RECIPES = "2000"
# With brackets, so that pgrep does not find the shell that runs it.
WORKERS = "pgrep --full '[l]ocust .*--worker'"


@dataclass(frozen=True)
class Finished:
    """A run that has ended."""

    folder: Path
    process: subprocess.CompletedProcess[str]

    @property
    def run(self) -> Run:
        return read_run(self.folder)


def command(cloud: Cloud, folder: Path, *options: str) -> list[str]:
    program = str(Path(sys.executable).parent / "showdown")
    identity = str(cloud.key)
    return [
        program, "run", "--stack", "terraform", "--identity", identity, "--profile", "smoke", "--size", RECIPES,
        "--out", str(folder), *options,
    ]  # fmt: skip


def environment(cloud: Cloud) -> dict[str, str]:
    """Terraform finds the state as it would in the folder in which the stack was applied."""
    return {
        **os.environ, **cloud.lab.repository.environment(), "TF_CLI_ARGS_output": f"-state={cloud.state}",
        "COLUMNS": "200",
    }  # fmt: skip


@pytest.fixture(scope="module")
def finished(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("cloud") / "run"
    asked = ["--variants", "starlette,axum", "--service-hosts", "1,2"]
    process = subprocess.run(
        command(cloud, folder, *asked), env=environment(cloud), capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return Finished(folder, process)


def test_each_variant_is_measured_on_each_number_of_hosts(finished: Finished) -> None:
    run = finished.run
    assert run.finished_at is not None
    assert run.faults == []
    assert sorted({(slice_.variant, slice_.service_hosts) for slice_ in run.slices}) == [
        ("axum", 1),
        ("axum", 2),
        ("starlette", 1),
        ("starlette", 2),
        ("starlette-twin", 1),
        ("starlette-twin", 2),
    ]
    assert Counter(slice_.lap for slice_ in run.slices if slice_.variant == "axum") == {1: 2, 2: 2}
    # With it, starlette is up in every group of services that the pool has connections for.
    assert {slice_.group for slice_ in run.slices if slice_.variant == "starlette"} == {1, 2, 3}
    assert [ceiling.lap for ceiling in run.ceilings] == [2]
    assert run.ceilings[0].requests_per_second > 0


def test_its_results_are_of_the_form_of_a_local_runs(finished: Finished) -> None:
    document: Any = json.loads((finished.folder / "results.json").read_bytes())
    assert list(Draft202012Validator(json.loads(SCHEMA.read_text())).iter_errors(document)) == []


def test_every_answer_was_right_and_took_one_statement(finished: Finished, cloud: Cloud) -> None:
    for result in finished.run.slices:
        assert result.requests > 0
        assert (result.errors, result.failures) == (0, {})
        assert result.work is not None
        assert result.work.statements_per_request == pytest.approx(1, abs=0.2)
        # Connections of other variants count, for pgbouncer keeps them, and this owner does not see which are in use.
        assert 0 < result.work.peak_connections <= cloud.outputs["stack"]["database"]["pool_size"]
    assert any("does not tell its owner when connections were used" in doubt for doubt in finished.run.notes)


def test_each_tier_was_watched_on_its_own_hosts(finished: Finished) -> None:
    for result in finished.run.slices:
        assert set(result.tiers) == {"generator", "haproxy", "service"}
        for tier in result.tiers.values():
            assert tier.cpu_us_per_request is not None
            assert tier.cpu_us_per_request > 0
            assert tier.peak_rss_mib > 0
            assert tier.peak_fds
        assert result.proxy is not None
        assert result.proxy.responses >= result.requests
        assert (result.proxy.server_errors, result.proxy.connection_errors) == (0, 0)


def test_its_hosts_are_described_and_priced(finished: Finished, cloud: Cloud) -> None:
    run = finished.run
    assert (run.stack, run.pgbouncer, run.service_hosts) == ("terraform", "session", [1, 2])
    assert [(host.name, host.tier) for host in run.hosts] == [
        ("haproxy", "haproxy"),
        ("service1", "service"),
        ("service2", "service"),
        ("generator1", "generator"),
        ("generator2", "generator"),
        (cloud.outputs["stack"]["database"]["host"], "postgres"),
    ]
    assert run.generator_processes == 2 * (os.cpu_count() or 1)
    for host in run.hosts:
        assert host.usd_per_month
        assert (host.machine is None) == (host.tier == "postgres")


def test_people_see_what_a_dollar_brings_as_hosts_grow(finished: Finished) -> None:
    # In italics where it has no rank, as in a run of one block.
    report = (finished.folder / "report.md").read_text().replace("*", "")
    for row in ("starlette, 1 host ", "starlette, 2 hosts ", "axum, 1 host ", "axum, 2 hosts "):
        assert f"| {row}" in report
    assert "req/s per USD/month" in report
    assert (finished.folder / "recipe-detail-per-usd.svg").exists()


def test_no_password_is_written_down(finished: Finished, cloud: Cloud) -> None:
    passwords = [user["password"] for user in cloud.outputs["database_users"].values()]
    for path in (path for path in finished.folder.rglob("*") if path.is_file()):
        text = path.read_text(errors="replace")
        assert [password for password in passwords if password in text] == [], path


def test_nothing_runs_on_the_hosts_afterwards(finished: Finished, cloud: Cloud) -> None:
    assert finished.folder.exists()
    for name, host in cloud.hosts.items():
        assert "locust" not in host.run("ps -eo args").stdout
        assert not host.run("ls -A /run/showdown").stdout.count("service-")
        assert host.run("ps -eo user").stdout.count("showdown") == (2 if name == "haproxy" else 0)


@dataclass
class UnderWay:
    """A run whose load has begun."""

    folder: Path
    process: subprocess.Popen[str]


@pytest.fixture
def start_run(cloud: Cloud, tmp_path: Path, eventually: Eventually) -> Iterator[Callable[..., UnderWay]]:
    """Starts a run, and returns when the workers of its first block wait for the timetable."""
    with ExitStack() as started:

        def start(*options: str) -> UnderWay:
            folder = tmp_path / "run"
            process = subprocess.Popen(
                command(cloud, folder, *options), env=environment(cloud),
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
            started.callback(process.communicate)
            started.callback(process.terminate)
            # The recorders are started then. The workers that find the generator's ceiling are others.
            eventually(lambda: process.poll() is not None or (folder / BLOCKS / "1-haproxy.jsonl").exists())
            assert process.poll() is None, process.communicate()
            return UnderWay(folder, process)

        yield start


def test_a_worker_that_is_killed_in_mid_run_is_reported(cloud: Cloud, start_run: Callable[..., UnderWay]) -> None:
    under_way = start_run("--variants", "axum", "--scenarios", "healthz,recipe-detail")
    cloud.hosts["generator2"].run(f"kill -9 $({WORKERS} | head -1)")
    output, errors = under_way.process.communicate()
    assert under_way.process.returncode == 1, output + errors
    assert "Traceback" not in errors
    assert "blocks that a contender has lost: " in errors
    run = read_run(under_way.folder)
    assert {fault.block for fault in run.faults} == {1}
    for fault in run.faults:
        assert "Locust's worker" in fault.reason
        assert "on generator2 ended in mid-run" in fault.reason
    # The other blocks were measured.
    assert run.finished_at is not None


def test_a_second_run_is_told_of_the_first_which_ctrl_c_ends_in_order(
    cloud: Cloud, start_run: Callable[..., UnderWay], tmp_path: Path, eventually: Eventually
) -> None:
    first = start_run("--variants", "axum", "--profile", "quick")
    second = subprocess.run(
        command(cloud, tmp_path / "second"), env=environment(cloud), capture_output=True, text=True, check=False
    )
    assert second.returncode == 1
    assert "another run uses these hosts (" in second.stderr
    first.process.send_signal(signal.SIGINT)
    _, errors = first.process.communicate()
    assert first.process.returncode == 130
    assert "showdown: interrupted; everything that was started has been stopped" in errors
    eventually(lambda: idle(cloud))


def test_a_host_that_is_lost_ends_the_run_and_stops_what_runs_on_it(
    cloud: Cloud, start_run: Callable[..., UnderWay], eventually: Eventually
) -> None:
    under_way = start_run("--variants", "axum", "--profile", "quick")
    with cut_off(cloud.hosts["service1"].private):
        _, errors = under_way.process.communicate()
    assert under_way.process.returncode == 1
    assert "showdown: SSH to service1 ended in mid-run (exit code 255)." in errors
    assert "Traceback" not in errors
    # The host finds the connection dead, too.
    eventually(lambda: idle(cloud))


def idle(cloud: Cloud) -> bool:
    """Whether neither the agent nor Locust runs on any host."""
    return not any(
        host.run("pgrep --full '[s]howdown\\.host|[l]ocust'", check=False).stdout for host in cloud.hosts.values()
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--service-hosts", "3"], "--service-hosts 3: choose from 1 to 2, or apply with a larger service_count"),
        (["--service-hosts", "one"], "--service-hosts is a list of numbers such as 1,2,3, not 'one'"),
        (["--direct"], "--stack terraform does not go with --direct"),
    ],
)
def test_what_cannot_be_is_refused_at_once(cloud: Cloud, tmp_path: Path, options: list[str], message: str) -> None:
    process = subprocess.run(
        command(cloud, tmp_path / "run", *options), env=environment(cloud), capture_output=True, text=True, check=False
    )
    assert process.returncode == 1
    assert message in process.stderr
    assert not (tmp_path / "run").exists()

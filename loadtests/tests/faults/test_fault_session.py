"""`showdown faults` from end to end, with short spans: what is caused is told, and what is promised is kept."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from showdown.contract.contract import load_contract
from showdown.faults import fault_plan, fault_session
from showdown.faults.fault_plan import FaultPlan, plan_faults
from showdown.faults.fault_report import FILE as REPORT
from showdown.faults.fault_results import FILE, Faults
from showdown.faults.fault_session import faults
from showdown.measure.rates import Capacity
from showdown.measure.results import Run
from showdown_stack import programs

Eventually = Callable[[Callable[[], object]], None]
SHOWDOWN = Path(sys.executable).parent / "showdown"
pytestmark = [
    pytest.mark.skipif(programs.find("haproxy") is None, reason="haproxy is not installed"),
    pytest.mark.timeout(150),
]


def planned(names: str, variants: str = "starlette") -> FaultPlan:
    """With short spans, at a low rate."""
    plan = plan_faults(variants, names, None, 1, load_contract(), None)
    short = {name: fault.model_copy(update={"watched_seconds": 2.0}) for name, fault in plan.faults.items()}
    return FaultPlan(plan.run, plan.acknowledged, short)


@pytest.fixture(autouse=True)
def low_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine does beside this."""
    monkeypatch.setattr(fault_plan, "PERCENT_OF_CAPACITY", 5.0)
    monkeypatch.setattr(fault_plan, "CAPACITY_SECONDS", 0.5)
    monkeypatch.setattr(fault_plan, "CAPACITY_WARM_UP_SECONDS", 0.5)


def test_what_is_caused_is_told_and_written_down(
    own_state: Path, reachable_folder: Path, mentioning: Callable[[Path], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = reachable_folder / "faults"
    found = faults(planned("worker-killed,rolling-restart"), folder)
    assert Faults.model_validate_json((folder / FILE).read_bytes()) == found
    by_name = {each.fault: each for each in found.measured}
    killed, rolling = by_name["worker-killed"], by_name["rolling-restart"]
    assert [line.action for line in killed.done] == ["kill -9 of a worker", "its master starts another"]
    assert killed.control
    assert killed.control.failures == 0
    assert killed.acknowledged > 0
    assert [line.action for line in rolling.done] == [
        "haproxy drains instance 1", "SIGTERM", "started again", "haproxy asks instance 1 again",
        "haproxy drains instance 2", "SIGTERM", "started again", "haproxy asks instance 2 again",
    ]  # fmt: skip
    assert rolling.faulted
    assert rolling.faulted.failed == {}
    assert [each.broken for each in found.measured] == [[], []]
    assert "starlette, at " in capsys.readouterr().out
    assert "rolling-restart" in (folder / REPORT).read_text()
    assert own_state.exists()
    assert mentioning(own_state) == []


@pytest.fixture
def known_capacity(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that need no true one."""

    def measure(run: Run, *_: object) -> None:
        assert run.rate
        run.rate.capacities = [
            Capacity(variant=name, scenario=scenario, service_hosts=1, requests_per_second=400.0)
            for name in run.variants
            for scenario in run.profile.scenarios
        ]

    monkeypatch.setattr(fault_session, "measure_capacities", measure)


@pytest.mark.usefixtures("known_capacity")
def test_a_fault_that_nothing_shows_is_code_1(
    own_state: Path, reachable_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Here it is not even caused."""
    monkeypatch.setattr("showdown.faults.fault_run.ACTIONS", {"kill-worker": lambda _: None})
    with pytest.raises(typer.Exit) as ended:
        faults(planned("worker-killed"), reachable_folder / "faults")
    assert ended.value.exit_code == 1
    assert "promises that were broken: starlette under worker-killed" in capsys.readouterr().err
    (one,) = Faults.model_validate_json((reachable_folder / "faults" / FILE).read_bytes()).measured
    assert "nothing was done" in one.broken
    assert own_state.exists()


@pytest.mark.usefixtures("known_capacity")
def test_what_this_machine_lacks_is_left_out_and_said(
    own_state: Path, reachable_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    find = programs.find
    monkeypatch.setattr(programs, "find", lambda name: None if name == "pgbouncer" else find(name))
    with pytest.raises(typer.Exit):
        faults(planned("pgbouncer-restarted"), reachable_folder / "faults")
    assert "pgbouncer-restarted was left out: pgbouncer is not installed" in capsys.readouterr().out
    assert own_state.exists()


def test_ctrl_c_keeps_what_is_finished_and_restores_what_was_stopped(
    own_state: Path, reachable_folder: Path, eventually: Eventually, mentioning: Callable[[Path], list[str]]
) -> None:
    folder = reachable_folder / "faults"
    command = [
        str(SHOWDOWN), "faults", "--variants", "starlette", "--faults", "haproxy-reloaded,postgres-frozen", "--json",
        "--out", str(folder),
    ]  # fmt: skip
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env={**os.environ, "NO_COLOR": "1"}) as process:
        eventually(lambda: process.poll() is not None or (folder / FILE).exists())
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate()
    assert process.returncode == 130, errors
    assert "showdown: interrupted; everything that was started has been stopped" in errors
    found = Faults.model_validate_json(output)
    assert (found.finished_at, len(found.measured)) == (None, 1)
    assert json.loads((folder / FILE).read_text()) == json.loads(output)
    assert mentioning(own_state) == []


def test_faults_that_need_the_same_tiers_share_a_stack() -> None:
    stacks = [
        (options.pgbouncer, options.link, options.upstream, options.instances, options.disk_mib is not None, [*names])
        for options, names in planned("worker-killed,haproxy-reloaded,rolling-restart,disk-full,upstream-slow").stacks()
    ]
    assert stacks == [
        (None, False, False, 1, False, ["worker-killed", "haproxy-reloaded"]),
        (None, False, False, 2, False, ["rolling-restart"]),
        (None, False, False, 1, True, ["disk-full"]),
        (None, False, True, 1, False, ["upstream-slow"]),
    ]

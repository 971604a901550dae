"""A round ends in a result, or in an error that says why it has none."""

import errno
import os
import shlex
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import hostile
import psutil
import pytest
from showdown.contenders.variants import Variant
from showdown.contract.contract import load_contract
from showdown.generators.load import Load
from showdown.generators.measurement import Latency, LoadSummary
from showdown.measure import rounds
from showdown.measure.rounds import Round, RoundError, StackLostError, measure_variant
from showdown.requests.scenarios import Profile, Scenario
from showdown.stacks.local import LocalStack
from showdown_stack.ports import accepts
from showdown_stack.process import Process
from showdown_stack.tiers import TierOptions, Tiers

STARLETTE = load_contract().variants.variants["starlette"]
Eventually = Callable[[Callable[[], object]], None]
RECIPES = 2_000
PROFILE = Profile(description="", scenarios=["healthz"], rounds=1, users=1, warm_up_seconds=1, measure_seconds=1)
# It comes up, but has no other answer.
STUBBORN = """
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

class Stubborn(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Stubborn).serve_forever()
"""


@dataclass
class Scripted:
    """A generator that runs a shell script and reports a given measurement."""

    script: str
    measured_seconds: float = 1.0
    on_check: Callable[[], object] = lambda: None

    def require(self, name: str, scenario: Scenario, recipes: int) -> None:
        """Do nothing."""

    def versions(self) -> dict[str, str]:
        return {}

    def prepare(self, load: Load) -> None:
        """Do nothing."""

    def start(self, load: Load) -> Process:
        return Process("generator", ["sh", "-c", self.script], load.file(".log"), as_ourselves=True)

    def check(self, load: Load) -> None:
        assert load.scenario_name == "healthz"
        self.on_check()

    def summary(self, load: Load) -> LoadSummary:
        assert load.file(".log").exists()
        return LoadSummary(
            measured_from=0,
            measured_to=self.measured_seconds,
            measured_seconds=self.measured_seconds,
            requests=100,
            errors=1,
            latency_ms=Latency(p50=1, p90=2, p95=3, p99=4, max=5),
            failures={"status 500": 1},
            total_requests=150,
        )


@pytest.fixture
def round_(stack: Tiers, tmp_path: Path) -> Round:
    load = Load(
        stack.url, "healthz", load_contract().scenarios.scenarios["healthz"], PROFILE, RECIPES, 1, tmp_path / "round"
    )
    whole = LocalStack(stack, TierOptions(load_contract(), RECIPES), load_contract())
    return Round(whole, load, number=7, service_hosts=1, on_progress=lambda _: None)


def test_a_result_is_what_the_generator_saw_and_what_the_tiers_cost(round_: Round) -> None:
    result = measure_variant(round_, "mine", STARLETTE, Scripted("sleep 0.1"))
    assert (result.variant, result.scenario, result.round) == ("mine", "healthz", 7)
    assert (result.requests, result.errors, result.requests_per_second) == (100, 1, 99)
    assert result.failures == {"status 500": 1}
    assert {"generator", "service", "postgres"} <= set(result.tiers)
    assert result.tiers["service"].peak_rss_mib > 0
    assert result.work is not None
    assert (result.work.statements_per_request, result.work.peak_connections) == (0, 20)


def test_a_service_that_breaks_the_contract_is_not_measured(round_: Round) -> None:
    stubborn = Variant(description="", command=[sys.executable, "-c", STUBBORN], workers=1, pool=1)
    with pytest.raises(RoundError, match=r"breaks the contract in \d+ golden cases, the first: healthz\n"):
        measure_variant(round_, "stubborn", stubborn, Scripted("exit 1"))


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        (["garbage"], r"hostile is not ready after 2 s\."),
        (["endless-headers"], r"hostile is not ready after 2 s\."),
        (["silent"], r"hostile is not ready after 2 s\."),
        (["garbage", "--healthy"], "breaks the contract in .* no answer: BadStatusLine"),
        (["endless-body", "--healthy"], "breaks the contract in .* the body is longer: only its first"),
        (["dripping-body", "--healthy"], "breaks the contract in .* no answer: TimeoutError"),
        (["elsewhere", "--healthy"], "breaks the contract in .* status 302, expected"),
    ],
)
def test_a_service_that_answers_as_none_does_has_no_result_in_time(
    round_: Round, monkeypatch: pytest.MonkeyPatch, behaviour: list[str], message: str
) -> None:
    monkeypatch.setattr("showdown_stack.tiers.SERVICE_START_SECONDS", 2)
    monkeypatch.setattr("showdown.contenders.verify.ANSWER_SECONDS", 0.5)
    monkeypatch.setattr("showdown.contenders.verify.REPLAY_SECONDS", 2)
    command = [sys.executable, "-c", Path(hostile.__file__).read_text(), *behaviour]
    contender = Variant(description="", command=command, workers=1, pool=1)
    with pytest.raises(RoundError, match=f"(?s){message}"):
        measure_variant(round_, "hostile", contender, Scripted("exit 1"))


def test_a_disk_that_is_full_is_said(round_: Round) -> None:
    def fill() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(RoundError, match="No space left on device"):
        measure_variant(round_, "mine", STARLETTE, Scripted("sleep 600", on_check=fill))


def test_a_service_that_does_not_start_is_shown_with_its_log(round_: Round) -> None:
    unset = STARLETTE.model_copy(update={"environment": {"PLAN": "sometimes"}})
    with pytest.raises(RoundError, match=r"mine exited with code \d+ at start\.\n(.|\n)*PLAN"):
        measure_variant(round_, "mine", unset, Scripted("exit 1"))


def test_a_program_that_is_not_there_is_named(round_: Round) -> None:
    absent = Variant(description="", command=["no-such-program"], workers=1, pool=1)
    with pytest.raises(RoundError, match="variant mine: its program no-such-program is not there"):
        measure_variant(round_, "mine", absent, Scripted("exit 1"))


def test_a_generator_that_fails_is_shown_with_its_log(round_: Round) -> None:
    with pytest.raises(RoundError, match=r"generator failed \(exit code 3\)\.\n(.|\n)*no more sockets"):
        measure_variant(round_, "mine", STARLETTE, Scripted("echo no more sockets; exit 3"))


def test_a_generator_that_hangs_is_ended(round_: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "GRACE_SECONDS", -10)
    with pytest.raises(RoundError, match=r"generator does not end\."):
        measure_variant(round_, "mine", STARLETTE, Scripted("sleep 600"))


def test_a_generator_that_measured_too_little_has_no_result(round_: Round) -> None:
    with pytest.raises(RoundError, match=r"only 0\.8 of 1 s were measured: the machine is overloaded"):
        measure_variant(round_, "mine", STARLETTE, Scripted("true", measured_seconds=0.8))


def test_a_service_that_ends_under_load_has_no_result(round_: Round, stack: Tiers, eventually: Eventually) -> None:
    def kill() -> None:
        for keeper in psutil.Process().children():
            with suppress(psutil.NoSuchProcess):
                for child in keeper.children():
                    if child.environ().get("PORT") == str(stack.service_port):
                        child.kill()

    with pytest.raises(RoundError, match=r"the service ended under load \(exit code -9\)\."):
        measure_variant(round_, "mine", STARLETTE, Scripted("sleep 600", on_check=kill))
    # Its workers outlived it, and were killed too.
    eventually(lambda: not accepts(stack.service_port))


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux: nothing else tells of orphans")
def test_a_service_that_leaves_a_process_which_has_to_be_killed_has_no_result(round_: Round) -> None:
    daemonised = STARLETTE.model_copy(
        update={"command": ["sh", "-c", f"trap '' TERM; (setsid sleep 600 &); exec {shlex.join(STARLETTE.command)}"]}
    )
    with pytest.raises(RoundError, match=r"mine did not end when it was asked to: killed sleep \(process \d+\)"):
        measure_variant(round_, "mine", daemonised, Scripted("sleep 0.1"))


def test_a_tier_that_ends_ends_the_run(round_: Round, stack: Tiers, tmp_path: Path) -> None:
    with Process("haproxy", ["sh", "-c", "echo out of memory; sleep 600"], tmp_path / "haproxy.log") as tier:
        assert stack.haproxy is not None
        parts = replace(stack, haproxy=replace(stack.haproxy, process=tier))
        fragile = replace(round_, stack=LocalStack(parts, TierOptions(load_contract(), RECIPES), load_contract()))
        with pytest.raises(StackLostError, match=r"haproxy ended in mid-run \(exit code -15\)\.\n(.|\n)*out of memory"):
            measure_variant(fragile, "mine", STARLETTE, Scripted("sleep 600", on_check=tier.stop))

"""A block gives slices of all that could be measured, and a reason for each contender that could not."""

import errno
import os
import shlex
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import hostile
import psutil
import pytest
from showdown.contenders.variants import Variant
from showdown.contract.contract import load_contract
from showdown.generators.latencies import encoded, new_histogram
from showdown.generators.load import Generator, Load
from showdown.generators.locust import LocustGenerator
from showdown.generators.measurement import Arrivals, Counted, LoadSummary
from showdown.generators.timetable import Timetable
from showdown.measure.blocks import BlockError, measure_block
from showdown.measure.course import BlockPlan, BlockResult, Listener, StackLostError
from showdown.measure.results import Run
from showdown.measure.schedule import CEILING, WARM_UP, Turn
from showdown.measure.work import Counts, WorkCounter
from showdown.requests.scenarios import Profile, Scenario
from showdown.stacks.local import LocalStack
from showdown_stack.ports import accepts
from showdown_stack.process import Process
from showdown_stack.tiers import TierOptions, Tiers

CONTRACT = load_contract()
STARLETTE = CONTRACT.variants.variants["starlette"]
SCENARIOS = {name: CONTRACT.scenarios.scenarios[name] for name in ("healthz", "recipe-detail")}
RECIPES = 2_000
Eventually = Callable[[Callable[[], object]], None]
PROFILE = Profile(
    description="", scenarios=["healthz"], blocks=1, laps=1, users=2, warm_up_seconds=0.5, slice_seconds=0.5
)
# Comes up, and knows no other answer.
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
    """A generator that runs a shell script and says that it has seen so much of each entry."""

    script: str = "sleep 600"
    right: int = 99
    arrivals: Arrivals | None = None
    on_check: Callable[[], object] = lambda: None

    def require(self, name: str, scenario: Scenario, size: int) -> None:
        """Nothing."""

    def versions(self) -> dict[str, str]:
        return {}

    def start(self, load: Load) -> "ScriptedLoading":
        return ScriptedLoading(
            self, Process("generator", ["sh", "-c", self.script], load.file(".log"), as_ourselves=True)
        )


@dataclass
class ScriptedLoading:
    generator: Scripted
    process: Process
    timetable: Timetable = field(default_factory=list)
    begun: list[int] = field(default_factory=list)

    def wait_until_ready(self) -> None:
        """It is."""

    def follow(self, timetable: Timetable) -> None:
        self.timetable = timetable

    def begin(self, index: int) -> None:
        self.begun.append(index)

    def check(self) -> None:
        self.generator.on_check()

    def stop(self) -> None:
        self.process.stop()

    def summary(self) -> LoadSummary:
        histogram = encoded(new_histogram())
        seen = Counted(
            measured_seconds=0.5,
            requests=self.generator.right + 1,
            errors=1,
            histogram=histogram,
            failures={"status 500": 1},
            total_requests=150,
            arrivals=self.generator.arrivals,
        )
        return LoadSummary(entries=[seen] * len(self.timetable))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@dataclass
class Block:
    """A block of some variants, on the shared stack."""

    run: Run
    stack: Tiers
    files: Path
    told: list[str] = field(default_factory=list)
    result: BlockResult = field(default_factory=BlockResult)

    def measure(
        self,
        generator: Generator,
        *,
        turns: list[Turn] | None = None,
        verify: bool = True,
        rates: Callable[[Turn], float | None] = lambda _: None,
    ) -> BlockResult:
        names = list(self.run.variants)
        by_default = [Turn(lap, "healthz", name) for lap in (WARM_UP, 1) for name in names]
        plan = BlockPlan(
            run=self.run,
            number=1,
            group=1,
            turns=by_default if turns is None else turns,
            scenarios=SCENARIOS,
            connections=3,
            files=self.files,
            drains={(name, "healthz"): 0.2 for name in names},
            verify=frozenset(names if verify else []),
            rates=rates,
        )
        listener = Listener(
            on_step=self.told.append,
            on_turn=lambda turn: self.told.append(f"{turn.contender} {turn.lap}"),
            on_seconds=lambda _: None,
        )
        stack = LocalStack(self.stack, TierOptions(CONTRACT, RECIPES), CONTRACT)
        measure_block(plan, stack, generator, listener, self.result)
        return self.result


@pytest.fixture
def block(run: Run, stack: Tiers, tmp_path: Path) -> Block:
    """Of one variant, mine."""
    empty = {"slices": [], "ceilings": [], "profile": PROFILE, "variants": {"mine": STARLETTE}, "baseline": "mine"}
    return Block(run.model_copy(update=empty), stack, tmp_path / "block")


def with_contender(block: Block, *command: str) -> Block:
    """The same, and another one that runs this."""
    block.run.variants = {"mine": STARLETTE, "other": Variant(description="", command=list(command), workers=1, pool=1)}
    return block


def reason(block: Block, name: str = "other") -> str:
    """Why one lost the block; the others did not."""
    (fault,) = block.result.faults
    assert (fault.variant, fault.block) == (name, 1)
    assert {slice_.variant for slice_ in block.result.slices} == block.run.variants.keys() - {name}
    return fault.reason


def test_a_slice_is_what_the_generator_saw_and_what_the_tiers_cost(block: Block) -> None:
    (slice_,) = block.measure(Scripted()).slices
    assert (slice_.variant, slice_.scenario, slice_.block, slice_.lap) == ("mine", "healthz", 1, 1)
    assert (slice_.requests, slice_.errors, slice_.requests_per_second) == (100, 1, 198)
    assert slice_.asked_requests_per_second is None
    assert slice_.failures == {"status 500": 1}
    assert {"generator", "service", "postgres"} <= set(slice_.tiers)
    assert slice_.tiers["service"].peak_rss_mib > 0
    if slice_.work:
        assert slice_.work.statements_per_request == 0
        assert slice_.work.active_connections == 0
    assert block.told == ["starting the services", "verifying mine", "mine 0", "mine 1"]


def test_where_requests_arrive_at_a_rate_the_slice_says_how_many_were_due(block: Block) -> None:
    arrivals = Arrivals(due=120, sent=118, unsent=2)
    (slice_,) = block.measure(Scripted(arrivals=arrivals), verify=False, rates=lambda _: 240).slices
    assert (slice_.asked_requests_per_second, slice_.arrivals) == (240, arrivals)


def test_several_are_up_at_once_and_the_ceiling_has_its_turn(block: Block) -> None:
    block.run.variants = {"mine": STARLETTE, "again": STARLETTE}
    block.run.profile = PROFILE.model_copy(update={"scenarios": ["recipe-detail"]})
    turns = [Turn(lap, "recipe-detail", name) for lap in (WARM_UP, 1) for name in ("mine", "again")]
    result = block.measure(LocustGenerator(), turns=[*turns, Turn(1, "recipe-detail", CEILING)], verify=False)
    assert result.faults == []
    assert [slice_.variant for slice_ in result.slices] == ["mine", "again"]
    for slice_ in result.slices:
        assert slice_.errors == 0
        assert slice_.requests > 0
        service = slice_.tiers["service"]
        assert service.cpu_us_per_request is not None
        assert service.system_cpu_us_per_request is not None
        assert 0 <= service.system_cpu_us_per_request <= service.cpu_us_per_request
        assert service.cpu_us_per_request > 0
        assert slice_.tiers["postgres"].system_cpu_us_per_request is None
        assert slice_.machine_cpu_us_per_request is not None
        # On a machine that is busy with other things nobody may have had the time to count.
        if slice_.work:
            assert slice_.work.statements_per_request == pytest.approx(1, abs=0.2)
            assert 0 <= (slice_.work.active_connections or 0) <= STARLETTE.pool
        if slice_.proxy:
            assert slice_.proxy.responses >= slice_.requests
    (ceiling,) = result.ceilings
    assert (ceiling.name, ceiling.connections) == (CEILING, 3)
    assert ceiling.requests_per_second > 0
    assert set(ceiling.tiers) == {"generator", "postgres"}


def test_at_a_rate_a_slice_says_what_became_of_its_arrivals(block: Block) -> None:
    rates = {WARM_UP: None, 1: 40.0}
    (slice_,) = block.measure(LocustGenerator(), rates=lambda turn: rates[turn.lap], verify=False).slices
    assert slice_.asked_requests_per_second == 40
    assert slice_.arrivals is not None
    # In half a second.
    assert slice_.arrivals.due == pytest.approx(20, abs=1)
    assert slice_.requests + slice_.arrivals.unsent + slice_.arrivals.unanswered == slice_.arrivals.due
    assert slice_.requests > 0


def test_golden_cases_are_not_replayed_again(block: Block) -> None:
    block.measure(Scripted(), verify=False)
    assert block.told[0] == "starting the services"
    assert not any(step.startswith("verifying") for step in block.told)


def test_a_service_that_breaks_the_contract_loses_the_block(block: Block) -> None:
    with_contender(block, sys.executable, "-c", STUBBORN).measure(Scripted())
    assert reason(block).startswith("it breaks the contract in ")
    assert " golden cases, the first: healthz\n" in reason(block)
    assert not any(told.startswith("other ") for told in block.told)


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        (["garbage"], "other is not ready after 2 s."),
        (["endless-headers"], "other is not ready after 2 s."),
        (["silent"], "other is not ready after 2 s."),
        (["garbage", "--healthy"], "no answer: BadStatusLine"),
        (["endless-body", "--healthy"], "the body is longer: only its first"),
        (["dripping-body", "--healthy"], "no answer: TimeoutError"),
        (["elsewhere", "--healthy"], "status 302, expected"),
    ],
)
def test_a_service_that_answers_as_none_does_loses_the_block_in_time(
    block: Block, monkeypatch: pytest.MonkeyPatch, behaviour: list[str], message: str
) -> None:
    program = Path(hostile.__file__).read_text()
    block.run.variants = {
        "other": Variant(description="", command=[sys.executable, "-c", program, *behaviour], workers=1, pool=1)
    }
    monkeypatch.setattr("showdown_stack.tiers.SERVICE_START_SECONDS", 2)
    monkeypatch.setattr("showdown.contenders.verify.ANSWER_SECONDS", 0.5)
    monkeypatch.setattr("showdown.contenders.verify.REPLAY_SECONDS", 2)
    block.measure(Scripted())
    assert message in reason(block)


def test_a_service_that_does_not_start_is_shown_with_its_log(block: Block) -> None:
    unset = STARLETTE.model_copy(update={"environment": {"PLAN": "sometimes"}})
    block.run.variants = {"mine": STARLETTE, "other": unset}
    block.measure(Scripted(), verify=False)
    first, *log = reason(block).splitlines()
    assert first.startswith("other exited with code ")
    assert "PLAN" in "\n".join(log)


def test_a_program_that_is_not_there_is_named(block: Block) -> None:
    with_contender(block, "no-such-program").measure(Scripted(), verify=False)
    assert reason(block) == "variant other: its program no-such-program is not there"


def test_a_service_that_answers_nothing_right_loses_the_block(block: Block) -> None:
    block.measure(Scripted(right=0), verify=False)
    assert reason(block, "mine") == "there was no right answer in 0.5 s: status 500"
    assert block.result.faults[0].scenario == "healthz"


def kill_the_service(port: int) -> None:
    for keeper in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            for child in keeper.children():
                if child.environ().get("PORT") == str(port):
                    child.kill()


def test_a_service_that_ends_under_load_loses_the_block_and_the_others_go_on(
    block: Block, eventually: Eventually
) -> None:
    block.run.variants = {"other": STARLETTE, "mine": STARLETTE}
    port = block.stack.places[0].service_port
    block.measure(Scripted(on_check=lambda: kill_the_service(port)), verify=False)
    assert reason(block).startswith("the service ended under load (exit code -9).")
    # Its workers have outlived it, and have been killed, too.
    eventually(lambda: not accepts(port))


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux: nothing else tells of orphans")
def test_a_service_that_leaves_a_process_which_has_to_be_killed_loses_the_block(block: Block) -> None:
    daemonised = STARLETTE.model_copy(
        update={"command": ["sh", "-c", f"trap '' TERM; (setsid sleep 600 &); exec {shlex.join(STARLETTE.command)}"]}
    )
    block.run.variants = {"other": daemonised, "mine": STARLETTE}
    block.measure(Scripted(), verify=False)
    assert reason(block).startswith("other did not end when it was asked to: killed sleep (process ")


@pytest.mark.parametrize(
    ("error", "message"),
    [(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "No space left on device"), (KeyboardInterrupt(), "")],
)
def test_what_ends_a_block_is_told_and_nothing_is_left_of_it(block: Block, error: BaseException, message: str) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(BlockError if message else KeyboardInterrupt, match=message or None):
        block.measure(Scripted(on_check=fail), verify=False)
    assert block.result == BlockResult()
    assert not any(accepts(place.service_port) for place in block.stack.places)


def test_laps_that_were_finished_before_an_interrupt_are_kept(block: Block) -> None:
    turns = [Turn(lap, "healthz", "mine") for lap in (WARM_UP, 1, 2)]
    block.run.profile = PROFILE.model_copy(update={"laps": 2})

    def interrupt() -> None:
        if "mine 2" in block.told:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        block.measure(Scripted(on_check=interrupt), turns=turns, verify=False)
    assert [slice_.lap for slice_ in block.result.slices] == [1]


def test_what_nobody_had_the_time_to_count_is_not_known(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(_counter: WorkCounter) -> Counts:
        time.sleep(0.6)
        return Counts(0, 0)

    monkeypatch.setattr(WorkCounter, "counts", late)
    (slice_,) = block.measure(Scripted(), verify=False).slices
    assert slice_.work is None


def test_a_tier_that_ends_ends_the_run(block: Block, tmp_path: Path) -> None:
    with Process("haproxy", ["sh", "-c", "echo out of memory; sleep 600"], tmp_path / "haproxy.log") as tier:
        assert block.stack.haproxy is not None
        block.stack = replace(block.stack, haproxy=replace(block.stack.haproxy, process=tier))
        with pytest.raises(StackLostError, match=r"haproxy ended in mid-run \(exit code -15\)\.\n(.|\n)*out of memory"):
            block.measure(Scripted(on_check=tier.stop), verify=False)

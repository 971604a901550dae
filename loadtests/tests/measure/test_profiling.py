"""After the blocks a profiler looks at each variant, under the load of the run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from made_up_runs import made_up_tier
from showdown.contract.contract import load_contract
from showdown.generators.locust import LocustGenerator
from showdown.measure import profiling
from showdown.measure.blocks import BlockError
from showdown.measure.course import BlockPlan, BlockResult, StackLostError
from showdown.measure.plan import BLOCKS, LOGS
from showdown.measure.profiling import profile
from showdown.measure.results import Run, Twin, read_run
from showdown.requests.scenarios import Scenario
from showdown.sampling import flame_graphs
from showdown.sampling.call_stacks import Samples, read_stacks, total
from showdown.sampling.profilers import PROFILERS, ProfilerName
from showdown.stacks.local import LocalStack
from showdown_contract.errors import ShowdownError
from showdown_stack.tiers import TierOptions, Tiers

SCENARIO = "recipe-detail"
DETAIL = Scenario(description="d", requests={"recipe-detail": 1})
SAMPLES: Samples = {("main (x)", "Router.app (starlette/routing.py:1)"): 3, ("main (x)", "send (libc.so.6)"): 5}
ROOT = 4242


@dataclass
class Script:
    """What happens in a pass, and what was said in it."""

    said: list[str] = field(default_factory=list)
    samples: Samples = field(default_factory=lambda: SAMPLES)
    can_see: bool = True
    behind_seconds: float = 1.0
    error: BaseException | None = None
    """Raised while the service is sampled."""


@dataclass(frozen=True)
class ScriptedSampling:
    script: Script

    def begin_end(self) -> None:
        self.script.said.append("looks no more")

    def samples(self) -> Samples:
        if not self.script.samples:
            raise ShowdownError("py-spy has seen nothing")
        return self.script.samples

    def behind_seconds(self) -> float:
        return self.script.behind_seconds

    def end(self) -> None:
        self.script.said.append("ended")


@dataclass(frozen=True)
class ScriptedProfiler:
    script: Script
    name: ProfilerName = "py-spy"
    sees: str = "services in Python"
    sees_kernel: bool = False
    samples_per_second: int = 199

    def require(self) -> None: ...

    def can_see(self, root: int) -> bool:
        assert root == ROOT
        return self.script.can_see

    def attached(self, root: int, files: Path) -> Any:
        self.script.said.append(f"attached to {root}, {files.name}")
        return ScriptedSampling(self.script)


@pytest.fixture
def script(run: Run, monkeypatch: pytest.MonkeyPatch) -> Script:
    """A request takes 100 µs, and 120 while it is sampled; a quarter of that is the kernel's."""
    script = Script()

    def play(block: BlockPlan, *others: Any) -> None:
        result: BlockResult = others[-1]
        assert block.beside is not None
        for turn in block.turns:
            script.said.append(f"{turn.contender} {turn.scenario} {turn.lap}")
            block.beside.begin(turn, ROOT)
            if turn.lap == profiling.SAMPLED and script.error:
                raise script.error
            block.beside.end()
            cpu_us = 120.0 if turn.lap == profiling.SAMPLED else 100.0
            changes = {"variant": turn.contender, "scenario": turn.scenario, "lap": turn.lap}
            tiers = run.slices[0].tiers | {"service": made_up_tier(cpu_us)}
            result.slices.append(run.slices[0].model_copy(update=changes | {"tiers": tiers}))

    clock = iter(range(1_000))
    times = profiling._Times
    monkeypatch.setattr(profiling, "measure_block", play)
    monkeypatch.setattr(times, "now", lambda _: times(cpu=4.0 * (now := next(clock)), kernel=1.0 * now))
    monkeypatch.setattr(profiling, "draw", lambda _samples, title, path, _unit: path.write_text(title))
    return script


@pytest.fixture
def look(run: Run, script: Script, tmp_path: Path) -> Callable[..., list[str]]:
    """Profiles the run, and gives what was said meanwhile. Its results are written down."""
    (tmp_path / LOGS).mkdir()
    none: Any = None

    def call(scenarios: list[str] | None = None, *, sees_kernel: bool = False) -> list[str]:
        script.said.clear()
        profiler = ScriptedProfiler(script, sees_kernel=sees_kernel)
        try:
            profile(
                run, profiler, none, dict.fromkeys(scenarios or [SCENARIO], DETAIL), none, tmp_path, script.said.append
            )
        finally:
            assert read_run(tmp_path) == run
        return script.said

    return call


def test_each_variant_is_seen_in_a_turn_of_its_own_after_one_without_the_profiler(
    run: Run, look: Callable[..., list[str]]
) -> None:
    run.slices = [each for each in run.slices if each.variant == "slow"]
    assert look() == [
        "py-spy looks at slow, 1 of 1",
        "slow recipe-detail 0",
        "slow recipe-detail 1",
        "slow recipe-detail 0",
        "attached to 4242, profile-slow-recipe-detail",
        "slow recipe-detail 2",
        "looks no more",
        "ended",
    ]


def test_what_was_seen_is_in_the_results_and_in_files(run: Run, look: Callable[..., list[str]], tmp_path: Path) -> None:
    look()
    assert [each.variant for each in run.sampled] == ["slow", "fast"]
    slow = run.sampled[0]
    assert (slow.profiler, slow.samples, slow.cpu_us_per_request) == ("py-spy", 3, 100.0)
    assert slow.overhead == pytest.approx(1.2)
    assert slow.layers_us_per_request == {"kernel": 25.0, "framework": 75.0}
    assert read_stacks(tmp_path / "profiles" / SCENARIO / "slow.stacks.gz") == SAMPLES
    assert (tmp_path / slow.graph).read_text() == "slow, recipe-detail"


def test_a_profiler_that_sees_the_kernel_needs_no_account(run: Run, look: Callable[..., list[str]]) -> None:
    look(sees_kernel=True)
    assert (run.sampled[0].kernel_share, run.sampled[0].samples) == (None, 8)
    assert run.sampled[0].layers_us_per_request == {"kernel": 62.5, "framework": 37.5}


def test_latency_between_service_and_postgres_is_no_other_work(run: Run, look: Callable[..., list[str]]) -> None:
    run.profile = run.profile.model_copy(update={"scenarios": [SCENARIO, f"{SCENARIO}-2ms"]})
    look([SCENARIO, f"{SCENARIO}-2ms"])
    assert {each.scenario for each in run.sampled} == {SCENARIO}


def test_the_twin_and_what_was_not_measured_are_left_out(run: Run, look: Callable[..., list[str]]) -> None:
    run.variants["lost"] = run.variants["slow"]
    run.twin = Twin(of="slow", name="fast")
    look()
    assert [each.variant for each in run.sampled] == ["slow"]


def test_what_was_seen_before_is_not_looked_at_again(run: Run, look: Callable[..., list[str]]) -> None:
    look()
    assert look() == []
    assert len(run.sampled) == 2


def test_what_it_cannot_see_is_a_note(run: Run, script: Script, look: Callable[..., list[str]]) -> None:
    script.can_see = False
    look()
    assert run.notes == [
        f"{name} was not profiled: py-spy sees services in Python only: try another --profile-with"
        for name in ("slow", "fast")
    ]
    assert run.sampled == []


def test_samples_of_a_profiler_that_cannot_keep_up_are_noted(
    run: Run, script: Script, look: Callable[..., list[str]]
) -> None:
    script.behind_seconds = 7.0
    look()
    assert len(run.sampled) == 2
    assert run.notes[0].startswith(
        "slow, recipe-detail: py-spy fell 7 s behind, so some of its samples are of the same"
    )


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (Script(samples={}), "py-spy has seen nothing"),
        (Script(error=BlockError("Locust ended.\nits log")), "Locust ended."),
    ],
)
def test_where_one_fails_a_note_says_why_and_the_others_go_on(
    run: Run, script: Script, look: Callable[..., list[str]], failure: Script, reason: str
) -> None:
    script.samples, script.error = failure.samples, failure.error
    said = look()
    assert run.notes == [f"slow was not profiled: {reason}", f"fast was not profiled: {reason}"]
    assert said.count("ended") == 2


@pytest.mark.parametrize("error", [KeyboardInterrupt(), StackLostError("haproxy ended")])
def test_the_profiler_is_ended_where_the_run_is(
    script: Script, look: Callable[..., list[str]], error: BaseException
) -> None:
    script.error = error
    with pytest.raises(type(error)):
        look()
    assert script.said[-1] == "ended"
    assert script.said.count("slow recipe-detail 0") == 2


@pytest.mark.parametrize(("name", "variant"), [("py-spy", "starlette"), ("perf", "axum")])
def test_a_real_service_is_profiled_under_load(  # noqa: PLR0917 - fixtures
    name: ProfilerName,
    variant: str,
    run: Run,
    stack: Tiers,
    stand_in: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    try:
        PROFILERS[name].require()
    except ShowdownError as error:
        pytest.skip(str(error))
    monkeypatch.setattr(flame_graphs, "INFERNO", tmp_path / "nothing")
    stand_in("inferno-flamegraph", "cat")
    contract = load_contract()
    run.profile = run.profile.model_copy(update={"slice_seconds": 0.5, "users": 4})
    run.baseline, run.variants = variant, {variant: contract.variants.variants[variant]}
    run.slices, run.ceilings = [run.slices[0].model_copy(update={"variant": variant})], []
    for folder in (BLOCKS, LOGS):
        (tmp_path / folder).mkdir()
    whole = LocalStack(stack, TierOptions(contract, run.size), contract)
    scenarios = {SCENARIO: contract.scenarios.scenarios[SCENARIO]}
    profile(run, PROFILERS[name], whole, scenarios, LocustGenerator(), tmp_path, lambda _: None)
    assert run.notes == []
    (found,) = run.sampled
    assert sum(found.layers_us_per_request.values()) == pytest.approx(found.cpu_us_per_request)
    # Whatever the load of this machine is, these are a service's largest.
    assert {"kernel", "driver"} <= found.layers_us_per_request.keys()
    assert found.overhead > 0
    stacks = read_stacks(found.stacks(tmp_path))
    assert 0 < found.samples <= total(stacks)
    assert [path.suffix for path in (tmp_path / LOGS).glob("profile-*")] == [".log"]

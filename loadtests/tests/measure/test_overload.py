"""Each load is followed by half of the capacity without a pause, and in windows of that a recovery is seen."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from made_up_runs import SCENARIO, made_up_run, made_up_slice
from showdown.contract.contract import load_contract
from showdown.generators.latencies import encoded, new_histogram, record
from showdown.generators.locust import LocustGenerator
from showdown.generators.measurement import Counted, Window
from showdown.measure import capacities, overload
from showdown.measure.blocks import BlockError
from showdown.measure.course import BlockPlan, BlockResult
from showdown.measure.overload import LOAD_OF_CLIENTS, RATES, ROUNDS, block_plan, find_overload, recovery_seconds
from showdown.measure.overload_results import Overload
from showdown.measure.rates import Rate
from showdown.measure.results import Fault
from showdown.measure.slots import slots

CONTRACT = load_contract()
DETAIL = {SCENARIO: CONTRACT.scenarios.scenarios[SCENARIO]}


def histogram(*milliseconds: float) -> str:
    found = new_histogram()
    for each in milliseconds:
        record(found, each)
    return encoded(found)


def windows(*answered: Sequence[float]) -> list[Window]:
    """Of ten requests each, which were answered in so many milliseconds."""
    return [Window(due=10, histogram=histogram(*each)) for each in answered]


class Boundless:
    """A stack with room for all."""

    most_services = 10

    def available_connections(self) -> int | None:
        return None


class Server:
    """Answers 100 requests a second, and refuses others."""

    def __init__(self) -> None:
        self.blocks = 0
        self.fault = ""
        """Where one stands: why it loses a block; a space: why the block is lost."""

    def play(self, plan: BlockPlan, *others: Any) -> None:
        result: BlockResult = others[-1]
        closed = plan.most_users < 100
        self.blocks += 1
        if not closed and self.fault == " ":
            raise BlockError("Locust ended in mid-run")
        for turn in plan.turns:
            rate = plan.rates(turn)
            if turn.lap == 0:
                continue
            one = made_up_slice(turn.contender, 1, turn.lap, 100.0, 100.0)
            answers = histogram(*[20.0] * 100)
            result.slices.append(
                one.model_copy(update={"asked_requests_per_second": rate, "histogram": answers, "measured_seconds": 2})
            )
            load = Counted(
                measured_seconds=2, requests=300, errors=100, histogram=answers, total_requests=430,
                failures={"status 503": 90, "slow": 10}, refused=histogram(*[2.0] * 90),
            )  # fmt: skip
            after = load.model_copy(update={"windows": windows([], [9.0] * 10, [9.0] * 10)})
            result.counted[turn] = [load, after]
        if not closed and self.fault:
            result.slices.clear()
            result.faults.append(Fault(variant="fast", block=1, reason=self.fault))


def found_by(server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Overload:
    run = made_up_run({"fast": 100.0}, blocks=1, laps=2)
    run.slices, run.rate = [], Rate(percent_of_capacity=100)
    for room in (capacities, overload):
        monkeypatch.setattr(room, "measure_block", server.play)
    stack: Any = Boundless()
    return find_overload(run, stack, DETAIL, CONTRACT.kinds, LocustGenerator(), folder, lambda _: None)


def test_what_became_of_each_load_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (fast,) = found_by(Server(), tmp_path, monkeypatch).found
    assert fast.fault is None
    assert fast.in_time_ms == pytest.approx(60, rel=0.01)
    assert [each.percent_of_capacity for each in fast.steps] == [50, 100, 150, 300, 1_000, None]
    assert [each.clients for each in fast.steps] == [None] * 5 + [2_000]
    assert [each.asked_requests_per_second for each in fast.steps] == [50, 100, 150, 300, 1_000, None]
    for each in fast.steps:
        assert each.offered_requests_per_second == pytest.approx(430 / 2.15)
        assert (each.right_requests_per_second, each.refused_percent) == (100, 30)
        assert each.refused_p99_ms == pytest.approx(2, rel=0.01)
        assert each.accepted_p99_ms == pytest.approx(20, rel=0.01)
        assert each.failures == {"slow": 10 * ROUNDS}
        assert each.recovery_seconds == 0.25


@pytest.mark.parametrize(("fault", "told"), [("it hangs", "it hangs"), (" ", "Locust ended in mid-run")])
def test_why_one_was_not_measured_is_told(
    fault: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server()
    server.fault = fault
    (fast,) = found_by(server, tmp_path, monkeypatch).found
    assert (fast.requests_per_second, fast.fault, fast.steps) == (100, told, [])
    assert server.blocks == 2


@pytest.mark.parametrize(
    ("loads", "most_users", "expected"),
    [
        (RATES, 750, [(50, 500), (100, 500), (150, 500), (300, 500), (1_000, 500)]),
        ((LOAD_OF_CLIENTS,), 2_000, [(None, 2_000)]),
    ],
)
def test_the_load_falls_without_a_pause(
    loads: Sequence[int], most_users: int, expected: list[tuple[float | None, int]], tmp_path: Path
) -> None:
    run = made_up_run({"fast": 100.0}, blocks=1, laps=2)
    plan = block_plan(run, 1, loads, {("fast", SCENARIO): 100.0}, DETAIL, tmp_path)
    assert plan.most_users == most_users
    planned = slots(plan.turns, 1_000.0, run.profile, plan.drains, 1)
    warm_up, *later = (plan.entries(slot, "http://127.0.0.1:1") for slot in planned)
    assert [(entry.rate, entry.is_overload) for entry in warm_up] == [(None, False)]
    assert [(load.rate, load.users) for load, _ in later] == expected * ROUNDS
    for slot, (load, after) in zip(planned[1:], later, strict=True):
        assert load.is_overload
        assert after.start == after.counted_from == load.end
        assert after.rate == 50
        assert not after.is_overload
        assert after.end < slot.left_at == load.left_at == after.left_at


def test_a_recovery_is_two_windows_in_which_nine_of_ten_are_answered_in_time() -> None:
    late, good, missed = [51.0] * 10, [49.0] * 9 + [800.0], [1.0] * 8
    assert recovery_seconds(windows(good, good), 50) == 0
    assert recovery_seconds(windows(late, good, missed, good, good), 50) == 0.75
    assert recovery_seconds(windows([], late, good), 50) is None
    assert recovery_seconds([], 50) is None

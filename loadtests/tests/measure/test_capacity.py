"""Capacities are searched in blocks that all variants share, and what is found is measured again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from made_up_runs import SCENARIO, made_up_run, made_up_slice
from showdown.contract.contract import load_contract
from showdown.generators.latencies import encoded, new_histogram, record
from showdown.generators.locust import LocustGenerator
from showdown.generators.measurement import Arrivals
from showdown.measure import capacities, capacity
from showdown.measure.blocks import BlockError
from showdown.measure.capacity import distinct, find_capacities
from showdown.measure.capacity_results import Capacities, CapacityOf, write_capacities
from showdown.measure.course import BlockPlan, BlockResult
from showdown.measure.objective import Objective
from showdown.measure.rates import Rate
from showdown.measure.results import Fault, Slice
from showdown.measure.schedule import CEILING, Turn

CONTRACT = load_contract()
DETAIL = {SCENARIO: CONTRACT.scenarios.scenarios[SCENARIO]}


class Boundless:
    """A stack with room for all."""

    most_services = 10

    def available_connections(self) -> int | None:
        return None


class Servers:
    """Each answers in 5 ms below its capacity, and in a second above it."""

    def __init__(self, of: Mapping[str, float]) -> None:
        self.of = of
        self.blocks: list[dict[str, list[float]]] = []
        self.failing: dict[int, str] = {}
        """By number of a block: the variant that fails there, or "" for the block itself."""

    def play(self, plan: BlockPlan, *others: Any) -> None:
        result: BlockResult = others[-1]
        rates: dict[str, list[float]] = {name: [] for name in plan.variants}
        failing = self.failing.get(len(self.blocks))
        self.blocks.append(rates)
        if failing == "":
            raise BlockError("Locust ended in mid-run")
        for turn in plan.turns:
            assert turn.contender != CEILING
            if turn.lap == 0:
                continue
            if (rate := plan.rates(turn)) is not None:
                rates[turn.contender].append(rate)
            if turn.contender != failing:
                result.slices.append(self.slice(turn, rate))
        if failing:
            result.faults.append(Fault(variant=failing, block=1, reason="it hangs"))

    def slice(self, turn: Turn, rate: float | None) -> Slice:
        speed = self.of[turn.contender]
        histogram = new_histogram()
        record(histogram, 5.0 if rate is None or rate <= speed else 1_000.0, 100)
        one = made_up_slice(turn.contender, 1, max(turn.lap, 1), speed, 100.0)
        changes = {"asked_requests_per_second": rate, "arrivals": Arrivals(due=100), "histogram": encoded(histogram)}
        return one.model_copy(update=changes)


def found_by(servers: Servers, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Capacities:
    run = made_up_run(dict(servers.of), blocks=1, laps=2)
    run.slices, run.rate = [], Rate(percent_of_capacity=100)
    for room in (capacities, capacity):
        monkeypatch.setattr(room, "measure_block", servers.play)
    stack: Any = Boundless()
    told: list[str] = []
    objective = Objective(50)
    return find_capacities(run, stack, DETAIL, CONTRACT.kinds, LocustGenerator(), folder, objective, told.append)


def test_each_is_found_in_blocks_that_all_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    servers = Servers({"slow": 100.0, "fast": 900.0})
    slow, fast = found_by(servers, tmp_path, monkeypatch).found
    for one, speed in ((slow, 100.0), (fast, 900.0)):
        assert one.requests_per_second == pytest.approx(speed, rel=0.02)
        assert one.low
        assert one.high
        assert one.low <= speed <= one.high
        assert one.is_confirmed
        assert one.fault is None
        assert [each.percent_of_capacity for each in one.latencies] == [50, 70, 85]
        assert [each.p99_ms for each in one.latencies] == pytest.approx([5.0] * 3, rel=0.01)
    closed, *rounds, below = servers.blocks
    assert closed == {"slow": [], "fast": []}
    assert len(rounds) <= 8
    assert all(set(each) == {"slow", "fast"} for each in [rounds[0], below])


def test_in_a_lap_of_the_last_block_the_shares_are_shuffled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    servers = Servers({"slow": 100.0})
    (slow,) = found_by(servers, tmp_path, monkeypatch).found
    assert slow.requests_per_second
    shares = [rate / slow.requests_per_second for rate in servers.blocks[-1]["slow"]]
    assert sorted(shares) == pytest.approx([0.5] * 3 + [0.7] * 3 + [0.85] * 3)
    assert shares != sorted(shares)


def test_one_that_fails_is_left_out_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    servers = Servers({"slow": 100.0, "fast": 900.0})
    servers.failing[2] = "slow"
    slow, fast = found_by(servers, tmp_path, monkeypatch).found
    assert (slow.fault, slow.is_confirmed, slow.latencies) == ("it hangs", False, [])
    assert fast.is_confirmed
    assert all("slow" not in block for block in servers.blocks[3:])


def test_a_lost_block_is_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    servers = Servers({"fast": 900.0})
    servers.failing[1] = ""
    (fast,) = found_by(servers, tmp_path, monkeypatch).found
    assert fast.is_confirmed


def test_one_that_is_always_too_slow_has_no_capacity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    servers = Servers({"slow": 100.0})
    monkeypatch.setattr(Objective, "is_kept", lambda *_: False)
    (slow,) = found_by(servers, tmp_path, monkeypatch).found
    assert (slow.requests_per_second, slow.is_confirmed, slow.fault) == (None, False, None)
    assert slow.looks


def test_what_is_found_is_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = found_by(Servers({"fast": 900.0}), tmp_path, monkeypatch)
    path = write_capacities(found, tmp_path)
    assert path.name == "capacity.json"
    assert Capacities.model_validate_json(path.read_bytes()) == found
    assert CapacityOf.model_validate(found.found[0].model_dump()) == found.found[0]


def test_here_nobody_needs_the_baseline_beside_it() -> None:
    assert distinct([["base", "a"], ["base", "b"]]) == [["base", "a"], ["b"]]
    assert distinct([["base"], ["base"]]) == [["base"]]

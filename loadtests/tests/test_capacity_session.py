"""`showdown capacity` from end to end, in a few short slices: how exact it is, measure/test_search.py says."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import typer
from showdown import capacity_session
from showdown.capacity_session import capacity
from showdown.contract.contract import load_contract
from showdown.measure import capacity as room
from showdown.measure import search
from showdown.measure.capacity_results import FILE, Capacities
from showdown.measure.objective import Objective
from showdown.measure.plan import RunPlan, plan_run
from showdown.measure.rates import Rate

CALIBRATION = Path(__file__).parent / "calibration"
CAPACITY = 500


@pytest.fixture
def plan(monkeypatch: pytest.MonkeyPatch, empty_state: Path) -> RunPlan:
    """Two rounds of three slices of half a second each."""
    assert empty_state.exists()
    for module, name, value in (
        (search, "SLICES", 3),
        (search, "MOST_ROUNDS", 2),
        (search, "ENOUGH_ROUNDS", 1),
        (room, "LAPS", 1),
        (capacity_session, "SLICE_SECONDS", 0.5),
    ):
        monkeypatch.setattr(module, name, value)
    rate, contract = Rate(percent_of_capacity=100), load_contract(CALIBRATION)
    return plan_run(None, None, "smoke", "locust", 0, 1, None, contract, twin=False, rate=rate)


def test_what_it_finds_is_shown_and_written_down(
    plan: RunPlan, reachable_folder: Path, mentioning: Callable[[Path], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = reachable_folder / "capacity"
    # On a busy machine so few slices may confirm nothing.
    with suppress(typer.Exit):
        capacity(plan, Objective(1_000), folder, haproxy=False, pgbouncer=None)
    found = Capacities.model_validate_json((folder / FILE).read_bytes())
    (one,) = found.found
    assert (one.variant, one.scenario, one.fault) == ("calibrated", "wait", None)
    assert len(one.looks) in {3, 6}
    assert any(each.is_kept for each in one.looks)
    assert one.requests_per_second
    assert [each.percent_of_capacity for each in one.latencies] == [50, 70, 85]
    for each in one.latencies:
        assert each.p50_ms
        assert each.p50_ms >= 9.99
    assert found.run.rate
    assert found.run.rate.capacities[0].requests_per_second < 1.1 * CAPACITY
    assert "wait: the highest rate with p99 ≤ 1000 ms" in capsys.readouterr().out
    assert mentioning(folder) == []

"""`showdown overload` from end to end, in a few short slices."""

from collections.abc import Callable
from pathlib import Path

import pytest
from showdown import overload_session
from showdown.contract.contract import load_contract
from showdown.measure import overload as room
from showdown.measure.overload_results import FILE, Overload
from showdown.measure.plan import plan_run
from showdown.measure.rates import Rate
from showdown.overload_session import overload
from showdown.report.overload_table import MARKDOWN
from showdown_stack import programs

CALIBRATION = Path(__file__).parent / "calibration"


@pytest.mark.skipif(programs.find("haproxy") is None, reason="haproxy is not installed")
def test_what_became_of_too_much_load_is_shown_and_written_down(
    monkeypatch: pytest.MonkeyPatch,
    empty_state: Path,
    reachable_folder: Path,
    mentioning: Callable[[Path], list[str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert empty_state.exists()
    for module, name, value in (
        (room, "RATES", (1, 4)),
        (room, "ROUNDS", 1),
        (room, "CLIENTS", 400),
        (room, "RATE_USERS", 200),
        (room, "AFTER_USERS", 300),
        (room, "AFTER_SECONDS", 1.5),
        (overload_session, "SLICE_SECONDS", 0.5),
    ):
        monkeypatch.setattr(module, name, value)
    plan = plan_run(
        None, None, "smoke", "locust", 0, 1, None, load_contract(CALIBRATION), twin=False,
        rate=Rate(percent_of_capacity=100),
    )  # fmt: skip
    folder = reachable_folder / "overload"
    overload(plan, folder, haproxy=True, pgbouncer=None)
    found = Overload.model_validate_json((folder / FILE).read_bytes())
    (one,) = found.found
    assert (one.variant, one.scenario, one.fault) == ("calibrated", "wait", None)
    assert [each.percent_of_capacity for each in one.steps] == [50, 300, None]
    unloaded, three_times, clients = one.steps
    assert unloaded.refused_percent == 0
    for each in (three_times, clients):
        # haproxy lets 25 in, and 100 wait.
        assert each.refused_percent > 0
        assert each.refused_p99_ms
        assert each.right_requests_per_second > 0
    assert three_times.offered_requests_per_second > unloaded.offered_requests_per_second
    text = capsys.readouterr().out
    assert "calibrated, wait: " in text
    assert "400 clients" in text
    assert "## How to read it" in (folder / MARKDOWN).read_text()
    assert mentioning(folder) == []

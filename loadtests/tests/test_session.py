"""A run that has come to its end may still be one that is not to be relied on."""

import pytest
import typer
from made_up_runs import made_up_run
from showdown.measure.results import Fault
from showdown.session import require_trust, require_whole


def test_a_run_without_doubts_is_whole_and_trusted() -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    require_whole(run)
    require_trust(run)


def test_a_lost_block_is_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    run.faults = [Fault(variant="fast", block=1, reason="it hangs")]
    with pytest.raises(typer.Exit) as ended:
        require_whole(run)
    assert ended.value.exit_code == 1
    assert "blocks that a contender has lost: 1; " in capsys.readouterr().err


def test_a_verdict_that_refuses_or_unranks_is_code_3(capsys: pytest.CaptureFixture[str]) -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    run.machine.throttled_percent = 1.0
    require_trust(run)
    run.machine.throttled_percent = 50.0
    with pytest.raises(typer.Exit) as ended:
        require_trust(run)
    assert ended.value.exit_code == 3
    assert "(throttled)" in capsys.readouterr().err

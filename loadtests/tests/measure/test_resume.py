"""A run that was stopped goes on where it was, and only as the same run."""

from pathlib import Path
from typing import Any

import pytest
from showdown.contract.contract import load_contract
from showdown.measure.plan import Until, new_run, plan_run
from showdown.measure.rates import Rate
from showdown.measure.results import Fault, Run, write_run
from showdown.measure.resume import resumed, resumed_plan
from showdown.stacks.records import Machine
from showdown.stacks.stack import Description
from showdown_contract.errors import ShowdownError

MACHINE = Machine(system="Linux", cpu="EPYC", cores=2, memory_mib=4096, virtual="kvm", steal_percent=0.5)
RATE = Rate(requests_per_second=500, pattern="poisson")


def described(**changes: Any) -> Description:
    told: dict[str, Any] = {
        "kind": "local",
        "machine": MACHINE,
        "commit": "0123456789ab",
        "versions": {"postgres": "15"},
    }
    return Description(**(told | {"haproxy": True, "pgbouncer": None} | changes))


@pytest.fixture
def stopped() -> Run:
    """A run that was stopped in its second block."""
    plan = plan_run("axum,starlette", None, "quick", "locust", 2_000, 7, None, load_contract(), rate=RATE)
    return new_run(plan, described(), {"locust": "2.47"}, {}).model_copy(update={"finished_blocks": 1})


def test_what_was_planned_is_planned_again(stopped: Run, tmp_path: Path) -> None:
    write_run(stopped, tmp_path)
    plan = resumed_plan(tmp_path, None, load_contract())
    assert plan.variants == stopped.variants
    assert list(plan.variants) == ["axum", "starlette", "starlette-twin"]
    assert (plan.profile, plan.seed, plan.size, plan.twin) == (stopped.profile, 7, 2_000, stopped.twin)
    assert list(plan.scenarios) == stopped.profile.scenarios
    assert plan.rate == RATE
    assert plan.resumed == stopped


def test_how_narrow_intervals_were_to_be_is_kept(stopped: Run, tmp_path: Path) -> None:
    write_run(stopped, tmp_path)
    assert resumed_plan(tmp_path, None, load_contract()).until is None
    write_run(stopped.model_copy(update={"until_half_width": 0.03}), tmp_path)
    assert resumed_plan(tmp_path, None, load_contract(), most_minutes=5).until == Until(0.03, 5)


@pytest.mark.parametrize(
    ("changes", "dsn", "message"),
    [
        ({"finished_at": "2026-01-02T03:09:05+00:00"}, None, "is finished, nothing is missing: showdown report "),
        ({"contract": "recipes 0"}, None, "is of the contract recipes 0, and this one is recipes "),
        ({"external_postgres": True}, None, "was measured on a database of the user's: name it with --dsn"),
        ({}, "postgresql://me@db/x", "was measured on a Postgres that showdown had started: leave out --dsn"),
    ],
)
def test_another_run_is_refused(
    stopped: Run, tmp_path: Path, changes: dict[str, Any], dsn: str | None, message: str
) -> None:
    write_run(stopped.model_copy(update=changes), tmp_path)
    with pytest.raises(ShowdownError, match=message):
        resumed_plan(tmp_path, dsn, load_contract())


def test_a_variant_that_has_changed_is_refused(stopped: Run, tmp_path: Path) -> None:
    stopped.variants["axum"] = stopped.variants["axum"].model_copy(update={"pool": 3})
    write_run(stopped, tmp_path)
    with pytest.raises(ShowdownError, match=r"axum is no longer what .* measured"):
        resumed_plan(tmp_path, None, load_contract())


def test_what_the_unfinished_block_had_given_is_dropped(run: Run) -> None:
    run.finished_blocks = 1
    run.faults = [Fault(variant="fast", block=block, reason="it hangs") for block in (1, 2)]
    again = resumed(run, run.model_copy(update={"slices": [], "started_at": "later"}))
    assert {each.block for each in again.slices} == {each.block for each in again.ceilings} == {1}
    assert [each.block for each in again.faults] == [1]
    assert again.started_at == run.started_at


@pytest.mark.parametrize("taken", ["steal_percent", "swapped_mib", "throttled_percent"])
def test_a_machine_that_was_disturbed_is_no_other_machine(run: Run, taken: str) -> None:
    machine = run.machine.model_copy(update={taken: 3.0})
    assert resumed(run, run.model_copy(update={"machine": machine})) is run


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"commit": "ba9876543210"}, "made with commit 0123456789ab, and now it would be ba9876543210"),
        ({"versions": {"postgres": "16"}}, "made with versions .*, and now it would be {'postgres': '16'}"),
        ({"machine": MACHINE}, "made on another machine: start a new one"),
    ],
)
def test_another_stack_is_refused(run: Run, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ShowdownError, match=message):
        resumed(run, run.model_copy(update=changes))

"""A promise is broken by what was seen, by what was lost, and by a fault that nothing shows."""

import pytest
from made_up_faults import made_up_faulted
from showdown.contract.contract import load_contract
from showdown.faults.fault_file import Fault, load_fault_file
from showdown.faults.fault_results import Faulted
from showdown.faults.promises import broken_promises

FAULT = load_fault_file(load_contract()).faults["worker-killed"]
NOTHING_MAY_FAIL = FAULT.model_copy(update={"may_fail": False})


@pytest.fixture
def faulted() -> Faulted:
    return made_up_faulted()


def broken(faulted: Faulted, fault: Fault = FAULT, too_early: int = 0, **seen: object) -> list[str]:
    assert faulted.faulted
    changed = faulted.model_copy(update={"faulted": faulted.faulted.model_copy(update=seen)})
    return broken_promises(changed, fault, too_early)


def test_failed_requests_alone_break_none(faulted: Faulted) -> None:
    assert broken(faulted) == []


def test_wrong_bodies_and_hung_requests_do(faulted: Faulted) -> None:
    assert broken(faulted, wrong_bodies=1) == ["1 wrong bodies"]
    assert broken(faulted, hung=2) == ["2 requests hung"]


def test_lost_rows_do(faulted: Faulted) -> None:
    assert broken(faulted.model_copy(update={"lost": 3})) == ["3 of 50 acknowledged rows lost"]


def test_answers_that_are_not_right_again_do(faulted: Faulted) -> None:
    assert broken(faulted.model_copy(update={"recovered_seconds": None})) == ["answers were not right again in the end"]


def test_a_failed_request_does_where_none_may_fail(faulted: Faulted) -> None:
    assert broken(faulted, NOTHING_MAY_FAIL) == ["2 requests failed, though none may"]
    assert broken(faulted, NOTHING_MAY_FAIL, failed={}) == []


def test_wrong_bodies_without_the_fault_do(faulted: Faulted) -> None:
    assert faulted.control
    faulted.control.wrong_bodies = 1
    assert broken(faulted) == ["1 wrong bodies without the fault"]


@pytest.mark.parametrize(
    "change", [{"error": "not seen within 10 s: a lock"}, {"faulted": None}], ids=["no effect", "nothing seen"]
)
def test_a_fault_that_was_not_caused_does(faulted: Faulted, change: dict[str, object]) -> None:
    changed = faulted.model_copy(update=change)
    assert broken_promises(changed, FAULT, 0) == ["the fault was not caused as it should be"]


def test_the_log_of_what_was_done_and_what_was_seen_have_to_agree(faulted: Faulted) -> None:
    assert broken(faulted.model_copy(update={"done": []})) == ["nothing was done"]
    assert broken(faulted, too_early=4) == ["4 requests failed before anything was done"]
    faulted.done[0].at_seconds = 6.5
    assert broken(faulted) == ["something was done after the last request"]


def test_where_requests_fail_without_a_fault_early_failures_say_nothing(faulted: Faulted) -> None:
    assert faulted.control
    faulted.control.failed = {"503": 1}
    assert broken(faulted, too_early=4) == []

"""A variant holds if it answers what it can, refuses the rest at once, and is itself again soon after."""

from typing import Any

import pytest
from made_up_overload import made_up_overload, made_up_step
from showdown.judge.overload_verdict import doubts, verdict, was_offered


def test_one_that_answers_what_it_can_and_refuses_the_rest_at_once_holds() -> None:
    assert verdict(made_up_overload()) == "holds"


@pytest.mark.parametrize(
    ("load", "changes", "label", "seen"),
    [
        ("clients", {"recovery_seconds": None}, "metastable", "after 2,000 clients it did not recover"),
        ("p300", {"recovery_seconds": 2.25}, "slow recovery", "after 300% it took 2.2 s to recover"),
        ("p150", {"right_requests_per_second": 89.0}, "less goodput", "at 150% it answered 89% of its capacity"),
        ("p1000", {"refused_p99_ms": 1_004.0}, "slow refusals", "at 1,000% 1% of refusals took longer than 1,004 ms"),
        ("p300", {"accepted_p99_ms": 1_021.0}, "slow answers", "at 300% 1% of right answers took longer than 1,021 ms"),
        ("clients", {"service_peak_mib": 183.0}, "memory grows", "from 100 MiB at 50% to 183 MiB at 2,000 clients"),
        (
            "p100",
            {"failures": {"status 500": 3, "status 502": 1}},
            "errors",
            "4 answers were wrong, 3 times: status 500",
        ),
    ],
)
def test_what_is_not_as_it_should_be_is_told(load: str, changes: dict[str, Any], label: str, seen: str) -> None:
    of = made_up_overload(**{load: changes})
    (doubt,) = doubts(of)
    assert verdict(of) == doubt.label == label
    assert seen in doubt.seen


def test_only_at_one_and_a_half_times_the_capacity_does_a_goodput_count() -> None:
    assert verdict(made_up_overload(p1000={"right_requests_per_second": 40.0})) == "holds"


def test_the_gravest_is_the_verdict() -> None:
    of = made_up_overload(p150={"right_requests_per_second": 9.0}, clients={"recovery_seconds": None})
    assert verdict(of) == "metastable"
    assert [doubt.label for doubt in doubts(of)] == ["metastable", "less goodput"]


def test_one_that_was_not_measured_has_failed() -> None:
    assert verdict(made_up_overload().model_copy(update={"fault": "it hangs"})) == "failed"
    assert verdict(made_up_overload().model_copy(update={"steps": []})) == "failed"


def test_what_the_generator_could_not_send_was_not_offered() -> None:
    assert was_offered(made_up_step(None))
    assert was_offered(made_up_step(300, offered_requests_per_second=271.0))
    assert not was_offered(made_up_step(300, offered_requests_per_second=269.0))

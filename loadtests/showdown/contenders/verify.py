"""Replays the golden cases against a running service."""

import time
from collections.abc import Iterable

from showdown_contract.golden import Case, load_cases
from showdown_stack.answers import Answer, fault

# One answer may take so long, and all of them together: a service needs a second or two for the lot.
ANSWER_SECONDS = 10.0
REPLAY_SECONDS = 60.0
# How much longer than it should be an answer is read: enough to show where it differs.
MARGIN_BYTES = 4096


def differences(url: str, cases: Iterable[Case] | None = None) -> list[str]:
    """What a service answers otherwise than the contract says, a text for each case that differs."""
    end = time.monotonic() + REPLAY_SECONDS
    found = ((case, _difference(url, case, end)) for case in cases or load_cases())
    return [f"{case.name}\n  {case.method} {case.path}\n  {differs}" for case, differs in found if differs]


def _difference(url: str, case: Case, end: float) -> str | None:
    seconds = min(ANSWER_SECONDS, end - time.monotonic())
    if seconds <= 0:
        return f"not asked: the cases before it took {REPLAY_SECONDS:.0f} s"
    most = len(case.expected_body) + MARGIN_BYTES

    def judge(answer: Answer) -> str | None:
        differs = case.difference(answer.status, answer.headers, answer.body)
        return (
            f"{differs}\n  it goes on; no more than {most} bytes were read" if differs and not answer.whole else differs
        )

    return fault(judge, url, case.method, case.path, case.body, case.headers, seconds, most)

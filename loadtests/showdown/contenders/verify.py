"""Replays the golden cases against a running service."""

import time
from collections.abc import Iterable
from urllib.parse import urlsplit

from showdown_contract.errors import ShowdownError
from showdown_contract.golden import Case
from showdown_stack.answers import Answer, fault

# Limits for one answer and for all of them. A service needs a second or two for all.
ANSWER_SECONDS = 10.0
REPLAY_SECONDS = 60.0
# How much longer than it should be an answer is read: enough to show where it differs.
MARGIN_BYTES = 4096
# Of a body of which only a part is known.
MOST_SUBSET_BYTES = 2**20


def plain_url(url: str) -> str:
    """The URL of a service without TLS, with its port. Raises ShowdownError for another."""
    try:
        place = urlsplit(url)
        port = place.port or 80
    except ValueError as error:
        raise ShowdownError(f"--url {url}: {error}") from None
    if place.scheme != "http" or not place.hostname or place.path not in {"", "/"} or place.query or place.username:
        raise ShowdownError(f"--url {url}: say http://HOST:PORT, where the service answers without TLS")
    return f"http://{place.hostname}:{port}"


def differences(url: str, cases: Iterable[Case]) -> list[str]:
    """One message for each golden case that the service answers wrongly."""
    end = time.monotonic() + REPLAY_SECONDS
    found = ((case, _difference(url, case, end)) for case in cases)
    return [f"{case.name}\n  {case.method} {case.path}\n  {differs}" for case, differs in found if differs]


def _difference(url: str, case: Case, end: float) -> str | None:
    seconds = min(ANSWER_SECONDS, end - time.monotonic())
    if seconds <= 0:
        return f"not asked: the cases before it took {REPLAY_SECONDS:.0f} s"
    most = MOST_SUBSET_BYTES if case.subset is not None else len(case.expected_body) + MARGIN_BYTES

    def judge(answer: Answer) -> str | None:
        differs = case.difference(answer.status, answer.headers, answer.body)
        return (
            f"{differs}\n  the body is longer: only its first {most} bytes were read"
            if differs and not answer.whole
            else differs
        )

    return fault(judge, url, case.method, case.path, case.body, case.headers, seconds, most)

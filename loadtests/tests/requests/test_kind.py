"""A request says what is wrong with an answer."""

import pytest
from showdown.requests.kind import Request


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [(201, b"made", None), (200, b"made", "status 200"), (201, b"", "wrong body"), (500, b"", "status 500")],
)
def test_an_answer_is_right_by_status_and_body(status: int, body: bytes, failure: str | None) -> None:
    assert Request("/", b"made".__eq__, status=201).failure(status, body) == failure

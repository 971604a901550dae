"""The health check is requested without a session."""

from random import Random

from showdown.requests.healthz import KIND
from showdown.requests.kind import Seeded

RANDOM = Random(1)  # noqa: S311 - load, not secrets


def test_health_is_asked_without_a_session() -> None:
    (request,) = KIND.of_one_user(Seeded(1))
    assert (request.path, request.headers, request.body) == ("/healthz", {}, None)
    assert request.right(b'{"status":"ok"}')
    assert not request.right(b"{}")
    assert KIND.of_any_user(RANDOM, Seeded(1)) == request

"""With Postgres stopped or all connections waiting, haproxy answers every request in time, health checks at once."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager

import psycopg
import pytest
from showdown.contenders.build import build
from showdown.contract.contract import load_contract
from showdown.faults.actions import freezing
from showdown.stacks.local import started_service
from showdown_stack.answers import Answer, ask
from showdown_stack.tiers import Tiers

VARIANTS = load_contract().variants.variants
CLIENTS = 50
# haproxy allows 10 s for a request and 1 s for a health check; the margin is for a busy machine.
MARGIN_SECONDS = 4.0
STOPPED_SECONDS = 12.0
RECIPE = "/api/v1/recipes/1"
ADA = {"Cookie": "sessionid=golden-ada"}


@contextmanager
def frozen(stack: Tiers) -> Iterator[None]:
    """Postgres and all its backends stopped."""
    with freezing.frozen(stack.postgres.process.pid):  # type: ignore[union-attr]
        yield


@contextmanager
def locked(stack: Tiers) -> Iterator[None]:
    """All queries on notes wait."""
    with psycopg.connect(stack.postgres.owner_dsn) as connection:
        connection.execute("LOCK TABLE notes IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()


def timed(stack: Tiers, path: str) -> tuple[Answer, float]:
    began = time.monotonic()
    answer = ask(stack.url, "GET", path, None, ADA, 60, 1 << 20)
    return answer, time.monotonic() - began


@pytest.mark.timeout(120)
@pytest.mark.parametrize("fault", [frozen, locked])
@pytest.mark.parametrize("name", ["starlette", "django", "axum"])
def test_every_request_is_answered_in_time(
    stack: Tiers, name: str, fault: Callable[[Tiers], AbstractContextManager[None]]
) -> None:
    if stack.haproxy is None:
        pytest.skip("haproxy is not installed")
    build({name: VARIANTS[name]})
    with started_service(stack, name, VARIANTS[name]), ThreadPoolExecutor(CLIENTS) as threads:
        assert timed(stack, RECIPE)[0].status == 200
        with fault(stack):
            end = time.monotonic() + STOPPED_SECONDS
            requests = [threads.submit(timed, stack, RECIPE) for _ in range(CLIENTS)]
            while time.monotonic() < end:
                answer, seconds = timed(stack, "/healthz")
                assert answer.status in {200, 503, 504}
                assert seconds < 1 + MARGIN_SECONDS
                time.sleep(0.5)
            answers = [request.result() for request in requests]
        assert {answer.status for answer, _ in answers} <= {503, 504}
        assert max(seconds for _, seconds in answers) < 10 + MARGIN_SECONDS
        # Afterwards everything works again.
        while timed(stack, RECIPE)[0].status != 200:
            time.sleep(0.1)

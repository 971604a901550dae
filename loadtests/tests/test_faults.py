"""With Postgres stopped or all connections waiting, haproxy answers every request in time, health checks at once."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from itertools import product

import psycopg
import pytest
from showdown.contenders.build import build
from showdown.contract.contract import load_contract
from showdown.faults.actions import freezing
from showdown.stacks.local import started_service
from showdown_stack.answers import Answer, ask
from showdown_stack.tiers import Tiers

VARIANTS = load_contract().variants.variants
NAMES = ("starlette", "django", "axum")
# Of each.
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


@contextmanager
def services(stack: Tiers) -> Iterator[dict[str, Tiers]]:
    """The stack as each variant's service has it: behind a port of haproxy's own, so that all wait at once."""
    with ExitStack() as started:
        of = {name: replace(stack, places=[place]) for name, place in zip(NAMES, stack.places, strict=True)}
        for name, tiers in of.items():
            started.enter_context(started_service(tiers, name, VARIANTS[name]))
        yield of


@pytest.mark.timeout(120)
@pytest.mark.parametrize("fault", [frozen, locked])
def test_every_request_is_answered_in_time(
    stack: Tiers, fault: Callable[[Tiers], AbstractContextManager[None]]
) -> None:
    if stack.haproxy is None:
        pytest.skip("haproxy is not installed")
    build({name: VARIANTS[name] for name in NAMES})
    with services(stack) as of, ThreadPoolExecutor(len(NAMES) * CLIENTS) as threads:
        assert {name: timed(tiers, RECIPE)[0].status for name, tiers in of.items()} == dict.fromkeys(NAMES, 200)
        with fault(stack):
            end = time.monotonic() + STOPPED_SECONDS
            requests = [
                (name, threads.submit(timed, tiers, RECIPE)) for name, tiers in of.items() for _ in range(CLIENTS)
            ]
            while time.monotonic() < end:
                for name, tiers in of.items():
                    answer, seconds = timed(tiers, "/healthz")
                    assert answer.status in {200, 503, 504}, name
                    assert seconds < 1 + MARGIN_SECONDS, name
                time.sleep(0.5)
            answers = [(name, *request.result()) for name, request in requests]
        assert {(name, answer.status) for name, answer, _ in answers} <= {*product(NAMES, (503, 504))}
        assert max(seconds for *_, seconds in answers) < 10 + MARGIN_SECONDS
        # Afterwards everything works again.
        for tiers in of.values():
            while timed(tiers, RECIPE)[0].status != 200:
                time.sleep(0.1)

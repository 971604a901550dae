"""With PYTHONTRACEMALLOC, a worker that stops logs which lines of code have kept memory; without it, nothing."""

from typing import Any

import pytest

from tests.served import APPS, Service, serve


def kept(service: Service) -> list[dict[str, Any]]:
    return [grower for line in service.lines() for grower in line.get("growers", [])]


# One for each place from which it is said.
@pytest.mark.parametrize("app", [*APPS, "fastapi"])
def test_a_traced_service_says_what_it_kept(app: str, database_url: str) -> None:
    with serve(app, database_url, WORKERS=1, POOL_SIZE=1, PYTHONTRACEMALLOC=1) as service:
        for _ in range(20):
            service.ask()
        service.stop()
        growers = kept(service)
    assert growers
    # The module's folder and the line, without where it is installed.
    assert all(grower["line"].count("/") <= 1 and grower["mib"] >= 0 for grower in growers)


def test_others_say_nothing(database_url: str) -> None:
    with serve("starlette", database_url, WORKERS=1, POOL_SIZE=1) as service:
        service.ask()
        service.stop()
        assert kept(service) == []

"""What one service requires of the settings, and another does not."""

import os

import pytest
from python_service.settings import BadSettingsError

from python_service import requirements, settings
from tests.served import environment

URL = "postgresql://ada:s3cret@127.0.0.1:5432/showdown"


@pytest.fixture(autouse=True)
def _only_what_the_test_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ.keys() - environment(DATABASE_URL=URL).keys():
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABASE_URL", URL)


def test_each_service_has_its_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_CLIENT", "aiohttp")
    requirements.require_awaitable_client(settings.load())
    with pytest.raises(BadSettingsError, match=r"^HTTP_CLIENT='aiohttp' must be one of httpx, requests: for this"):
        requirements.require_blocking_client(settings.load())
    monkeypatch.setenv("HTTP_CLIENT", "requests")
    requirements.require_blocking_client(settings.load())
    with pytest.raises(BadSettingsError, match=r"^HTTP_CLIENT='requests' must be one of httpx, httpx2, aiohttp, niq"):
        requirements.require_awaitable_client(settings.load())


def test_a_synchronous_worker_has_one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKERS", "4")
    with pytest.raises(BadSettingsError, match=r"POOL_SIZE='20' must equal WORKERS \(4\)"):
        requirements.require_one_connection_a_worker(settings.load())
    monkeypatch.setenv("POOL_SIZE", "4")
    requirements.require_one_connection_a_worker(settings.load())


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PLAN", "sequential", "PLAN='sequential' must be single: this service has no other"),
        ("POOL_RESET", "true", "POOL_RESET='true' must be false: this service has no other"),
    ],
)
def test_a_service_may_have_some_knobs_only(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    require = requirements.require_defaults("plan", "pool_reset")
    require(settings.load())
    monkeypatch.setenv(name, value)
    requirements.require_defaults("statements")(settings.load())
    with pytest.raises(BadSettingsError, match=f"^{message}$"):
        require(settings.load())

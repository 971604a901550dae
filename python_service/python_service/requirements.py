"""What a service requires of the settings, beside what is required of all: for `load_or_exit`."""

from collections.abc import Callable
from typing import TypeAlias

from python_service.settings import BadSettingsError, Settings
from python_service.upstream.knobs import BLOCKING, HttpClient

Requirement: TypeAlias = Callable[[Settings], None]


def require_one_connection_a_worker(settings: Settings) -> None:
    """Check that each worker has exactly one connection: a synchronous worker has no pool. Raises BadSettingsError."""
    if settings.pool_size != settings.workers:
        raise BadSettingsError(
            f"POOL_SIZE={str(settings.pool_size)!r} must equal WORKERS ({settings.workers}): "
            "a synchronous worker has exactly one connection"
        )


def require_no_pool_ping(settings: Settings) -> None:
    """Check that connections are not pinged before use: this service can only reset them. Raises BadSettingsError."""
    if settings.pool_ping:
        raise BadSettingsError("POOL_PING='true' must be false: this service has POOL_RESET")


def require_no_pool_reset(settings: Settings) -> None:
    """Check that connections are not reset at release: this service can only ping them. Raises BadSettingsError."""
    if settings.pool_reset:
        raise BadSettingsError("POOL_RESET='true' must be false: this service has POOL_PING")


def require_defaults(*names: str) -> Requirement:
    """A check that these settings are as they are by default: the service has no such knobs."""

    def require(settings: Settings) -> None:
        """Raises BadSettingsError."""
        for name in names:
            value, default = getattr(settings, name), Settings.model_fields[name].default
            if value != default:
                given, only = _written_as(value), _written_as(default)
                raise BadSettingsError(f"{name.upper()}={given!r} must be {only}: this service has no other")

    return require


def require_blocking_client(settings: Settings) -> None:
    """Check that the HTTP library has a client for synchronous code. Raises BadSettingsError."""
    _require_client(settings, BLOCKING)


def require_awaitable_client(settings: Settings) -> None:
    """Check that the HTTP library has a client for an event loop. Raises BadSettingsError."""
    _require_client(settings, set(HttpClient) - {HttpClient.REQUESTS})


def _require_client(settings: Settings, allowed: set[HttpClient]) -> None:
    if settings.http_client not in allowed:
        names = ", ".join(client for client in HttpClient if client in allowed)
        raise BadSettingsError(f"HTTP_CLIENT={str(settings.http_client)!r} must be one of {names}: for this service")


def _written_as(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_DJANGO: tuple[Requirement, ...] = (
    require_one_connection_a_worker,
    require_defaults("driver"),
    require_no_pool_reset,
    require_blocking_client,
)
BY_APP: dict[str, tuple[Requirement, ...]] = {
    "starlette_app": (require_no_pool_ping, require_awaitable_client),
    "fastapi_app": (
        require_no_pool_ping,
        # SQLAlchemy and FastAPI have no such knobs.
        require_defaults(
            *("driver", "connections", "pool_reset", "statements"),
            *("plan", "lookup", "set_time_zone", "serializer"),
            # OpenTelemetry's instrumentation of SQLAlchemy, as of 0.66, is not for 2.1. That of asyncpg does not see
            # statements which SQLAlchemy has prepared.
            "traces",
        ),
        require_awaitable_client,
    ),
    "django_app": _DJANGO,
    # The ORM has no such knobs.
    "django_orm_app": (*_DJANGO, require_defaults("plan", "lookup", "set_time_zone", "serializer")),
}
"""Of each app, by the name of its folder."""

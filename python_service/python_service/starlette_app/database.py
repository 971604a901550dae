"""Postgres, as requests see it."""

from typing import Protocol, TypeVar

from python_service.plans import Asking
from python_service.settings import Driver, Settings

_Found = TypeVar("_Found")


class Database(Protocol):
    """Runs plans, each on one connection of the worker's pool."""

    async def open(self) -> None:
        """Connect. If Postgres is away, each request tries again."""

    async def close(self) -> None:
        """Disconnect, once no request runs any more."""

    async def run(self, plan: Asking[_Found]) -> _Found:
        """What the plan returns, which mostly is JSON.

        Raises UNAVAILABLE without a working connection, and what the plan raises.
        """


def database(settings: Settings) -> Database:
    """The database by the driver that the settings name. The other driver is not even imported."""
    match settings.driver:
        case Driver.ASYNCPG:
            from python_service.starlette_app.asyncpg_database import AsyncpgDatabase  # noqa: PLC0415

            return AsyncpgDatabase(settings)
        case Driver.PSYCOPG:
            from python_service.starlette_app.psycopg_database import PsycopgDatabase  # noqa: PLC0415

            return PsycopgDatabase(settings)

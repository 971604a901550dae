"""Postgres, as requests see it."""

from typing import Protocol, TypeVar

from python_service.plans import Asking
from python_service.settings import Driver, Settings
from python_service.starlette_app.asyncpg_database import AsyncpgDatabase
from python_service.starlette_app.psycopg_database import PsycopgDatabase

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
    """The database by the driver that the settings name."""
    match settings.driver:
        case Driver.ASYNCPG:
            return AsyncpgDatabase(settings)
        case Driver.PSYCOPG:
            return PsycopgDatabase(settings)

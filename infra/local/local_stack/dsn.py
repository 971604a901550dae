"""Where a Postgres is and who connects to it."""

from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from local_stack.errors import StackError

# What all services, pgbench and pgbouncer understand alike.
_PARTS = {"host", "port", "user", "password", "dbname"}


@dataclass(frozen=True)
class Dsn:
    """A Postgres over TCP. The password is no part of what is printed of it."""

    host: str
    port: int
    user: str
    password: str
    database: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a URL or keywords as libpq does. Raises StackError for what not every service could use."""
        try:
            parts = {name: str(value) for name, value in conninfo_to_dict(text).items() if value is not None}
        except psycopg.ProgrammingError as error:
            raise StackError(f"--dsn is no Postgres URL: {str(error).strip()}") from None
        if unknown := parts.keys() - _PARTS:
            raise StackError(f"--dsn may not say {', '.join(sorted(unknown))}: not every service could do it")
        host, database = parts.get("host", ""), parts.get("dbname", "")
        if not host or host.startswith("/") or not database or "user" not in parts:
            raise StackError("--dsn must name a host, a user and a database: postgresql://user@host/database")
        return cls(host, int(parts.get("port", "5432")), parts["user"], parts.get("password", ""), database)

    @property
    def url(self) -> str:
        """For drivers; with the password."""
        secret = f":{quote(self.password, safe='')}" if self.password else ""
        return (
            f"postgresql://{quote(self.user, safe='')}{secret}@{self.host}:{self.port}/{quote(self.database, safe='')}"
        )

    def at(self, host: str, port: int) -> Self:
        """The same through something that stands before it."""
        return replace(self, host=host, port=port)

    def __repr__(self) -> str:
        return f"postgresql://{self.user}@{self.host}:{self.port}/{self.database}"

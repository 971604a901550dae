"""Where a Postgres is and who connects to it."""

from dataclasses import dataclass, replace
from typing import Literal, Self
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from local_stack.errors import StackError

SslMode = Literal["disable", "verify-full"]
# What all services, pgbench and pgbouncer understand alike.
_PARTS = {"host", "port", "user", "password", "dbname", "sslmode", "sslrootcert"}


@dataclass(frozen=True)
class Dsn:
    """A Postgres over TCP. The password is no part of what is printed of it."""

    host: str
    port: int
    user: str
    password: str
    database: str
    sslmode: SslMode | None = None
    """None leaves it to the driver: for a server that is known to speak no TLS."""
    sslrootcert: str | None = None
    """With verify-full, the file of the CA's certificate on the machine that connects."""

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
        sslmode = _sslmode(parts.get("sslmode"), parts.get("sslrootcert"))
        port, password = int(parts.get("port", "5432")), parts.get("password", "")
        return cls(host, port, parts["user"], password, database, sslmode, parts.get("sslrootcert"))

    @property
    def url(self) -> str:
        """For drivers; with the password."""
        secret = f":{quote(self.password, safe='')}" if self.password else ""
        return self._url(f"{quote(self.user, safe='')}{secret}")

    def url_by_way_of(self, address: str, port: int) -> str:
        """For libpq alone: connects to another address, such as an SSH tunnel's end, and verifies this host's name."""
        url = replace(self, port=port).url
        return f"{url}{'&' if '?' in url else '?'}{urlencode({'hostaddr': address})}"

    def at(self, host: str, port: int) -> Self:
        """The same through something that stands before it, and that sees to TLS itself."""
        return replace(self, host=host, port=port, sslmode=None, sslrootcert=None)

    def __repr__(self) -> str:
        return self._url(self.user)

    def _url(self, who: str) -> str:
        tls = {name: value for name in ("sslmode", "sslrootcert") if (value := getattr(self, name)) is not None}
        parameters = f"?{urlencode(tls, quote_via=quote, safe='/')}" if tls else ""
        return f"postgresql://{who}@{self.host}:{self.port}/{quote(self.database, safe='')}{parameters}"


def _sslmode(said: str | None, ca_file: str | None) -> SslMode | None:
    match said:
        case "verify-full":
            # Services do not run in the folder that we are in.
            if ca_file is None or not ca_file.startswith("/"):
                raise StackError("--dsn with sslmode=verify-full needs sslrootcert=/path/to/ca.crt, the server's CA")
            return said
        case None | "disable":
            if ca_file is not None:
                raise StackError("--dsn may say sslrootcert only with sslmode=verify-full")
            return said
        case _:
            raise StackError(
                f"--dsn may not say sslmode={said}: it does not make sure that the server is the one it names; "
                "say sslmode=verify-full&sslrootcert=/path/to/ca.crt, or sslmode=disable"
            )

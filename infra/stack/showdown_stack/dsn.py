"""The address of a Postgres, and the user who connects to it."""

import re
from dataclasses import dataclass, replace
from typing import Literal, Self
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict
from showdown_contract.errors import ShowdownError

SslMode = Literal["disable", "verify-full"]
# The parts that all services, pgbench and pgbouncer understand in the same way.
MOST_PORT = 65535
# One name, or one IPv4 or IPv6 address; nothing that another parser might read differently.
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_PORT = re.compile(r"[0-9]{1,5}")
_PARTS = {"host", "port", "user", "password", "dbname", "sslmode", "sslrootcert"}


@dataclass(frozen=True)
class Dsn:
    """A Postgres over TCP. Its repr() has no password."""

    host: str
    port: int
    user: str
    password: str
    database: str
    sslmode: SslMode | None = None
    """None: the driver's default, for a server that is known to have no TLS."""
    sslrootcert: str | None = None
    """With verify-full: the path of the CA's certificate, on the machine that connects."""

    @classmethod
    def parse(cls, text: str, name: str = "--dsn") -> Self:
        """Read a URL or keywords as libpq does. Raises ShowdownError for anything that some service could not use.

        `name`: what a message begins with. None repeats a value, for a malformed one may contain a password.
        """
        parts = _parts(text, name)
        if unknown := parts.keys() - _PARTS:
            raise ShowdownError(f"{name} may not say {', '.join(sorted(unknown))}: not every service could do it")
        host, database, user = parts.get("host", ""), parts.get("dbname", ""), parts.get("user", "")
        if not host or host.startswith("/") or not database or not user:
            raise ShowdownError(f"{name} must name a host, a user and a database: postgresql://user@host/database")
        if not _HOST.fullmatch(host):
            raise ShowdownError(f"{name} must name one host, by its name or address: not every service can try several")
        port = parts.get("port", "5432")
        if not _PORT.fullmatch(port) or not 1 <= int(port) <= MOST_PORT:
            raise ShowdownError(f"{name} must name one port, a whole number from 1 to {MOST_PORT}")
        sslmode = _sslmode(parts.get("sslmode"), parts.get("sslrootcert"), name)
        return cls(host, int(port), user, parts.get("password", ""), database, sslmode, parts.get("sslrootcert"))

    @property
    def url(self) -> str:
        """The URL for drivers, with the password."""
        secret = f":{quote(self.password, safe='')}" if self.password else ""
        return self._url(f"{quote(self.user, safe='')}{secret}")

    def url_by_way_of(self, address: str, port: int) -> str:
        """A URL for libpq only: connects to another address, such as an SSH tunnel's; verifies this host's name."""
        url = replace(self, port=port).url
        return f"{url}{'&' if '?' in url else '?'}{urlencode({'hostaddr': address})}"

    def at(self, host: str, port: int) -> Self:
        """The same database through a proxy, which takes care of TLS itself."""
        return replace(self, host=host, port=port, sslmode=None, sslrootcert=None)

    def __repr__(self) -> str:
        return self._url(self.user)

    def _url(self, who: str) -> str:
        tls = {name: value for name in ("sslmode", "sslrootcert") if (value := getattr(self, name)) is not None}
        parameters = f"?{urlencode(tls, quote_via=quote, safe='/')}" if tls else ""
        # In brackets, so that the colons of an IPv6 address are not taken for the one before the port.
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"postgresql://{who}@{host}:{self.port}/{quote(self.database, safe='')}{parameters}"


def _parts(text: str, name: str) -> dict[str, str]:
    """The parts, by libpq's names. Raises ShowdownError."""
    scheme, _, rest = text.partition("://")
    authority, _, after = rest.partition("/")
    if scheme in {"postgresql", "postgres"} and (authority.count("@") > 1 or "@" in after):
        # libpq would take a part of the password for a host, a port or a database.
        raise ShowdownError(f"{name} has an @ or a / in a name or the password: write %40 and %2F for them")
    try:
        return {part: str(value) for part, value in conninfo_to_dict(text).items() if value is not None}
    except (psycopg.Error, ValueError):
        # libpq's own message repeats what it could not read, which may be a password.
        raise ShowdownError(
            f"{name} is no Postgres URL: postgresql://user:password@host:port/database, where each character of a name "
            "or password that means something in a URL is written %40, as @ is"
        ) from None


def _sslmode(said: str | None, ca_file: str | None, name: str) -> SslMode | None:
    match said:
        case "verify-full":
            # Services run in another folder, so a relative path would not do.
            if ca_file is None or not ca_file.startswith("/"):
                raise ShowdownError(
                    f"{name} with sslmode=verify-full needs sslrootcert=/path/to/ca.crt, the server's CA"
                )
            return said
        case None | "disable":
            if ca_file is not None:
                raise ShowdownError(f"{name} may say sslrootcert only with sslmode=verify-full")
            return said
        case "allow" | "prefer" | "require" | "verify-ca":
            raise ShowdownError(
                f"{name} may not say sslmode={said}: it does not make sure that the server is the one it names; "
                "say sslmode=verify-full&sslrootcert=/path/to/ca.crt, or sslmode=disable"
            )
        case _:
            raise ShowdownError(
                f"{name} may say sslmode=verify-full, with sslrootcert=/path/to/ca.crt, or sslmode=disable"
            )

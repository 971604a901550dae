"""What is done, and with which TLS settings: the names in results."""

from enum import StrEnum


class Operation(StrEnum):
    """What is done once, and measured."""

    CONSTRUCT = "construct"
    """A client is constructed and closed."""
    ONE_OFF = "one-off"
    """A client is constructed, asks one thing, and is closed."""
    NEW_CONNECTION = "new connection"
    """A client that is there asks on a new connection."""
    KEPT_CONNECTION = "kept connection"
    """A client that is there asks on a connection that is there."""


class Trust(StrEnum):
    """What a client trusts."""

    DEFAULT = "default"
    """What the library trusts if nothing is said."""
    CERTIFI = "certifi"
    """certifi's bundle, in a context for each client."""
    CA_FILE = "CA file"
    """One CA, in a context for each client."""
    SHARED = "shared context"
    """One context for all clients, with what Python trusts."""
    UNVERIFIED = "unverified"
    """Anything: no CA is loaded and no certificate checked. It shows what all else costs."""


ALL = frozenset(Trust)
# What a library can be told. One that makes its own TLS contexts takes none; niquests does not use certifi, and
# certifi's bundle is the default of requests. pyreqwest keeps its own roots beside a CA that it is given.
POSSIBLE = {
    "httpx": ALL,
    "httpx2": ALL,
    "aiohttp": ALL,
    "requests": ALL - {Trust.CERTIFI},
    "niquests": ALL - {Trust.CERTIFI, Trust.SHARED},
    "pyreqwest": ALL - {Trust.CERTIFI, Trust.CA_FILE, Trust.SHARED},
}
# A client that is there has been told before.
WORTH_IT = {
    Operation.CONSTRUCT: ALL,
    Operation.ONE_OFF: ALL,
    Operation.NEW_CONNECTION: frozenset({Trust.DEFAULT, Trust.SHARED}),
    Operation.KEPT_CONNECTION: frozenset({Trust.DEFAULT}),
}


def plan(module: str) -> list[tuple[Operation, Trust]]:
    """What is measured of a library, in the order of the tables."""
    return [
        (operation, trusted)
        for operation in Operation
        for trusted in Trust
        if trusted in POSSIBLE[module] & WORTH_IT[operation]
    ]


def benchmark_name(library: str, operation: str, trusted: str) -> str:
    """Its name in pyperf's file."""
    return f"{library}/{operation}/{trusted}"

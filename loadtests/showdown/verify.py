"""Replays the golden cases against a running service."""

from collections.abc import Iterable
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from showdown_contract.golden import Case, load_cases

TIMEOUT_SECONDS = 30


def differences(url: str, cases: Iterable[Case] | None = None) -> list[str]:
    """What a service answers otherwise than the contract says, a text for each case that differs."""
    found = ((case, _difference(url, case)) for case in cases or load_cases())
    return [f"{case.name}\n  {case.method} {case.path}\n  {fault}" for case, fault in found if fault]


def _difference(url: str, case: Case) -> str | None:
    # A connection of its own: a server may close one whose body it had no reason to read.
    connection = HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT_SECONDS)
    try:
        connection.request(case.method, case.path, case.body, dict(case.headers))
        response = connection.getresponse()
        body = response.read()
    except (OSError, HTTPException) as error:
        return f"no answer: {type(error).__name__} {error}"
    finally:
        connection.close()
    return case.difference(response.status, {name.lower(): value for name, value in response.getheaders()}, body)

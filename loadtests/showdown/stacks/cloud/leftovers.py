"""Asks the provider itself for what a stack that was destroyed has left behind.

Terraform forgets a database that was not online in time, and then destroys all but that.
"""

import os
from typing import Any

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError
from showdown_contract.errors import ShowdownError

API = "https://api.digitalocean.com"
# As the provider for Terraform reads them.
TOKENS, API_URL = ("DIGITALOCEAN_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN"), "DIGITALOCEAN_API_URL"
PAGE, MOST_PAGES = 200, 50
ASK_SECONDS = 30.0


class Priced(BaseModel):
    """Something that costs money."""

    id: int | str
    name: str


PRICED = TypeAdapter(list[Priced])


def leftovers(stack: str) -> list[str]:
    """How to delete what is there by the names of a stack's hosts and database. Raises ShowdownError."""
    token = next((value for name in TOKENS if (value := os.environ.get(name))), None)
    if token is None:
        raise ShowdownError(f"cannot look for leftovers in the account without a token: set {TOKENS[0]}")
    with httpx.Client(
        base_url=os.environ.get(API_URL, API), headers={"Authorization": f"Bearer {token}"}, timeout=ASK_SECONDS
    ) as client:
        hosts = [host for host in _all(client, "droplets") if host.name.startswith(f"{stack}-")]
        databases = [database for database in _all(client, "databases") if database.name == stack]
    return [
        *(f"doctl compute droplet delete {host.id}  # {host.name}" for host in hosts),
        *(f"doctl databases delete {database.id}  # {database.name}" for database in databases),
    ]


def _all(client: httpx.Client, kind: str) -> list[Priced]:
    found: list[Priced] = []
    for page in range(1, MOST_PAGES + 1):
        try:
            answer = client.get(f"/v2/{kind}", params={"page": page, "per_page": PAGE}).raise_for_status()
            document: dict[str, Any] = answer.json()
            # An empty list may be null.
            some = PRICED.validate_python(document.get(kind) or [])
        except (httpx.HTTPError, ValueError, ValidationError) as error:
            raise ShowdownError(f"cannot look for leftovers among the account's {kind}: {error}") from None
        found += some
        if len(some) < PAGE:
            break
    return found

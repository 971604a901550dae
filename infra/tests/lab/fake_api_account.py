"""What one account at the fake provider holds, and what is common to everything in it."""

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

PRICES = Path(__file__).parents[2] / "prices.json"
REGIONS = ("nyc1", "nyc3", "sfo3", "ams3", "fra1")
IMAGES = ("debian-12-x64", "debian-13-x64")

Key = TypeVar("Key")
Thing = TypeVar("Thing")
# A resource, or an answer, as JSON: the names in it are the provider's.
Json = dict[str, Any]
Name = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9.-]*$", max_length=255)]
TagName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_:-]+$", max_length=255)]
Tags = Annotated[list[TagName], Field(default_factory=list)]
# From a request's path and body to the status and body of the answer, None where it has none.
Handler = Callable[["Account", Mapping[str, str], Any], tuple[int, Json | None]]


class Body(BaseModel):
    """A request's body: what is not in it, or of another type, the provider does not know."""

    model_config = ConfigDict(extra="forbid", strict=True)


class RefusalError(Exception):
    """A request that the provider refuses, as it stands."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Settings:
    """What a test decides for the account: where its database clusters are, and who vouches for them."""

    database_host: str = "showdown-do-user-1-0.db.example"
    database_port: int = 25060
    pool_port: int = 25061
    ca_certificate: str = "-----BEGIN CERTIFICATE-----\nbm9ib2R5IHZvdWNoZXM=\n-----END CERTIFICATE-----\n"


@dataclass
class Account:
    """In memory; each dictionary is by id (or, for tags, name)."""

    settings: Settings
    vpcs: dict[str, Json] = field(default_factory=dict)
    keys: dict[int, Json] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)
    firewalls: dict[str, Json] = field(default_factory=dict)
    droplets: dict[int, Json] = field(default_factory=dict)
    user_data: dict[int, str] = field(default_factory=dict)
    actions: dict[int, Json] = field(default_factory=dict)
    databases: dict[str, Json] = field(default_factory=dict)
    # By cluster: its pools by name, its trusted sources.
    pools: dict[str, dict[str, Json]] = field(default_factory=dict)
    trusted: dict[str, list[Json]] = field(default_factory=dict)
    projects: dict[str, Json] = field(default_factory=dict)
    # URN of a droplet or database to project id: each is in one project.
    assigned: dict[str, str] = field(default_factory=dict)
    passwords: list[str] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(3_000_001))

    def __post_init__(self) -> None:
        # Every account is born with one project, which takes what nobody assigns.
        self.default_project = new_id()
        self.projects[self.default_project] = {"id": self.default_project, "name": "first-project", "is_default": True}

    def holdings(self) -> dict[str, list[str]]:
        """What somebody made and nobody deleted: names by kind, without the kinds of which there is nothing."""
        named: dict[str, list[Json]] = {
            "vpcs": list(self.vpcs.values()),
            "keys": list(self.keys.values()),
            "firewalls": list(self.firewalls.values()),
            "droplets": list(self.droplets.values()),
            "databases": list(self.databases.values()),
            "projects": [project for project in self.projects.values() if not project["is_default"]],
        }
        held = {kind: sorted(thing["name"] for thing in things) for kind, things in named.items()}
        held["tags"] = sorted(self.tags)
        return {kind: names for kind, names in held.items() if names}

    def urns(self) -> list[str]:
        """What a project can hold."""
        return [droplet_urn(number) for number in self.droplets] + [database_urn(uuid) for uuid in self.databases]


def new_id() -> str:
    return str(uuid4())


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def droplet_urn(number: int) -> str:
    return f"do:droplet:{number}"


def database_urn(uuid: str) -> str:
    return f"do:dbaas:{uuid}"


def sizes(kind: str) -> dict[str, Json]:
    """What can be ordered, "droplets" or "databases": {slug: {vcpus, memory_gb, usd_per_month}}."""
    found: dict[str, Json] = json.loads(PRICES.read_text())[kind]
    return found


def find(things: Mapping[Key, Thing], key: Key) -> Thing:
    """One thing of the account; raises RefusalError where there is none of that id."""
    try:
        return things[key]
    except KeyError:
        raise RefusalError(404, f"The resource you were accessing could not be found: {key}") from None


def require(holds: object, message: str, status: int = 422) -> None:
    """Refuse what does not hold."""
    if not holds:
        raise RefusalError(status, message)


def require_new_name(things: Mapping[Any, Json], name: str) -> None:
    require(all(thing["name"] != name for thing in things.values()), f"the name {name} is taken")


def page(things: list[Json], kind: str) -> Json:
    """A list, as one page."""
    return {kind: things, "links": {}, "meta": {"total": len(things)}}

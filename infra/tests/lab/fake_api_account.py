"""An account at the fake provider, and what its resources have in common."""

import itertools
import json
import time
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
# A resource or an answer as JSON, with the provider's names.
Json = dict[str, Any]
Name = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9.-]*$", max_length=255)]
TagName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_:-]+$", max_length=255)]
Tags = Annotated[list[TagName], Field(default_factory=list)]
# Takes a request's path and body; returns the answer's status and body, None if it has no body.
Handler = Callable[["Account", Mapping[str, str], Any], tuple[int, Json | None]]


class Body(BaseModel):
    """A request's body. Unknown keys and wrong types are refused, as by the provider."""

    model_config = ConfigDict(extra="forbid", strict=True)


class RefusalError(Exception):
    """The provider refuses the request."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Settings:
    """What a test chooses for the account: the addresses of its database clusters, and their CA."""

    database_host: str = "showdown-do-user-1-0.db.example"
    database_port: int = 25060
    pool_port: int = 25061
    ca_certificate: str = "-----BEGIN CERTIFICATE-----\nbm9ib2R5IHZvdWNoZXM=\n-----END CERTIFICATE-----\n"
    first_vpcs: bool = True
    """Whether each region has a VPC already, as in an account that has been used."""
    shows_credentials: bool = True
    """Whether the token has the scope database:view_credentials (database_user.yml of digitalocean/openapi)."""
    databases_come_online: bool = True
    leaving_seconds: float = 0.0
    """How long something that was deleted is still in its VPC and its project."""
    droplet_limit: int = 25
    """account.yml of digitalocean/openapi has this number as its example. OpenRouterLabs/spawn#3059 has an account that
    may have three, and the words of the refusal."""
    dearer_usd: int = 0
    """How much more a size costs in a month than infra/prices.json says."""
    shutdown_seconds: float = 0.0
    """How long a droplet goes on running after it was told to shut down."""


@dataclass
class Account:
    """Kept in memory. Each dictionary is by id, or for tags by name."""

    settings: Settings
    vpcs: dict[str, Json] = field(default_factory=dict)
    # By the id of a VPC or project: until when (by time.monotonic) something that was deleted is still in it.
    leaving: dict[str, float] = field(default_factory=dict)
    keys: dict[int, Json] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)
    firewalls: dict[str, Json] = field(default_factory=dict)
    droplets: dict[int, Json] = field(default_factory=dict)
    user_data: dict[int, str] = field(default_factory=dict)
    # By the droplet's id: when (by time.monotonic) it has shut down.
    off_at: dict[int, float] = field(default_factory=dict)
    actions: dict[int, Json] = field(default_factory=dict)
    databases: dict[str, Json] = field(default_factory=dict)
    # By the cluster's id: its pools by name, and its trusted sources.
    pools: dict[str, dict[str, Json]] = field(default_factory=dict)
    trusted: dict[str, list[Json]] = field(default_factory=dict)
    projects: dict[str, Json] = field(default_factory=dict)
    # From the URN of a droplet or database to the id of the project that it is in.
    assigned: dict[str, str] = field(default_factory=dict)
    passwords: list[str] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(3_000_001))

    def __post_init__(self) -> None:
        self.uuid = new_id()
        # Every account has a first project, for everything that is not assigned to another.
        self.default_project = new_id()
        self.projects[self.default_project] = {"id": self.default_project, "name": "first-project", "is_default": True}
        for number, region in enumerate(REGIONS if self.settings.first_vpcs else ()):
            vpc = {
                "id": new_id(),
                "name": f"default-{region}",
                "region": region,
                "ip_range": f"10.{108 + number}.0.0/20",
            }
            self.vpcs[vpc["id"]] = {**vpc, "urn": f"do:vpc:{vpc['id']}", "default": True, "created_at": now()}
        self.first_vpcs = frozenset(self.vpcs)

    def holdings(self) -> dict[str, list[str]]:
        """The names of everything that was made and not deleted, by kind. Kinds without any are left out."""
        named: dict[str, list[Json]] = {
            "vpcs": [vpc for uuid, vpc in self.vpcs.items() if uuid not in self.first_vpcs],
            "keys": list(self.keys.values()),
            "firewalls": list(self.firewalls.values()),
            "droplets": list(self.droplets.values()),
            "databases": list(self.databases.values()),
            "projects": [project for project in self.projects.values() if not project["is_default"]],
        }
        held = {kind: sorted(thing["name"] for thing in things) for kind, things in named.items()}
        held["tags"] = sorted(self.tags)
        return {kind: names for kind, names in held.items() if names}

    def leave(self, *places: str) -> None:
        """Something that has been deleted was in these VPCs and projects."""
        for place in places:
            self.leaving[place] = time.monotonic() + self.settings.leaving_seconds

    def is_being_left(self, place: str) -> bool:
        return self.leaving.get(place, 0) > time.monotonic()

    def urns(self) -> list[str]:
        """The URNs of everything that can be in a project."""
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
    """The sizes of "droplets" or "databases" that can be ordered: {slug: {vcpus, memory_gb, usd_per_month}}."""
    found: dict[str, Json] = json.loads(PRICES.read_text())[kind]
    return found


def find(things: Mapping[Key, Thing], key: Key) -> Thing:
    """The resource with this id. Raises RefusalError if there is none."""
    try:
        return things[key]
    except KeyError:
        raise RefusalError(404, f"The resource you were accessing could not be found: {key}") from None


def require(holds: object, message: str, status: int = 422) -> None:
    """Raise RefusalError if the condition does not hold."""
    if not holds:
        raise RefusalError(status, message)


def require_new_name(things: Mapping[Any, Json], name: str) -> None:
    require(all(thing["name"] != name for thing in things.values()), f"the name {name} is taken")


def page(things: list[Json], kind: str) -> Json:
    """A list as a single page."""
    return {kind: things, "links": {}, "meta": {"total": len(things)}}


def read_account(account: Account, _: Mapping[str, str], __: Any) -> tuple[int, Json]:
    about = {
        "droplet_limit": account.settings.droplet_limit,
        "floating_ip_limit": 5,
        "email": "sammy@digitalocean.com",
        "uuid": account.uuid,
        "email_verified": True,
        "status": "active",
        "status_message": "",
    }
    return 200, {"account": about}


HANDLERS: dict[str, Handler] = {"GET /v2/account": read_account}

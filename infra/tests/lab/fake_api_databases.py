"""The fake provider's Postgres clusters: online at once, with users, databases, pools and trusted sources."""

import base64
import secrets
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from lab.fake_api_account import (
    REGIONS,
    Account,
    Body,
    Handler,
    Json,
    Name,
    Tags,
    database_urn,
    find,
    new_id,
    now,
    page,
    require,
    require_new_name,
    sizes,
)

OWNER = "doadmin"
FIRST_DATABASE = "defaultdb"
# Whose end_of_availability is over, in databases/responses/options.yml of digitalocean/openapi. It knows no 18.
NOT_OFFERED = {"13", "14"}
CONNECTIONS_A_GB = 25
CONNECTIONS_KEPT = 3
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_-]*$", max_length=63)]


class ClusterRequest(Body):
    name: Annotated[Name, StringConstraints(min_length=3, max_length=63)]
    engine: Literal["pg"]
    version: Literal["13", "14", "15", "16", "17"]
    size: str
    region: str
    num_nodes: Annotated[int, Field(ge=1, le=3)]
    private_network_uuid: str
    # database_cluster.yml of digitalocean/openapi; without it, the account's default project.
    project_id: str | None = None
    # The API would take trusted sources here, too; the provider for Terraform sends none.
    rules: None = None
    tags: Tags


class UserRequest(Body):
    name: Identifier


class DatabaseRequest(Body):
    name: Identifier


class PoolRequest(Body):
    name: Annotated[Identifier, StringConstraints(min_length=3)]
    mode: Literal["session", "transaction", "statement"]
    size: Annotated[int, Field(ge=1)]
    db: str
    user: str


class TrustedSource(Body):
    type: Literal["droplet", "tag", "ip_addr"]
    value: str
    # Filled in by the provider: clients send it empty, or as they have read it.
    uuid: str = ""
    cluster_uuid: str = ""
    created_at: str = ""


class TrustedSources(Body):
    rules: list[TrustedSource]


def create_cluster(account: Account, _: Mapping[str, str], body: Any) -> tuple[int, Json]:
    request = ClusterRequest.model_validate(body)
    require(request.version not in NOT_OFFERED, f"Postgres {request.version} is not on offer any more")
    require(request.region in REGIONS, f"no such region: {request.region}")
    require(request.size in sizes("databases"), f"no such size: {request.size}")
    require_new_name(account.databases, request.name)
    vpc = find(account.vpcs, request.private_network_uuid)
    require(vpc["region"] == request.region, "the VPC is in another region")

    uuid = new_id()
    owner = new_user(account, OWNER, "primary")
    port = account.settings.database_port
    cluster = {
        **request.model_dump(exclude={"rules"}),
        "id": uuid,
        "project_id": find(account.projects, request.project_id or account.default_project)["id"],
        "status": "online" if account.settings.databases_come_online else "creating",
        "created_at": now(),
        "users": [owner],
        "db_names": [FIRST_DATABASE],
        "connection": connection(account, owner, FIRST_DATABASE, port, private=False),
        "private_connection": connection(account, owner, FIRST_DATABASE, port, private=True),
        "maintenance_window": {"day": "monday", "hour": "04:00:00", "pending": False},
    }
    account.tags.update(request.tags)
    account.databases[uuid] = cluster
    account.pools[uuid] = {}
    account.trusted[uuid] = []
    account.assigned[database_urn(uuid)] = cluster["project_id"]
    return 201, {"database": {**cluster, "status": "creating"}}


def list_clusters(account: Account, _: Mapping[str, str], __: Any) -> tuple[int, Json]:
    return 200, page(list(account.databases.values()), "databases")


def read_cluster(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, Json]:
    return 200, {"database": find(account.databases, path["id"])}


def delete_cluster(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, None]:
    uuid = find(account.databases, path["id"])["id"]
    account.leave(account.databases[uuid]["private_network_uuid"], account.assigned[database_urn(uuid)])
    del account.databases[uuid], account.pools[uuid], account.trusted[uuid], account.assigned[database_urn(uuid)]
    return 204, None


def read_ca(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, Json]:
    find(account.databases, path["id"])
    return 200, {"ca": {"certificate": base64.b64encode(account.settings.ca_certificate.encode()).decode()}}


def create_user(account: Account, path: Mapping[str, str], body: Any) -> tuple[int, Json]:
    users: list[Json] = find(account.databases, path["id"])["users"]
    name = UserRequest.model_validate(body).name
    require(name not in named(users), f"the user {name} exists", status=409)
    users.append(new_user(account, name, "normal"))
    return 201, {"user": users[-1]}


def read_user(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, Json]:
    return 200, {"user": find(named(find(account.databases, path["id"])["users"]), path["name"])}


def delete_user(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, None]:
    users: list[Json] = find(account.databases, path["id"])["users"]
    require(path["name"] != OWNER, f"{OWNER} stays as long as its cluster", status=403)
    users.remove(find(named(users), path["name"]))
    return 204, None


def create_database(account: Account, path: Mapping[str, str], body: Any) -> tuple[int, Json]:
    names: list[str] = find(account.databases, path["id"])["db_names"]
    name = DatabaseRequest.model_validate(body).name
    require(name not in names, f"the database {name} exists", status=409)
    names.append(name)
    return 201, {"db": {"name": name}}


def read_database(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, Json]:
    names: list[str] = find(account.databases, path["id"])["db_names"]
    require(path["name"] in names, f"there is no database {path['name']}", status=404)
    return 200, {"db": {"name": path["name"]}}


def delete_database(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, None]:
    read_database(account, path, None)
    account.databases[path["id"]]["db_names"].remove(path["name"])
    return 204, None


def create_pool(account: Account, path: Mapping[str, str], body: Any) -> tuple[int, Json]:
    cluster = find(account.databases, path["id"])
    request = PoolRequest.model_validate(body)
    pools = account.pools[path["id"]]
    require(request.name not in pools, f"the pool {request.name} exists", status=409)
    require(request.db in cluster["db_names"], f"there is no database {request.db}", status=404)
    user = find(named(cluster["users"]), request.user)
    allowed = sizes("databases")[cluster["size"]]["memory_gb"] * CONNECTIONS_A_GB - CONNECTIONS_KEPT
    used = sum(pool["size"] for pool in pools.values())
    require(used + request.size <= allowed, f"{allowed} connections are all that the cluster has for its pools")
    port = account.settings.pool_port
    pools[request.name] = {
        **request.model_dump(),
        "connection": connection(account, user, request.name, port, private=False),
        "private_connection": connection(account, user, request.name, port, private=True),
    }
    return 201, {"pool": pools[request.name]}


def read_pool(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, Json]:
    return 200, {"pool": find(find(account.pools, path["id"]), path["name"])}


def delete_pool(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, None]:
    pools = find(account.pools, path["id"])
    del pools[find(pools, path["name"])["name"]]
    return 204, None


def read_trusted(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, Json]:
    return 200, {"rules": find(account.trusted, path["id"])}


def replace_trusted(account: Account, path: Mapping[str, str], body: Any) -> tuple[int, None]:
    cluster = find(account.databases, path["id"])["id"]
    rules = TrustedSources.model_validate(body).rules
    for rule in rules:
        known = {"droplet": {str(number) for number in account.droplets}, "tag": account.tags}.get(rule.type)
        require(known is None or rule.value in known, f"there is no {rule.type} {rule.value}")
    account.trusted[cluster] = [
        {
            **rule.model_dump(),
            "uuid": rule.uuid or new_id(),
            "cluster_uuid": cluster,
            "created_at": now(),
        }
        for rule in rules
    ]
    return 204, None


def new_user(account: Account, name: str, role: str) -> Json:
    password = f"AVNS_{secrets.token_urlsafe(16)}"
    account.passwords.append(password)
    return {"name": name, "role": role, "password": password}


def named(users: list[Json]) -> dict[str, Json]:
    return {user["name"]: user for user in users}


def connection(account: Account, user: Json, database: str, port: int, *, private: bool) -> Json:
    host = f"{'private-' if private else ''}{account.settings.database_host}"
    name, password = user["name"], user["password"]
    return {
        "uri": f"postgresql://{name}:{password}@{host}:{port}/{database}?sslmode=require",
        "database": database,
        "host": host,
        "port": port,
        "user": name,
        "password": password,
        "ssl": True,
    }


HANDLERS: dict[str, Handler] = {
    "POST /v2/databases": create_cluster,
    "GET /v2/databases": list_clusters,
    "GET /v2/databases/{id}": read_cluster,
    "DELETE /v2/databases/{id}": delete_cluster,
    "GET /v2/databases/{id}/ca": read_ca,
    "POST /v2/databases/{id}/users": create_user,
    "GET /v2/databases/{id}/users/{name}": read_user,
    "DELETE /v2/databases/{id}/users/{name}": delete_user,
    "POST /v2/databases/{id}/dbs": create_database,
    "GET /v2/databases/{id}/dbs/{name}": read_database,
    "DELETE /v2/databases/{id}/dbs/{name}": delete_database,
    "POST /v2/databases/{id}/pools": create_pool,
    "GET /v2/databases/{id}/pools/{name}": read_pool,
    "DELETE /v2/databases/{id}/pools/{name}": delete_pool,
    "GET /v2/databases/{id}/firewall": read_trusted,
    "PUT /v2/databases/{id}/firewall": replace_trusted,
}

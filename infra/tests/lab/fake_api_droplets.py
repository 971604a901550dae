"""The fake provider's droplets: up at once, with a private address in their VPC and a public documentation address."""

import math
import time
from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from lab.fake_api_account import (
    IMAGES,
    REGIONS,
    Account,
    Body,
    Handler,
    Json,
    Name,
    Tags,
    droplet_urn,
    find,
    now,
    page,
    require,
    sizes,
)

PUBLIC = IPv4Network("198.51.100.0/24")
USER_DATA_BYTES = 64 * 1024
HOURS_A_MONTH = 672


class DropletRequest(Body):
    name: Name
    region: str
    size: str
    image: str
    vpc_uuid: str
    ssh_keys: Annotated[list[int | str], Field(min_length=1)]
    user_data: Annotated[str, StringConstraints(max_length=USER_DATA_BYTES)] = ""
    tags: Tags
    monitoring: bool = False
    with_droplet_agent: bool = True
    private_networking: bool = False
    backups: Literal[False] = False
    ipv6: Literal[False] = False


class ActionRequest(Body):
    type: Literal["shutdown"]


def create_droplet(account: Account, _: Mapping[str, str], body: Any) -> tuple[int, Json]:
    request = DropletRequest.model_validate(body)
    require(request.region in REGIONS, f"no such region: {request.region}")
    require(request.image in IMAGES, f"no such image: {request.image}")
    require(request.size in sizes("droplets"), f"no such size: {request.size}")
    require(len(request.user_data.encode()) <= USER_DATA_BYTES, "user data of more than 64 KiB")
    limit = account.settings.droplet_limit
    require(len(account.droplets) < limit, "creating this/these droplet(s) will exceed your droplet limit")
    known = {name for key in account.keys.values() for name in (key["id"], key["fingerprint"])}
    require(known.issuperset(request.ssh_keys), f"no such SSH key among {request.ssh_keys}")
    vpc = find(account.vpcs, request.vpc_uuid)
    require(vpc["region"] == request.region, "the VPC is in another region")

    number = next(account.numbers)
    size = size_as_json(request.size)
    droplet = {
        "id": number,
        "name": request.name,
        "region": {"slug": request.region},
        "image": {"slug": request.image},
        "size": size,
        "size_slug": request.size,
        "memory": size["memory"],
        "vcpus": size["vcpus"],
        "disk": size["disk"],
        "vpc_uuid": request.vpc_uuid,
        "tags": sorted(request.tags),
        "volume_ids": [],
        "features": features(request),
        "networks": {"v4": networks(account, IPv4Network(vpc["ip_range"])), "v6": []},
        "locked": False,
        "status": "active",
        "created_at": now(),
    }
    # A droplet's tags are made with it if need be, and stay when it is deleted.
    account.tags.update(request.tags)
    account.droplets[number] = droplet
    account.user_data[number] = request.user_data
    account.assigned[droplet_urn(number)] = account.default_project
    action = new_action(account, number, "create")
    links = {"actions": [{"id": action["id"], "rel": "create", "href": ""}]}
    return 202, {"droplet": {**droplet, "status": "new", "locked": True}, "links": links}


def list_droplets(account: Account, _: Mapping[str, str], __: Any) -> tuple[int, Json]:
    return 200, page(list(account.droplets.values()), "droplets")


def read_droplet(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, Json]:
    droplet = find(account.droplets, int(path["id"]))
    if account.off_at.get(droplet["id"], math.inf) <= time.monotonic():
        droplet["status"] = "off"
    return 200, {"droplet": droplet}


def delete_droplet(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, None]:
    number: int = find(account.droplets, int(path["id"]))["id"]
    account.leave(account.droplets.pop(number)["vpc_uuid"])
    del account.user_data[number]
    del account.assigned[droplet_urn(number)]
    for firewall in account.firewalls.values():
        firewall["droplet_ids"] = [other for other in firewall["droplet_ids"] if other != number]
    return 204, None


def act(account: Account, path: Mapping[str, str], body: Any) -> tuple[int, Json]:
    request = ActionRequest.model_validate(body)
    droplet = find(account.droplets, int(path["id"]))
    account.off_at[droplet["id"]] = time.monotonic() + account.settings.shutdown_seconds
    return 201, {"action": new_action(account, droplet["id"], request.type)}


def read_action(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, Json]:
    return 200, {"action": find(account.actions, int(path["id"]))}


def list_sizes(account: Account, _: Mapping[str, str], __: Any) -> tuple[int, Json]:
    told = [size_as_json(slug) for slug in sizes("droplets")]
    for size in told:
        size["price_monthly"] += account.settings.dearer_usd
    return 200, page(told, "sizes")


def size_as_json(slug: str) -> Json:
    size = sizes("droplets")[slug]
    return {
        "slug": slug,
        "memory": size["memory_gb"] * 1024,
        "vcpus": size["vcpus"],
        "disk": 80,
        "transfer": 4.0,
        "price_monthly": size["usd_per_month"],
        "price_hourly": round(size["usd_per_month"] / HOURS_A_MONTH, 5),
        "regions": list(REGIONS),
        "available": True,
        "description": "Basic",
    }


def features(request: DropletRequest) -> list[str]:
    optional = {"monitoring": request.monitoring, "droplet_agent": request.with_droplet_agent}
    return ["private_networking", *(name for name, wanted in optional.items() if wanted)]


def networks(account: Account, vpc: IPv4Network) -> list[Json]:
    """The lowest free addresses. The first address of a range is the provider's own."""
    taken = {network["ip_address"] for droplet in account.droplets.values() for network in droplet["networks"]["v4"]}
    found = []
    for kind, addresses in (("private", vpc), ("public", PUBLIC)):
        gateway, *free = (str(address) for address in addresses.hosts())
        address = next((address for address in free if address not in taken), None)
        require(address, f"no {kind} address is free")
        found.append({"type": kind, "ip_address": address, "netmask": str(addresses.netmask), "gateway": gateway})
    return found


def new_action(account: Account, droplet: int, kind: str) -> Json:
    action: Json = {
        "id": next(account.numbers),
        "status": "completed",
        "type": kind,
        "started_at": now(),
        "completed_at": now(),
        "resource_id": droplet,
        "resource_type": "droplet",
    }
    account.actions[action["id"]] = action
    return action


HANDLERS: dict[str, Handler] = {
    "POST /v2/droplets": create_droplet,
    "GET /v2/droplets": list_droplets,
    "GET /v2/droplets/{id:int}": read_droplet,
    "DELETE /v2/droplets/{id:int}": delete_droplet,
    "POST /v2/droplets/{id:int}/actions": act,
    "GET /v2/actions/{id:int}": read_action,
    "GET /v2/sizes": list_sizes,
}

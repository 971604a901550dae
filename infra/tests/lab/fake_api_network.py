"""The fake provider's VPCs, firewalls and SSH keys."""

import base64
import hashlib
from collections.abc import Mapping
from ipaddress import IPv4Network, ip_network
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from lab.fake_api_account import (
    REGIONS,
    Account,
    Body,
    Handler,
    Json,
    Name,
    TagName,
    Tags,
    find,
    new_id,
    now,
    require,
    require_new_name,
)

Ports = Annotated[str, StringConstraints(pattern=r"^(all|0|\d{1,5}(-\d{1,5})?)$")]
# https://docs.digitalocean.com/products/networking/vpc/concepts/plan-your-network/: those of all regions, and of some.
RESERVED = tuple(IPv4Network(text) for text in ("10.244.0.0/16", "10.245.0.0/16", "10.246.0.0/24", "10.229.0.0/16"))
RESERVED_IN = {"nyc1": (IPv4Network("10.10.0.0/16"),)}


class VpcRequest(Body):
    name: Name
    region: str
    ip_range: str
    description: Annotated[str, StringConstraints(max_length=255)] = ""


class KeyRequest(Body):
    name: str
    public_key: str


class Peers(Body):
    """The addresses and tags that a rule is about."""

    addresses: Annotated[list[str], Field(default_factory=list)]
    tags: Tags
    droplet_ids: Annotated[list[int], Field(default_factory=list)]

    def as_json(self) -> Json:
        return {kind: values for kind, values in self.model_dump().items() if values}


class Rule(Body):
    protocol: Literal["tcp", "udp", "icmp"]
    ports: Ports = "0"

    def as_json(self, peer_kind: str, peers: Peers) -> Json:
        # The provider's answer for a rule about all ports, or about a protocol without ports.
        ports = "0" if self.protocol == "icmp" or self.ports == "all" else self.ports
        return {"protocol": self.protocol, "ports": ports, peer_kind: peers.as_json()}


class InboundRule(Rule):
    sources: Peers


class OutboundRule(Rule):
    destinations: Peers


class FirewallRequest(Body):
    name: Name
    inbound_rules: list[InboundRule] | None
    outbound_rules: list[OutboundRule] | None
    droplet_ids: list[int] | None = None
    tags: list[TagName] | None = None


def create_vpc(account: Account, _: Mapping[str, str], body: Any) -> tuple[int, Json]:
    request = VpcRequest.model_validate(body)
    require(request.region in REGIONS, f"no such region: {request.region}")
    require_new_name(account.vpcs, request.name)
    require(is_address_range(request.ip_range), f"no address range: {request.ip_range}")
    network = IPv4Network(request.ip_range)
    require(network.is_private and 16 <= network.prefixlen <= 28, "ip_range: a private one, of /16 to /28")
    for reserved in (*RESERVED, *RESERVED_IN.get(request.region, ())):
        require(not network.overlaps(reserved), f"{reserved} is reserved for DigitalOcean's own use")
    for other in account.vpcs.values():
        require(not network.overlaps(IPv4Network(other["ip_range"])), f"the range is in use by {other['name']}")
    # "The first one that you create will be set as the default for that region": digitalocean/openapi, vpcs_create.yml.
    is_first = all(other["region"] != request.region for other in account.vpcs.values())
    vpc = {**request.model_dump(), "id": new_id(), "default": is_first, "created_at": now()}
    vpc["urn"] = f"do:vpc:{vpc['id']}"
    account.vpcs[vpc["id"]] = vpc
    return 201, {"vpc": vpc}


def read_vpc(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, Json]:
    return 200, {"vpc": find(account.vpcs, path["id"])}


def delete_vpc(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, None]:
    """Refused as the API does it: vpcs_delete.yml of digitalocean/openapi has 403 for both reasons.

    For members it is 409, "Can not delete VPC with members": pulumi/pulumi-digitalocean#753 has seen that, and
    digitalocean/terraform-provider-digitalocean#1424, since which (2.65.0) the provider tries again. Members leave some
    time after they have been deleted.
    """
    vpc = find(account.vpcs, path["id"])
    uuid: str = vpc["id"]
    require(not vpc["default"], "Can not delete default VPCs", status=403)
    members = [droplet["name"] for droplet in account.droplets.values() if droplet["vpc_uuid"] == uuid]
    members += [cluster["name"] for cluster in account.databases.values() if cluster["private_network_uuid"] == uuid]
    members += ["something that is leaving"] if account.is_being_left(uuid) else []
    require(not members, f"Can not delete VPC with members: {', '.join(members)}", status=409)
    del account.vpcs[uuid]
    return 204, None


def create_key(account: Account, _: Mapping[str, str], body: Any) -> tuple[int, Json]:
    request = KeyRequest.model_validate(body)
    fingerprint = fingerprint_of(request.public_key)
    require(all(key["fingerprint"] != fingerprint for key in account.keys.values()), "the SSH key is already in use")
    key = {**request.model_dump(), "id": next(account.numbers), "fingerprint": fingerprint}
    account.keys[key["id"]] = key
    return 201, {"ssh_key": key}


def read_key(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, Json]:
    return 200, {"ssh_key": find(account.keys, int(path["id"]))}


def delete_key(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, None]:
    del account.keys[find(account.keys, int(path["id"]))["id"]]
    return 204, None


def create_firewall(account: Account, _: Mapping[str, str], body: Any) -> tuple[int, Json]:
    request = FirewallRequest.model_validate(body)
    require_new_name(account.firewalls, request.name)
    firewall = {**checked(account, request), "id": new_id(), "created_at": now()}
    account.firewalls[firewall["id"]] = firewall
    return 202, {"firewall": firewall}


def read_firewall(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, Json]:
    return 200, {"firewall": find(account.firewalls, path["id"])}


def delete_firewall(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, None]:
    del account.firewalls[find(account.firewalls, path["id"])["id"]]
    return 204, None


def checked(account: Account, request: FirewallRequest) -> Json:
    """A firewall as the provider keeps it. Raises RefusalError for rules that it would refuse."""
    inbound, outbound = request.inbound_rules or [], request.outbound_rules or []
    require(inbound or outbound, "a firewall has at least one rule")
    peers = [rule.sources for rule in inbound] + [rule.destinations for rule in outbound]
    require(all(peer.addresses or peer.tags or peer.droplet_ids for peer in peers), "a rule is for somebody")
    for address in (address for peer in peers for address in peer.addresses):
        require(is_address_range(address), f"no address or range: {address}")
    tags = {*(request.tags or []), *(tag for peer in peers for tag in peer.tags)}
    require(tags <= account.tags, f"tags that do not exist: {', '.join(tags - account.tags)}")
    droplets = {*(request.droplet_ids or []), *(number for peer in peers for number in peer.droplet_ids)}
    require(droplets <= account.droplets.keys(), f"no such droplets: {droplets - account.droplets.keys()}")
    return {
        "name": request.name,
        "inbound_rules": [rule.as_json("sources", rule.sources) for rule in inbound],
        "outbound_rules": [rule.as_json("destinations", rule.destinations) for rule in outbound],
        "droplet_ids": request.droplet_ids or [],
        "tags": request.tags or [],
        "status": "succeeded",
        "pending_changes": [],
    }


def is_address_range(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def fingerprint_of(public_key: str) -> str:
    """The key's MD5 in hexadecimal pairs, as the provider uses it. Raises RefusalError if it is not a public key."""
    try:
        kind, blob = public_key.split()[:2]
        content = base64.b64decode(blob, validate=True)
    except ValueError:
        kind, content = "", b""
    require(kind and kind.encode() in content[: len(kind) + 4], "the key is invalid: it is not one of OpenSSH's form")
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return ":".join(digest[start : start + 2] for start in range(0, len(digest), 2))


HANDLERS: dict[str, Handler] = {
    "POST /v2/vpcs": create_vpc,
    "GET /v2/vpcs/{id}": read_vpc,
    "DELETE /v2/vpcs/{id}": delete_vpc,
    "POST /v2/account/keys": create_key,
    "GET /v2/account/keys/{id:int}": read_key,
    "DELETE /v2/account/keys/{id:int}": delete_key,
    "POST /v2/firewalls": create_firewall,
    "GET /v2/firewalls/{id}": read_firewall,
    "DELETE /v2/firewalls/{id}": delete_firewall,
}

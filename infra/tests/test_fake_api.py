"""The fake refuses what the real API would refuse; test_apply.py shows what it accepts."""

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx
import pytest
from lab.fake_api import TOKEN, FakeApi
from lab.fake_api_databases import CONNECTIONS_A_GB, CONNECTIONS_KEPT

KEY = "ssh-ed25519 " + base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0 " + bytes(32)).decode()


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as running:
        yield running


@pytest.fixture
def client(api: FakeApi) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=api.url, headers={"Authorization": f"Bearer {TOKEN}"}) as connected:
        yield connected


def vpc(**others: object) -> dict[str, object]:
    return {"name": "net", "region": "nyc3", "ip_range": "10.10.0.0/24", **others}


def droplet(vpc_uuid: str, key: int, **others: object) -> dict[str, object]:
    fields = {"name": "host", "region": "nyc3", "size": "s-2vcpu-4gb", "image": "debian-13-x64"}
    return {**fields, "vpc_uuid": vpc_uuid, "ssh_keys": [key], "user_data": "#cloud-config\n", **others}


def cluster(vpc_uuid: str, **others: object) -> dict[str, object]:
    fields = {"name": "database", "engine": "pg", "version": "17", "size": "db-s-2vcpu-4gb", "region": "nyc3"}
    return {**fields, "num_nodes": 1, "private_network_uuid": vpc_uuid, **others}


def firewall(**others: object) -> dict[str, object]:
    rule = {"protocol": "tcp", "ports": "22", "sources": {"addresses": ["198.51.100.7/32"]}}
    return {"name": "wall", "inbound_rules": [rule], "outbound_rules": None, "droplet_ids": [], "tags": [], **others}


def made(answer: httpx.Response) -> Any:
    """The one resource in an answer to a request that made something."""
    assert answer.is_success, answer.text
    return next(iter(answer.json().values()))


@pytest.fixture
def network(client: httpx.Client) -> str:
    uuid: str = made(client.post("/v2/vpcs", json=vpc()))["id"]
    return uuid


@pytest.fixture
def key(client: httpx.Client) -> int:
    number: int = made(client.post("/v2/account/keys", json={"name": "me", "public_key": KEY}))["id"]
    return number


@pytest.fixture
def database(client: httpx.Client, network: str) -> str:
    uuid: str = made(client.post("/v2/databases", json=cluster(network)))["id"]
    return uuid


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v2/kubernetes/clusters"), ("PUT", "/v2/vpcs"), ("GET", "/v2/sizes/")]
)
def test_an_unknown_path_or_method_is_a_problem(api: FakeApi, client: httpx.Client, method: str, path: str) -> None:
    assert client.request(method, path).status_code == 404
    assert api.problems == [f"{method} {path}: 404, the fake knows no such path or method"]


def test_another_token_is_a_problem(api: FakeApi) -> None:
    assert httpx.get(f"{api.url}/v2/sizes", headers={"Authorization": "Bearer another"}).status_code == 401
    assert len(api.problems) == 1


@pytest.mark.parametrize(
    "body",
    [
        vpc(colour="red"),
        {"name": "net"},
        vpc(name=7),
        vpc(name="a name"),
    ],
    ids=["unknown field", "missing field", "another type", "another form"],
)
def test_a_body_of_another_form_is_a_problem(api: FakeApi, client: httpx.Client, body: dict[str, object]) -> None:
    assert client.post("/v2/vpcs", json=body).status_code == 422
    assert len(api.problems) == 1
    assert api.account.holdings() == {}


@pytest.mark.parametrize(
    "body",
    [
        vpc(region="xyz9"),
        vpc(ip_range="8.8.8.0/24"),
        vpc(ip_range="10.10.0.1/24"),
        vpc(ip_range="10.0.0.0/8"),
        vpc(ip_range="10.244.0.0/20"),
        vpc(region="nyc1"),
    ],
    ids=["region", "public range", "no range", "too large", "reserved", "reserved in this region"],
)
def test_a_vpc_that_cannot_be(api: FakeApi, client: httpx.Client, body: dict[str, object]) -> None:
    assert client.post("/v2/vpcs", json=body).status_code == 422
    assert len(api.refused) == 1


@pytest.mark.usefixtures("network")
def test_vpcs_do_not_overlap(client: httpx.Client) -> None:
    assert client.post("/v2/vpcs", json=vpc(name="other", ip_range="10.10.0.0/16")).status_code == 422


def test_a_vpc_stays_while_it_has_members(client: httpx.Client, network: str, database: str) -> None:
    assert client.delete(f"/v2/vpcs/{network}").status_code == 409
    assert client.delete(f"/v2/databases/{database}").status_code == 204
    assert client.delete(f"/v2/vpcs/{network}").status_code == 204
    assert client.delete(f"/v2/vpcs/{network}").status_code == 404


def test_a_member_leaves_its_vpc_and_its_project_after_it_was_deleted(
    api: FakeApi, client: httpx.Client, network: str, database: str
) -> None:
    api.account.settings = replace(api.account.settings, leaving_seconds=3600)
    project = made(client.post("/v2/projects", json={"name": "ours", "purpose": "Web Application"}))["id"]
    api.account.assigned[f"do:dbaas:{database}"] = project
    assert client.delete(f"/v2/databases/{database}").status_code == 204
    assert client.delete(f"/v2/vpcs/{network}").status_code == 409
    assert client.delete(f"/v2/projects/{project}").status_code == 412


def test_the_first_vpc_of_a_region_becomes_its_default_and_stays(api: FakeApi, client: httpx.Client) -> None:
    api.account.vpcs.clear()
    first, second = (
        made(client.post("/v2/vpcs", json=vpc(name=name, ip_range=f"10.{number}.0.0/24")))
        for number, name in enumerate(("first", "second"), start=20)
    )
    assert (first["default"], second["default"]) == (True, False)
    assert client.delete(f"/v2/vpcs/{first['id']}").status_code == 403
    assert client.delete(f"/v2/vpcs/{second['id']}").status_code == 204


def test_a_cluster_is_made_in_the_project_that_it_names(api: FakeApi, client: httpx.Client, network: str) -> None:
    project = made(client.post("/v2/projects", json={"name": "ours", "purpose": "Web Application"}))["id"]
    uuid = made(client.post("/v2/databases", json=cluster(network, project_id=project)))["id"]
    assert api.account.assigned == {f"do:dbaas:{uuid}": project}
    assert made(client.get(f"/v2/databases/{uuid}"))["project_id"] == project


@pytest.mark.usefixtures("key")
def test_a_key_is_one_and_is_there_once(client: httpx.Client) -> None:
    assert client.post("/v2/account/keys", json={"name": "again", "public_key": KEY}).status_code == 422
    assert client.post("/v2/account/keys", json={"name": "other", "public_key": "ssh-ed25519 AAAA"}).status_code == 422


def test_droplets_get_addresses_in_turn(api: FakeApi, client: httpx.Client, network: str, key: int) -> None:
    answers = [client.post("/v2/droplets", json=droplet(network, key, name=name)).json() for name in ("a", "b")]
    addresses = [[network["ip_address"] for network in answer["droplet"]["networks"]["v4"]] for answer in answers]
    assert addresses == [["10.10.0.2", "198.51.100.2"], ["10.10.0.3", "198.51.100.3"]]

    first = answers[0]["droplet"]["id"]
    assert answers[0]["droplet"]["status"] == "new"
    assert made(client.get(f"/v2/droplets/{first}"))["status"] == "active"
    assert made(client.get(f"/v2/actions/{answers[0]['links']['actions'][0]['id']}"))["status"] == "completed"
    assert api.account.user_data[first] == "#cloud-config\n"

    client.delete(f"/v2/droplets/{first}")
    again = made(client.post("/v2/droplets", json=droplet(network, key, name="c")))
    assert again["networks"]["v4"][0]["ip_address"] == "10.10.0.2"


@pytest.mark.parametrize(
    "others",
    [
        {"size": "s-1000vcpu"},
        {"image": "debian-7-x64"},
        {"region": "fra1"},
        {"ssh_keys": [1]},
        {"user_data": "é" * 40_000},
    ],
    ids=lambda others: next(iter(others)),
)
def test_a_droplet_that_cannot_be(client: httpx.Client, network: str, key: int, others: dict[str, object]) -> None:
    assert client.post("/v2/droplets", json=droplet(network, key, **others)).status_code == 422


def test_an_account_may_have_so_many_droplets(api: FakeApi, client: httpx.Client, network: str, key: int) -> None:
    api.account.settings = replace(api.account.settings, droplet_limit=1)
    assert client.get("/v2/account").json()["account"]["droplet_limit"] == 1
    assert client.post("/v2/droplets", json=droplet(network, key)).status_code == 202
    assert client.post("/v2/droplets", json=droplet(network, key, name="another")).status_code == 422
    assert len(client.get("/v2/droplets").json()["droplets"]) == 1


def test_two_changes_of_a_cluster_at_once_are_a_problem(api: FakeApi, client: httpx.Client, database: str) -> None:
    def make(kind: str) -> int:
        return client.post(f"/v2/databases/{database}/{kind}", json={"name": "ours"}).status_code

    with ThreadPoolExecutor() as pool:
        assert list(pool.map(make, ("dbs", "users"))) == [201, 201]
    assert [problem.partition(": ")[2] for problem in api.problems] == [
        "409, another change of this cluster is under way"
    ]


def test_tags_outlive_what_brought_them(api: FakeApi, client: httpx.Client, network: str, key: int) -> None:
    number = made(client.post("/v2/droplets", json=droplet(network, key, tags=["left"])))["id"]
    assert made(client.get("/v2/tags/left"))["resources"]["droplets"]["count"] == 1
    client.delete(f"/v2/droplets/{number}")
    assert api.account.holdings()["tags"] == ["left"]
    assert made(client.get("/v2/tags/left"))["resources"]["droplets"]["count"] == 0
    assert client.delete("/v2/tags/left").status_code == 204
    assert client.get("/v2/tags/left").status_code == 404


@pytest.mark.parametrize(
    "others",
    [
        {"inbound_rules": []},
        {"inbound_rules": [{"protocol": "tcp", "ports": "22", "sources": {}}]},
        {"inbound_rules": [{"protocol": "tcp", "ports": "22", "sources": {"tags": ["unknown"]}}]},
        {"inbound_rules": [{"protocol": "tcp", "ports": "22", "sources": {"addresses": ["everywhere"]}}]},
        {"tags": ["unknown"]},
        {"droplet_ids": [1]},
    ],
    ids=["no rule", "for nobody", "for an unknown tag", "for no address", "of an unknown tag", "of an unknown droplet"],
)
def test_a_firewall_that_cannot_be(client: httpx.Client, others: dict[str, object]) -> None:
    assert client.post("/v2/firewalls", json=firewall(**others)).status_code == 422


def test_a_project_stays_while_it_holds_something(client: httpx.Client, database: str) -> None:
    project = made(client.post("/v2/projects", json={"name": "ours", "purpose": "Proof"}))
    assert project["purpose"] == "Other: Proof"
    urns = [f"do:dbaas:{database}", "do:droplet:1"]
    assigned = made(client.post(f"/v2/projects/{project['id']}/resources", json={"resources": urns}))
    assert [(each["urn"], each["status"]) for each in assigned] == [(urns[0], "assigned"), (urns[1], "not_found")]
    assert client.delete(f"/v2/projects/{project['id']}").status_code == 412

    client.post("/v2/projects/default/resources", json={"resources": urns[:1]})
    assert client.delete(f"/v2/projects/{project['id']}").status_code == 204


def test_a_postgres_that_is_not_on_offer_any_more(api: FakeApi, client: httpx.Client, network: str) -> None:
    assert client.post("/v2/databases", json=cluster(network, version="14")).status_code == 422
    assert client.post("/v2/databases", json=cluster(network, version="15")).status_code == 201
    assert len(api.refused) == 1


def test_pools_share_the_connections_of_their_cluster(client: httpx.Client, database: str) -> None:
    allowed = 4 * CONNECTIONS_A_GB - CONNECTIONS_KEPT
    pool = {"name": "pool", "mode": "session", "size": allowed, "db": "defaultdb", "user": "doadmin"}
    assert client.post(f"/v2/databases/{database}/pools", json=pool | {"size": allowed + 1}).status_code == 422
    assert client.post(f"/v2/databases/{database}/pools", json=pool | {"db": "unknown"}).status_code == 404
    assert client.post(f"/v2/databases/{database}/pools", json=pool | {"user": "unknown"}).status_code == 404
    assert client.post(f"/v2/databases/{database}/pools", json=pool).status_code == 201
    assert client.post(f"/v2/databases/{database}/pools", json=pool | {"name": "more", "size": 1}).status_code == 422


def test_every_user_has_a_password_of_its_own(api: FakeApi, client: httpx.Client, database: str) -> None:
    api_user = made(client.post(f"/v2/databases/{database}/users", json={"name": "api"}))
    owner = made(client.get(f"/v2/databases/{database}/users/doadmin"))
    assert api.account.passwords == [owner["password"], api_user["password"]]
    assert owner["password"] != api_user["password"]
    assert client.delete(f"/v2/databases/{database}/users/doadmin").status_code == 403


def test_a_token_without_the_scope_sees_no_credentials(api: FakeApi, client: httpx.Client, database: str) -> None:
    api.account.settings = replace(api.account.settings, shows_credentials=False)
    seen = client.get(f"/v2/databases/{database}").json()["database"]
    assert not {"user", "password", "uri"} & seen["private_connection"].keys()
    assert seen["private_connection"]["host"]
    user = made(client.get(f"/v2/databases/{database}/users/doadmin"))
    assert user == {"name": "doadmin", "role": "primary"}


def test_trusted_sources_exist(client: httpx.Client, database: str) -> None:
    path = f"/v2/databases/{database}/firewall"
    rules = {"rules": [{"type": "tag", "value": "service"}]}
    assert client.put(path, json=rules).status_code == 422
    client.post("/v2/tags", json={"name": "service"})
    assert client.put(path, json=rules).status_code == 204
    assert [rule["value"] for rule in client.get(path).json()["rules"]] == ["service"]


def test_requests_are_counted_by_path(api: FakeApi, client: httpx.Client, database: str) -> None:
    client.get(f"/v2/databases/{database}")
    client.get(f"/v2/databases/{database}")
    assert api.requests["GET /v2/databases/{id}"] == 2
    assert api.requests["POST /v2/databases"] == 1

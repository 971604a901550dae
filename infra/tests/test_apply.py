"""What infra/ makes in an account, and what it leaves there.

The tests in Terraform's own language run at the same time as the stories, for these mostly wait.
"""

import json
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from lab.fake_api import TOKEN
from lab.stories import CERTIFICATE, PROGRAMS, STORIES, VARIABLES, Requests, Story
from lab.tools import HINT, missing, provider_is_new
from showdown.stacks.cloud.preflight import require_passwords
from showdown_contract.errors import ShowdownError

pytestmark = [
    pytest.mark.skipif(bool(missing()), reason=f"missing here: {', '.join(missing())}"),
    # The provider waits 10 s before it asks for a droplet's state, however fast the fake is.
    pytest.mark.timeout(600),
]
# The one that is built where no registry is reached neither waits longer nor makes a database in a project.
needs_new_provider = pytest.mark.skipif(
    not missing() and not provider_is_new(), reason=f"missing here: a provider from 2.65 on ({HINT})"
)


@pytest.fixture(scope="module")
def stories(booting: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, "Future[Any]"]]:
    """All stories at the same time, for the provider mostly waits; test hosts are `booting` meanwhile."""
    assert booting
    with ThreadPoolExecutor(len(STORIES)) as pool:
        yield {
            name: pool.submit(story, program, tmp_path_factory.mktemp("terraform"))
            for name, (story, program) in STORIES.items()
        }


@pytest.fixture(scope="module", params=[program.name for program in PROGRAMS])
def life(request: pytest.FixtureRequest, stories: dict[str, "Future[Any]"]) -> Story:
    story: Story = stories[f"whole life, {request.param}"].result()
    return story


def test_the_outputs_are_what_showdown_drives(life: Story) -> None:
    stack = life.outputs["stack"]["value"]
    assert [(host["name"], host["tier"]) for host in stack["hosts"]] == [
        ("haproxy", "haproxy"),
        ("service1", "service"),
        ("generator1", "generator"),
    ]
    for host in stack["hosts"]:
        addresses = {
            network["type"]: network["ip_address"] for network in life.droplets[host["name"]]["networks"]["v4"]
        }
        assert addresses == {"private": host["private_address"], "public": host["public_address"]}
        assert host["size"] == life.droplets[host["name"]]["size_slug"]
        assert host["usd_per_month"] == life.droplets[host["name"]]["size"]["price_monthly"]
    haproxy = stack["hosts"][0]
    assert stack["haproxy"] == {"urls": [f"http://{haproxy['private_address']}:{port}" for port in range(80, 90)]}
    assert (stack["service_ports"], stack["locust_port"]) == (list(range(8000, 8010)), 5557)


def test_the_database_is_reached_in_the_vpc_and_verified(life: Story) -> None:
    settings = life.api.account.settings
    database = life.outputs["stack"]["value"]["database"]
    assert (database["host"], database["public_host"]) == (f"private-{settings.database_host}", settings.database_host)
    assert (database["port"], database["pool_port"]) == (settings.database_port, settings.pool_port)
    assert (database["name"], database["pool_mode"], database["pool_size"]) == ("showdown", "session", 80)
    assert database["size"] == "db-s-2vcpu-4gb"
    assert life.outputs["database_ca"]["value"] == CERTIFICATE


def test_hosts_let_in_whom_they_must_and_nobody_else(life: Story) -> None:
    mine = VARIABLES["allowed_addresses"]
    opened = {name: inbound(life, droplet["tags"]) for name, droplet in life.droplets.items()}
    assert opened == {
        "haproxy": {"22": {*mine}, "80-89": {"showdown-generator"}},
        "service1": {"22": {*mine}, "8000-8009": {"showdown-haproxy", "showdown-generator"}},
        "generator1": {"22": {*mine}, "5557": {"showdown-generator"}},
    }
    trusted = {(source["type"], source["value"]) for source in life.trusted}
    assert trusted == {("tag", "showdown-service"), ("tag", "showdown-generator")}


def test_no_host_is_ever_without_its_firewalls(life: Story) -> None:
    requests = life.api.requests
    assert isinstance(requests, Requests)
    order = requests.order
    assert last(order, "POST /v2/firewalls") < order.index("POST /v2/droplets")
    assert last(order, "DELETE /v2/droplets/{id:int}") < order.index("DELETE /v2/firewalls/{id}")


def test_the_cost_is_the_sum_of_what_was_made(life: Story) -> None:
    stack, cost = life.outputs["stack"]["value"], life.outputs["cost"]["value"]
    dollars = sum(host["usd_per_month"] for host in stack["hosts"]) + stack["database"]["usd_per_month"]
    assert cost["usd_per_month"] == pytest.approx(dollars)
    assert cost["usd_per_hour"] == pytest.approx(dollars / 672, rel=0.001)


def test_passwords_are_where_they_belong_alone(life: Story) -> None:
    users = life.outputs["database_users"]
    passwords = [users["value"][user]["password"] for user in ("owner", "api")]
    assert passwords == life.api.account.passwords
    assert (users["value"]["owner"]["name"], users["value"]["api"]["name"]) == ("doadmin", "api")
    assert [name for name, output in life.outputs.items() if output["sensitive"]] == ["database_users"]

    public = {name: output["value"] for name, output in life.outputs.items() if not output["sensitive"]}
    for text in (json.dumps(public), life.said, *life.user_data.values()):
        assert [secret for secret in (*passwords, TOKEN) if secret in text] == []


def test_nothing_is_asked_that_the_provider_would_refuse(life: Story) -> None:
    assert life.api.problems == []
    # The provider deletes a droplet, and then asks for it until the answer is 404.
    assert [refusal for refusal in life.api.refused if not refusal.startswith("GET /v2/droplets/")] == []


def test_destroy_leaves_nothing(life: Story) -> None:
    assert life.api.requests["DELETE /v2/databases/{id}"] == 1
    assert life.api.account.holdings() == {}


def test_more_service_hosts_replace_no_other_host(stories: dict[str, "Future[Any]"]) -> None:
    small, large = stories["growth"].result()
    assert large.droplets.keys() - small.droplets.keys() == {"service2", "service3"}
    kept = {name for name, droplet in small.droplets.items() if large.droplets[name]["id"] == droplet["id"]}
    assert kept == {"haproxy", "service1", "generator1"}
    services = [host for host in large.outputs["stack"]["value"]["hosts"] if host["tier"] == "service"]
    assert [host["name"] for host in services] == ["service1", "service2", "service3"]
    assert large.outputs["stack"]["value"]["database"]["pool_size"] == 60
    assert large.api.requests["POST /v2/databases"] == 1
    assert large.api.problems == []


def test_destroy_cleans_up_after_an_interrupted_apply(stories: dict[str, "Future[Any]"]) -> None:
    held, api = stories["interruption"].result()
    assert held["droplets"]
    # The last step of an apply.
    assert "POST /v2/projects/{id}/resources" not in api.requests
    assert api.account.holdings() == {}


@needs_new_provider
def test_destroy_waits_for_hosts_that_shut_down_and_leave_slowly(stories: dict[str, "Future[Any]"]) -> None:
    api = stories["slow leaving"].result()
    assert api.account.holdings() == {}
    assert any(refusal.startswith("DELETE /v2/vpcs/") and ": 409, " in refusal for refusal in api.refused)


@needs_new_provider
def test_the_database_is_never_in_another_project(stories: dict[str, "Future[Any]"]) -> None:
    order = stories["slow leaving"].result().requests.order
    assert order.index("POST /v2/projects") < order.index("POST /v2/databases")
    assert order.index("DELETE /v2/databases/{id}") < order.index("DELETE /v2/projects/{id}")


@needs_new_provider
def test_a_late_database_is_forgotten_by_terraform_and_found_in_the_account(stories: dict[str, "Future[Any]"]) -> None:
    said, state, left = stories["late database"].result()
    assert "Timeout waiting to database cluster to become online" in plain(said)
    assert [name for name in state if "database_cluster" in name] == []
    *hosts, database = left
    assert re.fullmatch(r"doctl databases delete [0-9a-f-]{36}  # showdown", database)
    assert len(hosts) == 3


def test_a_token_that_may_not_read_passwords_is_told_of_before_a_run(stories: dict[str, "Future[Any]"]) -> None:
    outputs = stories["blind token"].result()
    assert outputs.database_users.owner.password.get_secret_value() == ""
    with pytest.raises(ShowdownError, match="database:view_credentials"):
        require_passwords(outputs.database_users)


def test_leftovers_can_be_found_by_the_stacks_tag(life: Story) -> None:
    hosts = {"showdown-haproxy", "showdown-service1", "showdown-generator1"}
    assert life.tagged == {*hosts, "showdown"}
    assert life.in_project >= hosts


def test_an_account_that_may_have_too_few_droplets_is_told_before_anything_is_made(
    stories: dict[str, "Future[Any]"],
) -> None:
    said, held, _, api = stories["too few droplets"].result()
    assert "The stack needs 3 droplets. The account may have 3, and has 1 others." in plain(said)
    assert held == {"droplets": ["other"], "keys": ["other"]}
    assert api.account.holdings() == held


def test_prices_that_have_changed_are_a_warning(life: Story, stories: dict[str, "Future[Any]"]) -> None:
    warning = "DigitalOcean's prices differ from those in infra/prices.json"
    _, _, dearer, _ = stories["too few droplets"].result()
    assert warning in plain(dearer)
    assert warning not in plain(life.said)


def test_the_first_vpc_of_a_region_is_told_of_before_anything_costs_money(stories: dict[str, "Future[Any]"]) -> None:
    said, held, api = stories["first VPC of its region"].result()
    assert "never deletes a region's default" in plain(said)
    assert held["vpcs"] == ["showdown"]
    assert not {"droplets", "databases"} & held.keys()
    # It stays, and costs nothing.
    assert api.account.holdings() == {"vpcs": ["showdown"]}
    assert [refusal for refusal in api.refused if "/vpcs/" in refusal] == []


@pytest.mark.parametrize("program", [program.name for program in PROGRAMS])
def test_its_own_tests_pass(stories: dict[str, "Future[Any]"], program: str) -> None:
    summary = stories[f"own tests, {program}"].result()
    assert re.fullmatch(r"Success! [1-9]\d* passed, 0 failed\.", summary)


def inbound(life: Story, tags: list[str]) -> dict[str, set[str]]:
    """Port → addresses and tags that it is open to, on a host with these tags. All rules are for TCP."""
    opened: dict[str, set[str]] = {}
    for firewall in life.firewalls:
        if set(firewall["tags"]) & set(tags):
            for rule in firewall["inbound_rules"]:
                assert rule["protocol"] == "tcp"
                sources = {source for of_kind in rule["sources"].values() for source in of_kind}
                opened.setdefault(rule["ports"], set()).update(sources)
    return opened


def plain(said: str) -> str:
    """What Terraform said, without its frames and lines."""
    return " ".join(said.replace("│", " ").split())


def last(order: list[str], request: str) -> int:
    return len(order) - 1 - order[::-1].index(request)

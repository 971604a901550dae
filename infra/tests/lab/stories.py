"""Lives of stacks in an account: the real Terraform provider, applied against a fake of its API."""

import base64
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from showdown.stacks.cloud.leftovers import leftovers
from showdown.stacks.cloud.outputs import Outputs

from lab.fake_api import FakeApi
from lab.fake_api_account import Account, Json, Settings, database_urn, droplet_urn
from lab.fake_api_droplets import create_droplet
from lab.fake_api_network import create_key
from lab.tools import Terraform, interrupt, missing, provider_is_new, terraforms

POLL_SECONDS = 0.05
PROGRAMS = terraforms()
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nb2YgdGhlc2UgdGVzdHM=\n-----END CERTIFICATE-----\n"
VARIABLES = {
    "ssh_public_key": "ssh-ed25519 " + base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0 " + bytes(32)).decode(),
    "allowed_addresses": ["203.0.113.7/32"],
}


class Requests(Counter[str]):
    """Counts the fake's requests, and keeps their order."""

    def __init__(self) -> None:
        super().__init__()
        self.order: list[str] = []

    def __setitem__(self, request: str, count: int) -> None:
        super().__setitem__(request, count)
        self.order.append(request)


@dataclass(frozen=True)
class Story:
    """What the tests look at, collected while the story went on and at its end."""

    api: FakeApi
    outputs: dict[str, Any]
    # By the host's name: the provider's answer, and the user data, both from before anything was deleted.
    droplets: dict[str, dict[str, Any]]
    user_data: dict[str, str]
    # The names of those that have the stack's tag, and of those in its project.
    tagged: set[str]
    in_project: set[str]
    firewalls: list[dict[str, Any]]
    trusted: list[dict[str, Any]]
    said: str


def whole_life(program: Path, folder: Path) -> Story:
    """Apply, plan again, destroy."""
    with FakeApi(Settings(ca_certificate=CERTIFICATE)) as api:
        api.requests = Requests()
        terraform = in_copy(program, folder, api)
        said = terraform.run("apply", "-auto-approve")
        made = look(api, terraform, said)
        # With -detailed-exitcode, 0 means that the plan changes nothing.
        terraform.run("plan", "-detailed-exitcode")
        terraform.run("destroy", "-auto-approve")
    return made


def growth(program: Path, folder: Path) -> tuple[Story, Story]:
    """A stack before and after two service hosts are added."""
    with FakeApi() as api:
        terraform = in_copy(program, folder, api)
        small = look(api, terraform, terraform.run("apply", "-auto-approve"))
        # In session mode each service host may hold the largest variant's 20 connections.
        write_variables(terraform, service_count=3, pool_size=60)
        return small, look(api, terraform, terraform.run("apply", "-auto-approve"))


def interruption(program: Path, folder: Path) -> tuple[dict[str, list[str]], FakeApi]:
    """Apply, Ctrl-C while the first host is coming up, destroy. Returns also what the account held in between."""
    with FakeApi() as api:
        terraform = in_copy(program, folder, api)
        process = terraform.start("apply", "-auto-approve")
        while not api.account.droplets and process.poll() is None:
            time.sleep(POLL_SECONDS)
        interrupt(process)
        held = api.account.holdings()
        terraform.run("destroy", "-auto-approve")
    return held, api


def too_few_droplets(program: Path, folder: Path) -> tuple[str, dict[str, list[str]], str, FakeApi]:
    """Apply in an account that may have one droplet too few beside another's, then with enough.

    Then lower that limit, and destroy. Returns what was said at first, what the account held then, what was said after
    prices had changed, and the account at the end.
    """
    with FakeApi(Settings(droplet_limit=3)) as api:
        make_another_droplet(api.account)
        terraform = in_copy(program, folder, api)
        said = terraform.run("apply", "-auto-approve", expect=1)
        held = api.account.holdings()
        api.account.settings = replace(api.account.settings, droplet_limit=4)
        terraform.run("apply", "-auto-approve")
        # Its own do not count twice.
        terraform.run("plan", "-detailed-exitcode")
        api.account.settings = replace(api.account.settings, droplet_limit=3, dearer_usd=2)
        terraform.run("destroy", "-auto-approve")
        api.account.settings = replace(api.account.settings, droplet_limit=4)
        dearer = terraform.run("plan")
    return said, held, dearer, api


def make_another_droplet(account: Account) -> None:
    """One that no stack of ours has made."""
    key = {
        "name": "other",
        "public_key": "ssh-ed25519 " + base64.b64encode(b"\0\0\0\x0bssh-ed25519" + bytes(36)).decode(),
    }
    _, made = create_key(account, {}, key)
    vpc = next(uuid for uuid, vpc in account.vpcs.items() if vpc["region"] == "nyc3")
    droplet = {"name": "other", "region": "nyc3", "size": "s-1vcpu-2gb", "image": "debian-13-x64", "vpc_uuid": vpc}
    create_droplet(account, {}, droplet | {"ssh_keys": [made["ssh_key"]["id"]]})


def slow_leaving(program: Path, folder: Path) -> FakeApi:
    """A life in which hosts take longer to shut down, and to leave the VPC, than the provider waits by default."""
    with FakeApi(Settings(shutdown_seconds=80, leaving_seconds=20)) as api:
        api.requests = Requests()
        terraform = in_copy(program, folder, api)
        terraform.run("apply", "-auto-approve")
        terraform.run("destroy", "-auto-approve")
    return api


def first_vpc_of_its_region(program: Path, folder: Path) -> tuple[str, dict[str, list[str]], FakeApi]:
    """Apply in an account without any VPC, do what the message says, destroy.

    Returns the message, what the account held then, and the account at the end.
    """
    with FakeApi(Settings(first_vpcs=False)) as api:
        terraform = in_copy(program, folder, api)
        said = terraform.run("apply", "-auto-approve", expect=1)
        held = api.account.holdings()
        terraform.run("state", "rm", "module.network.digitalocean_vpc.main[0]")
        write_variables(terraform, vpc_id=next(iter(api.account.vpcs)))
        terraform.run("apply", "-auto-approve")
        terraform.run("plan", "-detailed-exitcode")
        terraform.run("destroy", "-auto-approve")
    return said, held, api


def blind_token(program: Path, folder: Path) -> Outputs:
    """Apply with a token that may not read passwords, and read the outputs as `showdown run` does."""
    with FakeApi(Settings(shows_credentials=False)) as api:
        terraform = in_copy(program, folder, api)
        terraform.run("apply", "-auto-approve")
        outputs = Outputs.model_validate({name: output["value"] for name, output in terraform.outputs().items()})
        terraform.run("destroy", "-auto-approve")
    return outputs


def late_database(program: Path, folder: Path) -> tuple[str, list[str], list[str]]:
    """Apply while no database comes online. Returns what was said, what the state holds, and the leftovers."""
    with FakeApi(Settings(databases_come_online=False)) as api:
        terraform = in_copy(program, folder, api)
        late = 'resource "digitalocean_database_cluster" "main" {\n  timeouts {\n    create = "15s"\n  }\n}\n'
        (terraform.folder / "modules/database/override.tf").write_text(late)
        said = terraform.run("apply", "-auto-approve", expect=1)
        state = terraform.run("state", "list").splitlines()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in api.environment().items():
                patch.setenv(name, value)
            return said, state, leftovers("showdown")


def own_tests(program: Path, folder: Path) -> str:
    """Run the *.tftest.hcl files, and return the last line."""
    return Terraform(program, folder).run("test").strip().splitlines()[-1]


STORIES: dict[str, tuple[Callable[[Path, Path], Any], Path]] = {
    **{f"whole life, {program.name}": (whole_life, program) for program in PROGRAMS},
    **{f"own tests, {program.name}": (own_tests, program) for program in PROGRAMS},
    "growth": (growth, PROGRAMS[0] if PROGRAMS else Path()),
    "interruption": (interruption, PROGRAMS[-1] if PROGRAMS else Path()),
    "too few droplets": (too_few_droplets, PROGRAMS[0] if PROGRAMS else Path()),
    "blind token": (blind_token, PROGRAMS[-1] if PROGRAMS else Path()),
    "first VPC of its region": (first_vpc_of_its_region, PROGRAMS[-1] if PROGRAMS else Path()),
}
if not missing() and provider_is_new():
    STORIES |= {"late database": (late_database, PROGRAMS[0]), "slow leaving": (slow_leaving, PROGRAMS[0])}


def in_copy(program: Path, folder: Path, api: FakeApi) -> Terraform:
    terraform = Terraform(program, folder, api.environment())
    write_variables(terraform)
    return terraform


def write_variables(terraform: Terraform, **others: object) -> None:
    (terraform.folder / "terraform.tfvars.json").write_text(json.dumps(VARIABLES | others))


def look(api: FakeApi, terraform: Terraform, said: str) -> Story:
    account = api.account
    priced = {droplet_urn(number): droplet for number, droplet in account.droplets.items()}
    priced |= {database_urn(uuid): cluster for uuid, cluster in account.databases.items()}
    return Story(
        api,
        terraform.outputs(),
        {name_in_stack(droplet): dict(droplet) for droplet in account.droplets.values()},
        {name_in_stack(account.droplets[number]): text for number, text in account.user_data.items()},
        {thing["name"] for thing in priced.values() if "showdown" in thing["tags"]},
        {priced[urn]["name"] for urn, project in account.assigned.items() if project != account.default_project},
        list(account.firewalls.values()),
        [source for sources in account.trusted.values() for source in sources],
        said,
    )


def name_in_stack(droplet: Json) -> str:
    """Its name without that of the stack, which goes before it."""
    stack, _, name = droplet["name"].partition("-")
    assert stack == "showdown"
    return str(name)

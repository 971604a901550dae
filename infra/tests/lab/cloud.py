"""All of infra/ on this machine: Terraform applies it to a fake account, and test hosts run what it made there.

Each host is set up by the user data that the real provider has sent to the fake API.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from showdown.contract.contract import load_contract
from showdown.stacks.cloud.deploy import Checkout
from showdown.stacks.cloud.haproxy import configure, haproxy_config
from showdown.stacks.cloud.hosts import facts
from showdown.stacks.cloud.outputs import Outputs
from showdown.stacks.cloud.reach import reached

from lab.certificates import authority, certify
from lab.database import Managed, managed_postgres
from lab.fake_api import FakeApi
from lab.fake_api_account import Settings
from lab.host import Host
from lab.lab import GATEWAY, Lab
from lab.tools import Terraform, terraforms

HERE = GATEWAY.partition("/")[0]
# Two service and two generator hosts: tests compare them, or lose one.
COUNTS = {"service_count": 2, "generator_count": 2, "pool_size": 80}
# On this host the part of cloud-init fails that the provider adds. Its own part does not, and that decides.
UNLUCKY = "generator2"
PROVIDERS_PART = "#!/bin/sh\necho 'the agent for metrics cannot be installed'\nexit 1\n"


@dataclass(frozen=True)
class Cloud:
    """An applied stack whose hosts are set up."""

    lab: Lab
    outputs: dict[str, Any]
    """Terraform's outputs: values by name."""
    user_data: dict[str, str]
    """By the host's name."""
    hosts: dict[str, Host]
    key: Path
    """The private SSH key for all hosts."""
    state: Path
    """Terraform's state file."""

    @property
    def public_key(self) -> str:
        return self.key.with_suffix(".pub").read_text().strip()


@contextmanager
def running_cloud(cache: Path, folder: Path) -> Iterator[Cloud]:
    """Apply infra/, boot the hosts and wait until they are set up.

    `cache`: the folder that is kept between labs. `folder`: a new one that servers can reach.
    """
    key = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    ca = authority(folder, "ca")
    settings = Settings(ca_certificate=ca.read_text())
    with ExitStack() as resources:
        lab = resources.enter_context(Lab(cache))
        api = resources.enter_context(FakeApi(settings))
        terraform = Terraform(terraforms()[0], folder / "terraform", api.environment())
        public_key = key.with_suffix(".pub").read_text().strip()
        variables = {
            "ssh_public_key": public_key,
            "allowed_addresses": [f"{HERE}/32"],
        }
        (terraform.folder / "terraform.tfvars.json").write_text(json.dumps(variables | COUNTS))
        terraform.run("apply", "-auto-approve")
        outputs = {name: output["value"] for name, output in terraform.outputs().items()}
        droplets = {droplet["name"]: droplet for droplet in api.account.droplets.values()}
        user_data = {
            host["name"]: api.account.user_data[droplets[f"showdown-{host['name']}"]["id"]]
            for host in outputs["stack"]["hosts"]
        }
        hosts = {
            host["name"]: lab.start(
                host["name"],
                host["private_address"],
                host["public_address"],
                user_data[host["name"]],
                public_key,
                PROVIDERS_PART if host["name"] == UNLUCKY else "",
            )
            for host in outputs["stack"]["hosts"]
        }
        database = outputs["stack"]["database"]
        certificate, certificate_key = certify(folder, ca, database["host"])
        managed = _managed(outputs)
        resources.enter_context(managed_postgres(managed, folder / "postgres", certificate, certificate_key))
        for host in hosts.values():
            host.wait_for_cloud_init(check=host.name != UNLUCKY)
            # The name resolves to this machine, as it would to Postgres in the VPC.
            host.run(f"echo '{HERE} {database['host']}' >> /etc/hosts")
        _deploy(Outputs.model_validate(outputs), lab, key, folder)
        yield Cloud(lab, outputs, user_data, hosts, key, terraform.folder / "terraform.tfstate")


def _deploy(outputs: Outputs, lab: Lab, key: Path, folder: Path) -> None:
    """Put the work tree on all hosts, and have haproxy know the service hosts, as a run does."""
    with reached(outputs.stack.hosts, key, folder) as stack:
        Checkout(folder, lab.repository.folder).put_on(stack.everyone)
        processors = facts(stack.haproxy).processors
        configure(stack.haproxy, haproxy_config(outputs.stack, load_contract(), processors))


def _managed(outputs: dict[str, Any]) -> Managed:
    database, users = outputs["stack"]["database"], outputs["database_users"]
    return Managed(
        address=HERE,
        port=database["port"],
        pool_port=database["pool_port"],
        database=database["name"],
        pool=database["pool_name"],
        pool_size=database["pool_size"],
        owner=users["owner"]["name"],
        user=users["api"]["name"],
        passwords={user["name"]: user["password"] for user in users.values()},
    )

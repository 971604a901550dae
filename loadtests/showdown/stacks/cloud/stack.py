"""A stack of hosts as a run sees it: its hosts described, services started on them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from showdown_contract.errors import ShowdownError
from showdown_stack.process import Process

from showdown.contenders.variants import Variant
from showdown.contract.contract import load_contract
from showdown.stacks.cloud.block import CloudBlock
from showdown.stacks.cloud.hosts import Facts
from showdown.stacks.cloud.locust import DistributedLocust
from showdown.stacks.cloud.outputs import Outputs
from showdown.stacks.cloud.ssh import RemoteHost, on_all
from showdown.stacks.pressure import Disturbances, Pressure, worst
from showdown.stacks.records import Host
from showdown.stacks.stack import Description, Disturbed

VERSIONS = TypeAdapter(dict[str, dict[str, str]])
PRESSURE = TypeAdapter(Pressure)
# For Rust programs with all their crates, on hosts of one CPU too.
BUILD_SECONDS = 1800.0


@dataclass
class CloudStack:
    """Hosts that are connected, and a database that holds the data set."""

    outputs: Outputs
    hosts: dict[str, list[RemoteHost]]
    """By tier."""
    facts: dict[str, Facts]
    """By the host's name."""
    connections: Sequence[Process]
    owner_dsn: str
    postgres_version: str
    service_hosts: list[int]
    logs: Path
    doubts: list[str]
    """What a reader of the results has to know."""
    clock_offset: float = 0.0
    """How far the hosts' clocks are ahead of this machine's."""

    @property
    def api_user(self) -> str:
        return self.outputs.database_users.api.name

    def describe(self) -> Description:
        database = self.outputs.stack.database
        described = [
            Host(
                name=host.name,
                tier=host.about.tier,
                size=host.about.size,
                usd_per_month=host.about.usd_per_month,
                machine=self.facts[host.name].machine,
            )
            for hosts in self.hosts.values()
            for host in hosts
        ]
        unwatched = []
        if not self.hosts.get("postgres"):
            described.append(
                Host(
                    name=database.host,
                    tier="postgres",
                    size=database.size,
                    usd_per_month=database.usd_per_month,
                    machine=None,
                )
            )
            unwatched = ["Postgres, on a host that is not watched, does not tell its CPU time and memory"]
        first = self.facts[self.hosts["service"][0].name]
        # Hosts differ in what they run: only one of them has haproxy.
        versions = {name: version for facts in self.facts.values() for name, version in facts.versions.items()}
        return Description(
            kind=self.outputs.kind,
            machine=first.machine,
            commit=first.commit,
            versions=versions | {"postgres": self.postgres_version},
            haproxy=True,
            pgbouncer=database.pool_mode,
            notes=[*unwatched, *self.doubts],
            hosts=described,
            service_hosts=self.service_hosts,
            generator_processes=sum(self.facts[host.name].processors for host in self.hosts["generator"]),
        )

    def build(self, variants: Mapping[str, Variant]) -> None:
        """Build the programs of these variants on every host that is to run them. Raises ShowdownError."""
        wanted = {name: variant.model_dump(mode="json") for name, variant in variants.items() if variant.build}
        if not wanted:
            return
        with ExitStack() as started:
            builds = [
                started.enter_context(
                    host.start("the build", self.logs / f"build-{host.name}", "build", variants=wanted)
                )
                for host in self.hosts["service"][: max(self.service_hosts)]
            ]
            for task in builds:
                task.answer(BUILD_SECONDS)

    def variant_versions(self, variants: Mapping[str, Variant]) -> dict[str, dict[str, str]]:
        """The versions on its first service host: all are set up from one commit."""
        told = self.hosts["service"][0].ask(
            "versions", variants={name: variant.model_dump(mode="json") for name, variant in variants.items()}
        )
        return VERSIONS.validate_python(told)

    def generator(self) -> DistributedLocust:
        """The load generator, which runs on its hosts."""
        hosts = self.hosts["generator"]
        return DistributedLocust(
            hosts, [self.facts[host.name].processors for host in hosts], self.outputs.stack.locust_port
        )

    def disturbed(self) -> Disturbed:
        hosts = [host for tier in self.hosts.values() for host in tier]
        by_host = {
            host.name: Disturbances.between(self.facts[host.name].pressure, after) if after else Disturbances()
            for host, after in zip(hosts, on_all(hosts, _pressure), strict=True)
        }
        return Disturbed(worst(by_host.values()), by_host)

    @property
    def most_services(self) -> int:
        return len(self.outputs.stack.service_ports)

    def available_connections(self) -> int | None:
        """The size of the pool; None if its connections are shared, or there is none."""
        return self.outputs.stack.database.lasting_connections

    @contextmanager
    def block(self, variants: Mapping[str, Variant], files: Path) -> Iterator[CloudBlock]:
        block = CloudBlock(self, variants, files)
        try:
            block.start()
            yield block
        finally:
            block.stop()

    def reset(self) -> object:
        return load_contract().data.reset(self.owner_dsn)

    def lost(self) -> Process | None:
        """The connection to a host, if one has ended."""
        return next((connection for connection in self.connections if not connection.running), None)


def _pressure(host: RemoteHost) -> Pressure | None:
    """None if the host does not answer now: a block that has been measured must not be lost for that."""
    try:
        return PRESSURE.validate_python(host.ask("pressure"))
    except (ShowdownError, ValidationError):
        return None

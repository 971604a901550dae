"""The cloud's stack as a round sees it: services switched, verified and watched on their hosts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter
from showdown_contract.errors import ShowdownError
from showdown_contract.lookup import Lookup
from showdown_stack.haproxy import FORGET_MAXIMA, STATISTICS, Totals, backends
from showdown_stack.process import Process

from showdown.contenders.variants import Variant
from showdown.contract.contract import load_contract
from showdown.generators.load import LOAD, Load, Running
from showdown.generators.pgbench import PgbenchSummary
from showdown.stacks import machine
from showdown.stacks.agent.tiers import DATABASE_CA
from showdown.stacks.cloud.hosts import Facts
from showdown.stacks.cloud.locust import DistributedLocust
from showdown.stacks.cloud.outputs import Outputs
from showdown.stacks.cloud.ssh import RemoteHost, Task
from showdown.stacks.cloud.tasks import Tasks, tier
from showdown.stacks.machine import CpuSeconds
from showdown.stacks.recorder import Recorder, write_samples
from showdown.stacks.records import Host, TierName, TierUsage
from showdown.stacks.stack import Description, Steal

SUMMARY = TypeAdapter(PgbenchSummary)
VERSIONS = TypeAdapter(dict[str, dict[str, str]])


@dataclass
class CloudStack:
    """Hosts that are connected, and a database that holds the data set."""

    outputs: Outputs
    hosts: dict[str, list[RemoteHost]]
    """By tier."""
    facts: dict[str, Facts]
    """By host."""
    connections: Sequence[Process]
    owner_dsn: str
    postgres_version: str
    service_hosts: list[int]
    logs: Path
    doubts: list[str]
    """What a reader has to know, for people."""
    _serving: list[RemoteHost] = field(default_factory=list, init=False)
    _proxy: Tasks | None = field(default=None, init=False)
    _ceiling: Tasks | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return self.outputs.stack.haproxy.url

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
        managed = Host(
            name=database.host, tier="postgres", size=database.size, usd_per_month=database.usd_per_month, machine=None
        )
        first = self.facts[self.hosts["service"][0].name]
        # What only some tiers have, such as haproxy, is added.
        versions = {name: version for facts in self.facts.values() for name, version in facts.versions.items()}
        return Description(
            kind="terraform",
            # A copy: what the run says of stolen time is not that of its first host.
            machine=first.machine.model_copy(),
            commit=first.commit,
            versions=versions | {"postgres": self.postgres_version},
            haproxy=True,
            pgbouncer=database.pool_mode,
            missing=["the managed Postgres does not tell its CPU time and memory", *self.doubts],
            hosts=[*described, managed],
            service_hosts=self.service_hosts,
            generator_processes=sum(self.facts[host.name].processors for host in self.hosts["generator"]),
        )

    def variant_versions(self, variants: Mapping[str, Variant]) -> dict[str, dict[str, str]]:
        """As its first service host has them: all are set up from one commit."""
        told = self.hosts["service"][0].ask(
            "versions", variants={name: variant.model_dump(mode="json") for name, variant in variants.items()}
        )
        return VERSIONS.validate_python(told)

    def generator(self) -> DistributedLocust:
        """What loads from its hosts."""
        hosts = self.hosts["generator"]
        return DistributedLocust(
            hosts, [self.facts[host.name].processors for host in hosts], self.outputs.stack.locust_port
        )

    def steal(self) -> Steal:
        hosts = [host for tier in self.hosts.values() for host in tier]
        # All at once, for this comes after every round.
        with ThreadPoolExecutor(len(hosts)) as pool:
            by_host = {
                host.name: machine.steal_percent(self.facts[host.name].steal, after)
                for host, after in zip(hosts, pool.map(_steal, hosts), strict=True)
            }
        return Steal(max((percent for percent in by_host.values() if percent is not None), default=None), by_host)

    @contextmanager
    def service(self, name: str, variant: Variant, hosts: int, load: Load) -> Iterator[Tasks]:
        self._serving = self.hosts["service"][:hosts]
        self._route()
        tasks: list[Task] = []
        with ExitStack() as started:
            files = load.files.with_name(f"{load.files.name}-haproxy")
            proxy = self.hosts["haproxy"][0].start("haproxy's recorder", files, "watch-haproxy")
            self._proxy = started.enter_context(Tasks("haproxy", [proxy], endless=True))
            services = started.enter_context(Tasks(name, tasks, endless=True))
            for host in self._serving:
                # One by one, so that those that have been started are stopped if another cannot be.
                tasks.append(self._serve(host, name, variant, load))  # noqa: PERF401
            for task in (proxy, *tasks):
                task.wait_until_ready()
            yield services
        for host, answer in zip(self._serving, services.answers(), strict=True):
            with (self.logs / f"{name}-{host.name}.log").open("a") as log:
                log.write(answer.log)

    def differences(self, lookup: Lookup = "by-id") -> list[str]:
        """Asked by a generator host: from here every answer would have to cross half of the world."""
        asker = self.hosts["generator"][0]
        return [
            f"{host.name}: {fault}"
            for host in self._serving
            for fault in asker.ask(
                "verify",
                url=f"http://{host.about.private_address}:{self.outputs.stack.service_port}",
                lookup=lookup,
            )
        ]

    def reset(self) -> object:
        return load_contract().data.reset(self.owner_dsn)

    def totals(self) -> Totals:
        return Totals.read(self._haproxy([STATISTICS])[0], 1)

    def forget_maxima(self) -> None:
        self._haproxy([FORGET_MAXIMA])

    @contextmanager
    def watched(
        self, load: Load, generator: Running, service: Running | None, connections: Callable[[], int]
    ) -> Iterator["CloudWatched"]:
        assert isinstance(generator, Tasks)  # noqa: S101 - all that runs on this stack are tasks
        tasks: dict[TierName, Tasks] = {"generator": generator}
        if service:
            assert isinstance(service, Tasks)  # noqa: S101
            assert self._proxy is not None  # noqa: S101 - a service does not run without
            tasks |= {"service": service, "haproxy": self._proxy}
        with Recorder({}, connections) as recorder:
            yield CloudWatched(recorder, tasks)
        write_samples(recorder.samples, load.file("-samples.json"))

    def start_ceiling(self, load: Load, connections: int) -> Tasks:
        task = self.hosts["generator"][0].start(
            "pgbench",
            load.files,
            "ceiling",
            load=LOAD.dump_python(load, mode="json"),
            dsn=self.outputs.api_dsn(str(DATABASE_CA)),
            database_ca=self.outputs.database_ca,
            connections=connections,
        )
        self._ceiling = Tasks("pgbench", [task])
        return self._ceiling

    def ceiling_summary(self, load: Load) -> PgbenchSummary:  # noqa: ARG002 - its one task answers
        assert self._ceiling is not None  # noqa: S101 - a summary is of what was started
        return SUMMARY.validate_python(self._ceiling.answers()[0].summary)

    def lost(self) -> Process | None:
        """A host whose connection has ended."""
        return next((connection for connection in self.connections if not connection.running), None)

    def _serve(self, host: RemoteHost, name: str, variant: Variant, load: Load) -> Task:
        settings = {
            "HOST": host.about.private_address,
            "PORT": str(self.outputs.stack.service_port),
            "DATABASE_URL": self.outputs.api_dsn(str(DATABASE_CA)),
        }
        return host.start(
            name, load.files.with_name(f"{load.files.name}-{host.name}"), "serve",
            name=name, variant=variant.model_dump(mode="json"), settings=settings, database_ca=self.outputs.database_ca,
        )  # fmt: skip

    def _route(self) -> None:
        """Requests go to those hosts only on which the service runs."""
        states = {host.name: "ready" if host in self._serving else "maint" for host in self.hosts["service"]}
        answers = self._haproxy(
            [f"set server {backend}/{name} state {state}" for backend in backends(1) for name, state in states.items()]
        )
        # It says nothing where it does as it is told.
        if refusals := [answer.strip() for answer in answers if answer.strip()]:
            raise ShowdownError(f"haproxy cannot say which hosts it has: {'; '.join(refusals)}")

    def _haproxy(self, commands: list[str]) -> list[str]:
        answers: list[str] = self.hosts["haproxy"][0].ask("haproxy", commands=commands)
        return answers


def _steal(host: RemoteHost) -> CpuSeconds | None:
    """None where the host does not answer now: a round that has been measured must not be lost for that."""
    try:
        seconds: CpuSeconds | None = host.ask("steal")
    except ShowdownError:
        return None
    return seconds


@dataclass
class CloudWatched:
    """What the tiers' hosts have recorded of themselves."""

    recorder: Recorder
    """Of database connections: Postgres is asked from here."""
    tasks: dict[TierName, Tasks]

    def tiers(self, measured_from: float, measured_to: float, requests: int) -> dict[TierName, TierUsage]:
        return {
            name: tier(name, tasks.answers(), measured_from, measured_to, requests)
            for name, tasks in self.tasks.items()
        }

    @property
    def peak_database_connections(self) -> int:
        return max(sample.database_connections for sample in self.recorder.samples)

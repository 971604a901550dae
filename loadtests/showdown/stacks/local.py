"""A run on this machine's own stack: every tier is a child process, watched by the kernel's own counts."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from showdown_contract.errors import ShowdownError
from showdown_stack.dsn import Dsn
from showdown_stack.haproxy import Totals
from showdown_stack.process import Process
from showdown_stack.tiers import Place, Service, TierOptions, Tiers

from showdown.contenders.start import resolved_command, service_environment
from showdown.contenders.variants import Variant
from showdown.contenders.verify import differences
from showdown.contenders.versions import variant_versions
from showdown.contract.contract import Contract, load_contract
from showdown.generators import pgbench
from showdown.generators.load import Running
from showdown.requests.scenarios import Scenario
from showdown.stacks import machine
from showdown.stacks.cpu_clock import cpu_seconds
from showdown.stacks.recorder import MIB, Recorder, Sample, most, write_samples
from showdown.stacks.records import TierName, TierUsage
from showdown.stacks.stack import Description, Steal

# What a database has left for services: not what it keeps for its administrator, nor what others use now, nor what we
# count and reset with.
_LEFT = """
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
  - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
"""
OUR_CONNECTIONS = 3


@contextmanager
def started_service(stack: Tiers, name: str, variant: Variant) -> Iterator[Process]:
    """A variant's service on the stack. Raises ShowdownError where it does not come up."""
    environment = service_environment() | variant.settings()
    with stack.service(name, resolved_command(name, variant), environment, variant.folder) as service:
        yield service


@dataclass(frozen=True)
class LocalStack:
    """The local stack, as a run sees it."""

    parts: Tiers
    options: TierOptions
    steal_before: machine.CpuSeconds | None = field(default_factory=machine.steal_seconds)
    contract: Contract = field(default_factory=load_contract)

    def describe(self) -> Description:
        parts = self.parts
        return Description(
            kind="local",
            machine=machine.describe(),
            commit=machine.commit(),
            versions=machine.versions() | parts.versions,
            haproxy=parts.haproxy is not None,
            pgbouncer=self.options.pgbouncer if parts.pgbouncer else None,
            external_postgres=self.options.dsn is not None,
            missing=parts.missing,
        )

    def variant_versions(self, variants: Mapping[str, Variant]) -> dict[str, dict[str, str]]:
        return variant_versions(variants)

    def steal(self) -> Steal:
        return Steal(machine.steal_percent(self.steal_before, machine.steal_seconds()))

    @property
    def owner_dsn(self) -> str:
        return self.parts.postgres.owner_dsn

    @property
    def api_user(self) -> str:
        return Dsn.parse(self.parts.postgres.api_dsn).user

    @property
    def most_services(self) -> int:
        return len(self.parts.places)

    def available_connections(self) -> int | None:
        if self.parts.postgres.process:
            return None
        with psycopg.connect(self.owner_dsn) as connection:
            (left,) = connection.execute(_LEFT).fetchone() or (0,)
        return max(0, int(left) - OUR_CONNECTIONS)

    def reset(self) -> object:
        return self.contract.data.reset(self.owner_dsn)

    @contextmanager
    def block(self, variants: Mapping[str, Variant], files: Path) -> Iterator["LocalBlock"]:
        block = LocalBlock(self, variants, files)
        try:
            block.start()
            yield block
        finally:
            block.stop()

    def lost(self) -> Process | None:
        return self.parts.lost()


class LocalBlock:
    """Services of several variants, each at a place of its own."""

    def __init__(self, stack: LocalStack, variants: Mapping[str, Variant], files: Path) -> None:
        self._stack = stack
        self._variants = variants
        self._files = files
        self._places: dict[str, Place] = dict(zip(variants, stack.parts.places, strict=False))
        self._services: dict[str, Service] = {}
        self._faults: dict[str, str] = {}
        self._is_stopped = False

    def start(self) -> None:
        """All at the same time."""
        for name, variant in self._variants.items():
            environment = service_environment() | variant.settings()
            with self._blamed(name):
                self._services[name] = self._stack.parts.start_service(
                    name, resolved_command(name, variant), environment, variant.folder, self._places[name]
                )

    def wait_until_ready(self) -> None:
        for name, service in self._services.items():
            with self._blamed(name):
                service.wait_until_ready()

    def stop(self) -> None:
        """All at the same time; those too that did not come up."""
        _ = self.faults
        self._is_stopped = True
        for service in self._services.values():
            service.process.begin_stop()
        for name, service in self._services.items():
            service.process.stop()
            with self._blamed(name):
                service.process.require_ended()

    @contextmanager
    def _blamed(self, name: str) -> Iterator[None]:
        try:
            yield
        except ShowdownError as error:
            self._faults.setdefault(name, str(error))

    @property
    def faults(self) -> Mapping[str, str]:
        for name, service in self._services.items():
            process = service.process
            if not self._is_stopped and name not in self._faults and not process.running:
                self._faults[name] = (
                    f"the service ended under load (exit code {process.exit_code}).\n{process.log_tail()}"
                )
        return self._faults

    def url(self, name: str) -> str:
        return self._places[name].url

    def differences(self, name: str) -> list[str]:
        return differences(self._places[name].service_url, self._stack.contract.cases(self._variants[name].lookup))

    def route(self, name: str, hosts: int) -> None:
        """There is one."""

    def totals(self) -> Mapping[str, Totals]:
        haproxy = self._stack.parts.haproxy
        return haproxy.all_totals({name: place.number for name, place in self._places.items()}) if haproxy else {}

    def start_ceiling(self, files: Path, scenario: Scenario, recipes: int, connections: int, seconds: int) -> Process:
        dsn, kinds = self._stack.parts.service_dsn, self._stack.contract.kinds
        return pgbench.start(files, scenario, recipes, dsn, connections, seconds, kinds)

    def ceiling_summary(self, files: Path, counted_from: float, counted_to: float) -> pgbench.PgbenchSummary:
        return pgbench.summary(files, counted_from, counted_to)

    @contextmanager
    def watched(self) -> Iterator["LocalWatched"]:
        watched = LocalWatched(self._stack.parts, {name: each.process.pid for name, each in self._services.items()})
        with watched.recorder:
            yield watched
        # So that a peak or a stall can be looked up.
        write_samples(watched.recorder.samples, self._files.with_name(f"{self._files.name}-samples.json"))


@dataclass(frozen=True)
class Look:
    """What a tier had used at one moment."""

    at: float
    cpu_seconds: float

    @classmethod
    def at_tree(cls, root: int) -> "Look":
        before = time.time()
        seconds = cpu_seconds(root)
        return cls((before + time.time()) / 2, seconds)


class LocalWatched:
    """What the tiers cost, turn by turn."""

    def __init__(self, parts: Tiers, services: Mapping[str, int]) -> None:
        self._parts = parts
        self._services = services
        self._roots: dict[TierName, int] = {}
        self._looks: list[list[dict[TierName, Look]]] = []
        self.recorder = Recorder(lambda: self._roots)

    def turn(self, name: str | None, hosts: int, generator: Running | None) -> None:  # noqa: ARG002 - there is one
        processes = self._parts.processes
        tiers: dict[TierName, Running | None] = {
            "generator": generator,
            "haproxy": processes.get("haproxy") if name else None,
            "pgbouncer": processes.get("pgbouncer"),
            "postgres": processes.get("postgres"),
        }
        roots = {tier: process.pid for tier, process in tiers.items() if isinstance(process, Process)}
        if name is not None:
            roots["service"] = self._services[name]
        # Replaced as a whole: the recorder reads it in another thread.
        self._roots = roots
        self._looks.append([])

    def look(self) -> None:
        self._looks[-1].append({tier: Look.at_tree(root) for tier, root in self._roots.items()})

    def tiers(self, turn: int, counted_from: float, counted_to: float, per_second: float) -> dict[TierName, TierUsage]:
        first, last = self._looks[turn][0], self._looks[turn][-1]
        samples = self.recorder.samples
        within = [sample for sample in samples if counted_from <= sample.at <= counted_to] or [
            min(samples, key=lambda sample: abs(sample.at - counted_to))
        ]
        return {tier: _usage(tier, first[tier], last[tier], per_second, within) for tier in first}


def _usage(tier: TierName, first: Look, last: Look, per_second: float, samples: Sequence[Sample]) -> TierUsage:
    seen = [sample.tiers[tier] for sample in samples if tier in sample.tiers]
    # A process whose parent has ended leaves the tree, and takes what it has used with it. Whoever looks a little late
    # sees more or less than what counts, at the same rate.
    rate = max(0.0, last.cpu_seconds - first.cpu_seconds) / (last.at - first.at) if last.at > first.at else 0.0
    return TierUsage(
        cpu_us_per_request=rate * 1e6 / per_second if per_second else None,
        peak_cpu_percent=100 * rate,
        peak_rss_mib=max((sample.rss_bytes for sample in seen), default=0) / MIB,
        peak_fds=most(sample.fds for sample in seen),
        peak_connections=most(sample.connections for sample in seen),
    )

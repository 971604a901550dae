"""A round on this machine's own stack: every tier is a child process, and the kernel counts what it uses."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from showdown_contract.lookup import Lookup
from showdown_stack.dsn import Dsn
from showdown_stack.haproxy import Totals
from showdown_stack.process import Process
from showdown_stack.tiers import TierOptions, Tiers

from showdown.contenders.start import resolved_command, service_environment
from showdown.contenders.variants import Variant
from showdown.contenders.verify import differences
from showdown.contenders.versions import variant_versions
from showdown.contract.contract import Contract
from showdown.generators import pgbench
from showdown.generators.load import Load, Running
from showdown.stacks import machine
from showdown.stacks.recorder import Recorder, usages, write_samples
from showdown.stacks.records import TierName, TierUsage
from showdown.stacks.stack import Description, Steal


@contextmanager
def started_service(stack: Tiers, name: str, variant: Variant) -> Iterator[Process]:
    """A variant's service on the stack. Raises ShowdownError if it does not come up."""
    environment = service_environment() | variant.settings()
    with stack.service(name, resolved_command(name, variant), environment, variant.folder) as service:
        yield service


@dataclass(frozen=True)
class LocalStack:
    """The local stack, as a round sees it."""

    parts: Tiers
    options: TierOptions
    contract: Contract
    steal_before: machine.CpuSeconds | None = field(default_factory=machine.steal_seconds)

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
    def url(self) -> str:
        return self.parts.url

    @property
    def owner_dsn(self) -> str:
        return self.parts.postgres.owner_dsn

    @property
    def api_user(self) -> str:
        return Dsn.parse(self.parts.postgres.api_dsn).user

    @contextmanager
    def service(self, name: str, variant: Variant, hosts: int, load: Load) -> Iterator[Process]:  # noqa: ARG002 - on one
        with started_service(self.parts, name, variant) as service:
            yield service

    def differences(self, lookup: Lookup = "by-id") -> list[str]:
        return differences(self.parts.service_url, self.contract.cases(lookup))

    def reset(self) -> object:
        return self.contract.data.reset(self.owner_dsn)

    def totals(self) -> Totals | None:
        return self.parts.haproxy.totals() if self.parts.haproxy else None

    def forget_maxima(self) -> None:
        if self.parts.haproxy:
            self.parts.haproxy.forget_maxima()

    @contextmanager
    def watched(
        self, load: Load, generator: Running, service: Running | None, connections: Callable[[], int]
    ) -> Iterator["LocalWatched"]:
        with Recorder(self._roots(generator, service), connections) as recorder:
            yield LocalWatched(recorder)
        # Beside the generator's own files, so that peaks and stalls can be looked up.
        write_samples(recorder.samples, load.file("-samples.json"))

    def start_ceiling(self, load: Load, connections: int) -> Process:
        return pgbench.start(load, self.parts.service_dsn, connections, self.contract.kinds)

    def ceiling_summary(self, load: Load) -> pgbench.PgbenchSummary:
        return pgbench.summary(load)

    def lost(self) -> Process | None:
        return self.parts.lost()

    def _roots(self, generator: Running, service: Running | None) -> dict[TierName, int]:
        processes = self.parts.processes
        tiers: dict[TierName, Running | None] = {
            "generator": generator,
            "haproxy": processes.get("haproxy") if service else None,
            "service": service,
            "pgbouncer": processes.get("pgbouncer") if service else None,
            "postgres": processes.get("postgres"),
        }
        return {tier: process.pid for tier, process in tiers.items() if isinstance(process, Process)}


@dataclass(frozen=True)
class LocalWatched:
    """What the recorder has seen of a round."""

    recorder: Recorder

    def tiers(self, measured_from: float, measured_to: float, requests: int) -> dict[TierName, TierUsage]:
        return usages(self.recorder.samples, measured_from, measured_to, requests)

    @property
    def peak_database_connections(self) -> int:
        return max(sample.database_connections for sample in self.recorder.samples)

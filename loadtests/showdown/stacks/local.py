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
from showdown_stack.link import LinkCounters
from showdown_stack.process import Process
from showdown_stack.tiers import Place, Service, TierOptions, Tiers
from showdown_stack.upstream import Counters

from showdown.contenders.start import resolved_command, service_environment
from showdown.contenders.variants import Variant
from showdown.contenders.verify import differences
from showdown.contenders.versions import variant_versions
from showdown.contract.contract import Contract
from showdown.generators import pgbench
from showdown.generators.load import Running
from showdown.generators.pgbench import CeilingTurn
from showdown.stacks import machine
from showdown.stacks.event_loop import EventLoop, LoopCounters
from showdown.stacks.footprint import Footprint
from showdown.stacks.looks import Look, Seen, cores, system_cores, us_per_request, usage
from showdown.stacks.pressure import Disturbances, Pressure, pressure
from showdown.stacks.recorder import Recorder, most, write_samples
from showdown.stacks.records import Link, Proxy, TierName, TierUsage, Upstream
from showdown.stacks.stack import Description, Disturbed, Window

# What a database has left for services: not what it keeps for its administrator, nor what others use now, nor what we
# count and reset with.
_LEFT = """
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
  - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
"""
OUR_CONNECTIONS = 3
# Time for Locust to find its timetable.
LEAD_SECONDS = 0.5


@contextmanager
def started_service(tiers: Tiers, name: str, variant: Variant) -> Iterator[Process]:
    """A variant's service, started and stopped. Raises ShowdownError if it does not come up."""
    environment = service_environment() | variant.settings()
    with tiers.service(name, resolved_command(name, variant), environment, variant.folder) as service:
        yield service


@dataclass(frozen=True)
class LocalStack:
    """The local stack, as a run sees it."""

    tiers: Tiers
    options: TierOptions
    contract: Contract
    pressure_before: Pressure = field(default_factory=pressure)

    def describe(self) -> Description:
        tiers = self.tiers
        return Description(
            kind="local",
            machine=machine.describe(),
            commit=machine.commit(),
            versions=machine.versions() | tiers.versions,
            haproxy=tiers.haproxy is not None,
            pgbouncer=self.options.pgbouncer if tiers.pgbouncer else None,
            external_postgres=self.options.dsn is not None,
            notes=tiers.missing,
        )

    def variant_versions(self, variants: Mapping[str, Variant]) -> dict[str, dict[str, str]]:
        return variant_versions(variants)

    def disturbed(self) -> Disturbed:
        return Disturbed(Disturbances.between(self.pressure_before, pressure()))

    @property
    def owner_dsn(self) -> str:
        return self.tiers.postgres.owner_dsn

    @property
    def api_user(self) -> str:
        return Dsn.parse(self.tiers.postgres.api_dsn).user

    @property
    def most_services(self) -> int:
        return len(self.tiers.places)

    def available_connections(self) -> int | None:
        if self.tiers.postgres.process:
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
        return self.tiers.lost()


class LocalBlock:
    """Services of several variants, each at a place of its own."""

    def __init__(self, stack: LocalStack, variants: Mapping[str, Variant], files: Path) -> None:
        self._stack = stack
        self._variants = variants
        self._files = files
        self._places: dict[str, Place] = dict(zip(variants, stack.tiers.places, strict=False))
        self._services: dict[str, Service] = {}
        self._faults: dict[str, str] = {}
        self._is_stopped = False

    def start(self) -> None:
        """All at the same time."""
        # The golden cases come before any scenario.
        if upstream := self._stack.tiers.upstream:
            upstream.set({})
        if link := self._stack.tiers.link:
            link.set(0)
        for name, variant in self._variants.items():
            environment = service_environment() | variant.settings()
            with self._blamed(name):
                self._services[name] = self._stack.tiers.start_service(
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

    def root(self, name: str) -> int | None:
        service = self._services.get(name)
        return service.process.pid if service else None

    def differences(self, name: str) -> list[str]:
        cases = self._stack.contract.answerable(
            self._variants[name].lookup, upstream=self._stack.tiers.upstream is not None
        )
        return differences(self._places[name].service_url, cases)

    @property
    def lead_seconds(self) -> float:
        return LEAD_SECONDS

    def now(self) -> float:
        return time.time()

    @contextmanager
    def ceilings(self, turns: Sequence[CeilingTurn]) -> Iterator["LocalCeilings"]:
        ceilings = LocalCeilings(turns, self._stack)
        try:
            yield ceilings
        finally:
            ceilings.end()

    @contextmanager
    def watched(self, windows: Sequence[Window]) -> Iterator["LocalWatched"]:
        services = {name: each.process.pid for name, each in self._services.items()}
        watched = LocalWatched(self._stack.tiers, windows, services, self._places, self._metrics())
        with watched.recorder:
            yield watched
        # So that a peak or a stall can be looked up.
        write_samples(watched.recorder.samples, self._files.with_name(f"{self._files.name}-samples.json"))

    def _metrics(self) -> dict[str, str]:
        """The URLs of services that tell of themselves."""
        return {name: self._places[name].service_url for name, variant in self._variants.items() if variant.has_metrics}


@dataclass
class LocalCeilings:
    """pgbench, started for each turn."""

    turns: Sequence[CeilingTurn]
    stack: LocalStack
    process: Process | None = None

    def begin(self, index: int) -> Process:
        self.process = pgbench.start(self.turns[index], self.stack.tiers.service_dsn, self.stack.contract.kinds)
        return self.process

    def end(self) -> None:
        process, self.process = self.process, None
        if process:
            process.stop()

    def summary(self, index: int) -> pgbench.PgbenchSummary:
        return pgbench.summary(self.turns[index])


class LocalWatched:
    """What the tiers cost, window by window."""

    def __init__(
        self,
        tiers: Tiers,
        windows: Sequence[Window],
        services: Mapping[str, int],
        places: Mapping[str, Place],
        metrics: Mapping[str, str],
    ) -> None:
        """By variant: the root process of its service, its place, and the URL of one that tells of itself."""
        self._tiers = tiers
        self._windows = windows
        self._services = services
        self._places = places
        self._metrics = metrics
        self._roots: dict[TierName, int] = {}
        self._looks: list[list[dict[TierName, Look]]] = []
        self._machine: list[list[Look]] = []
        self._totals: list[str] = []
        """haproxy's statistics before each window and after the last."""
        self._counters = list[Counters]()
        """The upstream's, likewise."""
        self._loops = list[tuple[LoopCounters | None, LoopCounters | None]]()
        """The event loops of the service of a window, before and after it."""
        self._loop_before: LoopCounters | None = None
        self._trips = list[LinkCounters]()
        """The link's, likewise."""
        self.recorder = Recorder(lambda: self._roots)

    def between(self) -> None:
        number = len(self._looks)
        coming = self._windows[number] if number < len(self._windows) else None
        if haproxy := self._tiers.haproxy:
            self._totals.append(haproxy.statistics())
            haproxy.forget_maxima()
        if upstream := self._tiers.upstream:
            self._counters.append(upstream.counters())
            if coming:
                upstream.set({name: each.model_dump() for name, each in coming.upstream.items()})
        if link := self._tiers.link:
            self._trips.append(link.counters())
            if coming:
                link.set(coming.latency_ms)

        if self._looks:
            self._loops.append((self._loop_before, self._loop_counters(len(self._looks) - 1)))
        self._loop_before = self._loop_counters(len(self._looks))

    def _loop_counters(self, window: int) -> LoopCounters | None:
        variant = self._windows[window].variant if window < len(self._windows) else None
        url = self._metrics.get(variant) if variant else None
        return LoopCounters.ask(url) if url else None

    def begin(self, generator: Running | None) -> None:
        variant = self._windows[len(self._looks)].variant
        processes = self._tiers.processes
        tiers: dict[TierName, Running | None] = {
            "generator": generator,
            "haproxy": processes.get("haproxy") if variant else None,
            "pgbouncer": processes.get("pgbouncer"),
            "postgres": processes.get("postgres"),
            "upstream": processes.get("upstream") if variant else None,
            "link": processes.get("link"),
        }
        roots = {tier: process.pid for tier, process in tiers.items() if isinstance(process, Process)}
        if variant is not None:
            roots["service"] = self._services[variant]
        # Replaced as a whole: the recorder reads it in another thread.
        self._roots = roots
        self._looks.append([])
        self._machine.append([])

    def look(self) -> None:
        looks, window = self._looks[-1], self._windows[len(self._looks) - 1]
        # Of the service alone there are few processes, and a reader who asks.
        looks.append({tier: Look.now(root, split=tier == "service") for tier, root in self._roots.items()})
        self._machine[-1].append(Look.of_machine())
        if len(looks) > 1:
            self.recorder.require_since(window.counted_from)

    def tiers(self, window: int, per_second: float) -> dict[TierName, TierUsage]:
        first, last = self._looks[window][0], self._looks[window][-1]
        counted_from, left_at = self._windows[window].counted_from, self._windows[window].left_at
        within = [sample for sample in self.recorder.samples if counted_from <= sample.at <= left_at]
        held = {tier: [sample.tiers[tier] for sample in within if tier in sample.tiers] for tier in first}
        return {tier: usage([seen(first[tier], last[tier], held[tier])], per_second) for tier in first}

    def machine_cpu_us(self, window: int, per_second: float) -> float | None:
        first, *_, last = self._machine[window]
        # In some containers these counts stand still.
        return us_per_request(used, per_second) if (used := cores(first, last)) else None

    def proxy(self, window: int) -> Proxy | None:
        variant = self._windows[window].variant
        if variant is None or not self._totals:
            return None
        before, after = (Totals.read(text, self._places[variant].number) for text in self._totals[window : window + 2])
        return Proxy.between(before, after)

    def upstream(self, window: int, service_requests: int) -> Upstream | None:
        if self._windows[window].variant is None or not self._counters:
            return None
        before, after = self._counters[window : window + 2]
        return Upstream.between(before, after, service_requests)

    def event_loop(self, window: int) -> EventLoop | None:
        before, after = self._loops[window]
        return EventLoop.between(before, after) if before and after else None

    def link(self, window: int, service_requests: int) -> Link | None:
        if self._windows[window].variant is None or not self._trips:
            return None
        before, after = self._trips[window : window + 2]
        return Link.between(before, after, service_requests)


def seen(first: Look, last: Look, samples: Sequence[Footprint]) -> Seen:
    """A tier in a window: what it used, and the most that it held."""
    return Seen(
        cores=cores(first, last),
        system_cores=system_cores(first, last),
        rss_bytes=max((sample.rss_bytes for sample in samples), default=0),
        fds=most(sample.fds for sample in samples),
        connections=most(sample.connections for sample in samples),
    )

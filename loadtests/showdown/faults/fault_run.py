"""One variant under one fault: its service started, loaded without the fault and with it, and its rows looked for."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psutil
import psycopg
from showdown_contract.errors import ShowdownError
from showdown_stack.tiers import Service, Tiers

from showdown.contenders.start import resolved_command, service_environment
from showdown.contenders.variants import Variant
from showdown.contract.contract import Contract
from showdown.faults.acknowledged import acknowledged_ids, lost
from showdown.faults.action_log import ActionLog
from showdown.faults.actions.all_actions import ACTIONS
from showdown.faults.actions.network import behave
from showdown.faults.bench import Bench
from showdown.faults.fault_file import Acknowledged, Fault
from showdown.faults.fault_results import Faulted
from showdown.faults.promises import broken_promises
from showdown.faults.seen import failed_before, recovered_seconds, seen
from showdown.generators.arrival_log import ArrivalLog, Arrived, Span

# Until the generator has found its span.
LEAD_SECONDS = 0.3
# Requests without a fault before it, so that it meets a service under load.
BEFORE_SECONDS = 1.0
# Postgres comes back by then, also where it first has to recover.
RECOVERY_SECONDS = 60.0
# What an action may take at most, besides how long its fault lasts.
MOST_SECONDS = 120.0
# What can go wrong while a fault is caused.
TROUBLES = (ShowdownError, psutil.Error, psycopg.Error, OSError)


@dataclass(frozen=True)
class Scene:
    """On what faults are caused, and how what follows is seen."""

    tiers: Tiers
    contract: Contract
    acknowledged: Acknowledged
    generator: ArrivalLog
    size: int
    seed: int


def measure_fault(  # noqa: PLR0917 - each is one thing
    scene: Scene, name: str, variant: Variant, fault_name: str, fault: Fault, rate: float
) -> Faulted:
    """Cause a fault while requests arrive, beside a control without it; what goes wrong is told in the result.

    Raises ShowdownError where a tier does not come back.
    """
    span_seconds = BEFORE_SECONDS + fault.seconds + fault.watched_seconds
    told = Faulted(variant=name, fault=fault_name, requests_per_second=rate, span_seconds=span_seconds)
    failed_too_early = 0
    try:
        with _started(scene, name, variant, fault.instances) as services:
            if scene.tiers.upstream:
                behave(scene.tiers.upstream, scene.contract.scenarios.scenarios[fault.scenario])
            load = _Load(scene, variant, fault, rate, f"{scene.seed} {name} {fault_name}", services)
            start, number = load.begin(span_seconds)
            without = load.arrived(number)
            told.control = seen(without, start)
            start, number = load.begin(span_seconds + MOST_SECONDS)
            log = ActionLog(start)
            try:
                time.sleep(max(0.0, start + BEFORE_SECONDS - time.time()))
                ACTIONS[fault.action](load.bench(log))
            except TROUBLES as error:
                told.error = str(error).strip() or type(error).__name__
            finally:
                told.done = log.lines
            # What is done may take longer than the fault lasts.
            told.span_seconds = max(span_seconds, time.time() - start + fault.watched_seconds)
            scene.generator.end(number, start + told.span_seconds)
            with_fault = load.arrived(number)
            told.faulted = seen(with_fault, start)
            if log.lines:
                failed_too_early = failed_before(with_fault, start + log.lines[0].at_seconds)
                over_at = log.lines[0].at_seconds + fault.seconds
                told.recovered_seconds = recovered_seconds(told.faulted, over_at, told.span_seconds)
            _bring_back(scene.tiers)
            ids = acknowledged_ids([*without, *with_fault], scene.acknowledged)
            told.acknowledged = len(ids)
            told.lost = lost(ids, scene.acknowledged, scene.tiers.postgres.owner_dsn)
    except TROUBLES as error:
        told.error = told.error or str(error).strip() or type(error).__name__
    _bring_back(scene.tiers)
    scene.contract.data.reset(scene.tiers.postgres.owner_dsn)
    told.broken = broken_promises(told, fault, failed_too_early)
    return told


@dataclass(frozen=True)
class _Load:
    """Arrivals at one service."""

    scene: Scene
    variant: Variant
    fault: Fault
    rate: float
    seed: str
    services: Sequence[Service]

    def begin(self, seconds: float) -> tuple[float, int]:
        """When the first request is due, and the number of what is sent."""
        start = time.time() + LEAD_SECONDS
        return start, self.scene.generator.follow(self._span(start, start + seconds))

    def arrived(self, number: int) -> list[Arrived]:
        return self.scene.generator.arrived(number)

    def _span(self, start: float, end: float) -> Span:
        scenario = self.scene.contract.scenarios.scenarios[self.fault.scenario]
        return Span(
            start=start,
            end=end,
            rate=self.rate,
            url=self.services[0].place.url,
            requests=dict(scenario.requests),
            size=self.scene.size,
            seed=self.seed,
            lookup=self.variant.lookup,
        )

    def bench(self, log: ActionLog) -> Bench:
        return Bench(
            tiers=self.scene.tiers,
            services=self.services,
            scenario=self.scene.contract.scenarios.scenarios[self.fault.scenario],
            table=self.scene.acknowledged.table,
            log=log,
            seconds=self.fault.seconds,
            latency_ms=self.fault.latency_ms,
        )


@contextmanager
def _started(scene: Scene, name: str, variant: Variant, instances: int) -> Iterator[list[Service]]:
    """So many instances of a service, all of which haproxy asks. Raises ShowdownError where one does not come up."""
    environment = service_environment() | variant.settings()
    tiers = scene.tiers
    with ExitStack() as resources:
        services: list[Service] = []
        for number in range(1, instances + 1):
            service = tiers.start_service(
                name if number == 1 else f"{name}-{number}",
                resolved_command(name, variant), environment, variant.folder, tiers.places[0].instance(number),
            )  # fmt: skip
            resources.enter_context(service.process)
            services.append(service)
        for number, service in enumerate(services, start=1):
            service.wait_until_ready()
            if tiers.haproxy and number > 1:
                tiers.haproxy.set_state(service.place.number, number, "ready")
                resources.callback(tiers.haproxy.set_state, service.place.number, number, "maint")
        yield services


def _bring_back(tiers: Tiers) -> None:
    """A tier that a fault has ended for good is started again, for the next fault. Raises ShowdownError."""
    for process in tiers.processes.values():
        if not process.running:
            process.start_again()
    _until_postgres_answers(tiers)


def _until_postgres_answers(tiers: Tiers) -> None:
    end = time.monotonic() + RECOVERY_SECONDS
    while True:
        try:
            psycopg.connect(tiers.postgres.owner_dsn, connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > end:
                raise ShowdownError(f"Postgres does not come back: {error}") from None
            time.sleep(0.1)
        else:
            return

"""One round: a service started, verified, loaded, watched and stopped; or pgbench in its place."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
from local_stack.errors import StackError
from local_stack.haproxy import Haproxy, Totals
from local_stack.process import Process
from local_stack.stack import Stack
from showdown_contract.seed import undo_writes

from showdown.build import resolved_command, service_environment
from showdown.errors import ShowdownError
from showdown.generators import pgbench
from showdown.generators.load import Generator, Load
from showdown.generators.measurement import LoadSummary
from showdown.results import Proxy, Reference, Result, TierName
from showdown.run.recorder import Recorder, Sample, usages, write_samples
from showdown.run.work import WorkCounter, work
from showdown.variants import Variant
from showdown.verify import differences

POLL_SECONDS = 0.1
# How much longer than asked a generator may take before it counts as hung.
GRACE_SECONDS = 45
# A round has to measure this much of the time that it was asked to.
LEAST_MEASURED = 0.9


class RoundError(ShowdownError):
    """A round without a result; others may have one."""


class StackLostError(ShowdownError):
    """A tier that every round needs has ended: nothing more can be measured."""


@dataclass(frozen=True)
class Round:
    """A turn to measure something: the same for a variant and for the ceiling."""

    stack: Stack
    load: Load
    number: int
    on_progress: Callable[[float], object]
    """Told the seconds that have passed since its last call."""


@contextmanager
def started_service(stack: Stack, name: str, variant: Variant) -> Iterator[Process]:
    """A variant's service on the stack. Raises StackError or ShowdownError where it does not come up."""
    environment = service_environment() | variant.settings()
    with stack.service(name, resolved_command(name, variant), environment) as service:
        yield service


def measure_variant(round_: Round, name: str, variant: Variant, generator: Generator) -> Result:
    """Measure a variant once. Raises RoundError or StackLostError."""
    stack, load = round_.stack, round_.load
    started_at = datetime.now(UTC)
    with _explained(stack), started_service(stack, name, variant) as service:
        if faults := differences(stack.service_url):
            raise RoundError(f"it breaks the contract in {len(faults)} golden cases, the first: {faults[0]}")
        # The golden cases write notes, too.
        undo_writes(stack.postgres.owner_dsn)
        with WorkCounter(stack.postgres.owner_dsn, stack.service_dsn) as counter:
            generator.prepare(load)
            counts, totals = counter.counts(), _start_totals(stack.haproxy)
            with generator.start(load) as process:
                samples = _watch(round_, process, service, counter, lambda: generator.check(load))
            seen = generator.summary(load)
            _require_enough(seen, load)
            counts_after = counter.counts()
        proxy = _proxy(totals, stack.haproxy)
    undo_writes(stack.postgres.owner_dsn)
    return Result(
        variant=name,
        scenario=load.scenario_name,
        round=round_.number,
        started_at=started_at.isoformat(timespec="seconds"),
        measured_seconds=seen.measured_seconds,
        requests=seen.requests,
        errors=seen.errors,
        requests_per_second=seen.requests_per_second,
        latency_ms=seen.latency_ms,
        failures=seen.failures,
        tiers=usages(samples, seen.measured_from, seen.measured_to, seen.requests),
        work=work(counts, counts_after, seen.total_requests, max(sample.database_connections for sample in samples)),
        proxy=proxy,
    )


def measure_ceiling(round_: Round, connections: int) -> Reference:
    """Measure pgbench once, over so many connections. Raises RoundError or StackLostError."""
    stack, load = round_.stack, round_.load
    with _explained(stack), WorkCounter(stack.postgres.owner_dsn, stack.postgres.api_dsn) as counter:
        with pgbench.start(load, stack.postgres.api_dsn, connections) as process:
            samples = _watch(round_, process, None, counter, lambda: None)
        seen = pgbench.summary(load)
    return Reference(
        scenario=load.scenario_name,
        round=round_.number,
        connections=connections,
        requests_per_second=seen.transactions_per_second,
        mean_latency_ms=seen.mean_latency_ms,
        tiers=usages(samples, seen.measured_from, seen.measured_to, seen.transactions),
    )


@contextmanager
def _explained(stack: Stack) -> Iterator[None]:
    """Turn what can go wrong within a round into RoundError, or StackLostError where a shared tier has ended."""
    try:
        yield
    except (StackError, ShowdownError, psycopg.Error) as error:
        if lost := stack.lost():
            raise StackLostError(lost.how_it_ended(" in mid-run")) from error
        raise RoundError(str(error).strip()) from error


def _roots(stack: Stack, generator: Process, service: Process | None) -> dict[TierName, int]:
    tiers: dict[TierName, Process | None] = {
        "generator": generator,
        "haproxy": stack.haproxy.process if stack.haproxy and service else None,
        "service": service,
        "pgbouncer": stack.pgbouncer if service else None,
        "postgres": stack.postgres.process,
    }
    return {tier: process.pid for tier, process in tiers.items() if process}


def _watch(
    round_: Round, process: Process, service: Process | None, counter: WorkCounter, check: Callable[[], None]
) -> list[Sample]:
    """Sample all tiers until the generator has ended, and keep the samples beside its own files."""
    with Recorder(_roots(round_.stack, process, service), counter.connections) as recorder:
        _wait(round_, process, service, check)
    write_samples(recorder.samples, round_.load.file("-samples.json"))
    return recorder.samples


def _wait(round_: Round, process: Process, service: Process | None, check: Callable[[], None]) -> None:
    """Return when the generator has ended. Raises ShowdownError where it hangs or a tier ends before it."""
    profile = round_.load.profile
    started = time.monotonic()
    while process.running:
        time.sleep(POLL_SECONDS)
        round_.on_progress(POLL_SECONDS)
        check()
        if lost := round_.stack.lost():
            raise StackLostError(lost.how_it_ended(" in mid-run"))
        if service and not service.running:
            raise RoundError(f"the service ended under load (exit code {service.exit_code}).\n{service.log_tail()}")
        if time.monotonic() - started > profile.warm_up_seconds + profile.measure_seconds + GRACE_SECONDS:
            raise RoundError(f"{process.name} does not end.\n{process.log_tail()}")
    if process.exit_code != 0:
        raise RoundError(f"{process.name} failed (exit code {process.exit_code}).\n{process.log_tail()}")


def _require_enough(seen: LoadSummary, load: Load) -> None:
    """Raise RoundError where the generator itself had no time to measure: such a round says nothing of a service."""
    asked = load.profile.measure_seconds
    if seen.measured_seconds < LEAST_MEASURED * asked:
        raise RoundError(f"only {seen.measured_seconds:.1f} of {asked} s were measured: the machine is overloaded")
    if seen.errors == seen.requests:
        what = next(iter(seen.failures), "none came")
        raise RoundError(f"there was no right answer in {asked} s: {what}")


def _start_totals(haproxy: Haproxy | None) -> Totals | None:
    if haproxy is None:
        return None
    haproxy.forget_maxima()
    return haproxy.totals()


def _proxy(before: Totals | None, haproxy: Haproxy | None) -> Proxy | None:
    if before is None or haproxy is None:
        return None
    after = haproxy.totals()
    return Proxy(
        responses=after.responses - before.responses,
        server_errors=after.server_errors - before.server_errors,
        connection_errors=after.connection_errors - before.connection_errors,
        most_queued=after.most_queued,
    )

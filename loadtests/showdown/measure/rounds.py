"""One round: a service is started, verified, loaded, watched and stopped; or pgbench runs in its place."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import psutil
import psycopg
from showdown_contract.errors import ShowdownError
from showdown_stack.haproxy import Totals

from showdown.contenders.variants import Variant
from showdown.generators.load import Generator, Load, Running
from showdown.generators.measurement import LoadSummary
from showdown.measure.results import Ceiling, Proxy, Result
from showdown.measure.work import WorkCounter, work
from showdown.stacks.stack import Stack, Watched

POLL_SECONDS = 0.1
# How much longer than asked a generator may run before it counts as hung.
GRACE_SECONDS = 45
# A round must measure at least this share of the time asked for.
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
    service_hosts: int
    on_progress: Callable[[float], object]
    """Called with the seconds that have passed since its last call."""


def measure_variant(round_: Round, name: str, variant: Variant, generator: Generator) -> Result:
    """Measure a variant once. Raises RoundError or StackLostError."""
    stack, load = round_.stack, round_.load
    started_at = datetime.now(UTC)
    with _explained(stack):
        with (
            WorkCounter(stack.owner_dsn, stack.api_user) as counter,
            stack.service(name, variant, round_.service_hosts, load) as service,
        ):
            if faults := stack.differences(variant.lookup):
                raise RoundError(f"it breaks the contract in {len(faults)} golden cases, the first: {faults[0]}")
            # The golden cases write notes too.
            stack.reset()
            generator.prepare(load)
            counts, totals = counter.counts(), _start_totals(stack)
            with generator.start(load) as running:
                watched = _watch(round_, running, service, counter, lambda: generator.check(load))
            seen = generator.summary(load)
            _require_enough(seen, load)
            counts_after = counter.counts()
            proxy = _proxy(totals, stack.totals())
        stack.reset()
        tiers = watched.tiers(seen.measured_from, seen.measured_to, seen.requests)
    return Result(
        variant=name,
        scenario=load.scenario_name,
        round=round_.number,
        service_hosts=round_.service_hosts,
        started_at=started_at.isoformat(timespec="seconds"),
        measured_seconds=seen.measured_seconds,
        requests=seen.requests,
        errors=seen.errors,
        requests_per_second=seen.requests_per_second,
        latency_ms=seen.latency_ms,
        failures=seen.failures,
        tiers=tiers,
        work=work(counts, counts_after, seen.total_requests, watched.peak_database_connections),
        proxy=proxy,
    )


def measure_ceiling(round_: Round, connections: int) -> Ceiling:
    """Measure pgbench once over this number of connections. Raises RoundError or StackLostError."""
    stack, load = round_.stack, round_.load
    with _explained(stack):
        with (
            WorkCounter(stack.owner_dsn, stack.api_user) as counter,
            stack.start_ceiling(load, connections) as running,
        ):
            watched = _watch(round_, running, None, counter, lambda: None)
        seen = stack.ceiling_summary(load)
        tiers = watched.tiers(seen.measured_from, seen.measured_to, seen.transactions)
    return Ceiling(
        scenario=load.scenario_name,
        round=round_.number,
        connections=connections,
        requests_per_second=seen.transactions_per_second,
        mean_latency_ms=seen.mean_latency_ms,
        tiers=tiers,
    )


@contextmanager
def _explained(stack: Stack) -> Iterator[None]:
    """Turn the errors of a round into RoundError, or into StackLostError if a shared tier has ended."""
    try:
        yield
    except (ShowdownError, psycopg.Error, psutil.Error, OSError) as error:
        if lost := stack.lost():
            raise StackLostError(lost.how_it_ended(" in mid-run")) from error
        raise RoundError(str(error).strip() or type(error).__name__) from error


def _watch(
    round_: Round, generator: Running, service: Running | None, counter: WorkCounter, check: Callable[[], None]
) -> Watched:
    """Record all tiers until the generator has ended."""
    with round_.stack.watched(round_.load, generator, service, counter.connections) as watched:
        _wait(round_, generator, service, check)
    return watched


def _wait(round_: Round, generator: Running, service: Running | None, check: Callable[[], None]) -> None:
    """Return when the generator has ended. Raises ShowdownError if it hangs or a tier ends before it."""
    profile = round_.load.profile
    started = time.monotonic()
    while generator.running:
        time.sleep(POLL_SECONDS)
        round_.on_progress(POLL_SECONDS)
        check()
        if lost := round_.stack.lost():
            raise StackLostError(lost.how_it_ended(" in mid-run"))
        if service and not service.running:
            raise RoundError(f"the service ended under load (exit code {service.exit_code}).\n{service.log_tail()}")
        if time.monotonic() - started > profile.warm_up_seconds + profile.measure_seconds + GRACE_SECONDS:
            raise RoundError(f"{generator.name} does not end.\n{generator.log_tail()}")
    if generator.exit_code != 0:
        raise RoundError(f"{generator.name} failed (exit code {generator.exit_code}).\n{generator.log_tail()}")


def _require_enough(seen: LoadSummary, load: Load) -> None:
    """Raise RoundError if the generator itself had too little time to measure: the service is not to blame for that."""
    asked = load.profile.measure_seconds
    if seen.measured_seconds < LEAST_MEASURED * asked:
        raise RoundError(f"only {seen.measured_seconds:.1f} of {asked} s were measured: the machine is overloaded")
    if seen.errors == seen.requests:
        what = next(iter(seen.failures), "none came")
        raise RoundError(f"there was no right answer in {asked} s: {what}")


def _start_totals(stack: Stack) -> Totals | None:
    stack.forget_maxima()
    return stack.totals()


def _proxy(before: Totals | None, after: Totals | None) -> Proxy | None:
    if before is None or after is None:
        return None
    return Proxy(
        responses=after.responses - before.responses,
        server_errors=after.server_errors - before.server_errors,
        connection_errors=after.connection_errors - before.connection_errors,
        most_queued=after.most_queued,
    )

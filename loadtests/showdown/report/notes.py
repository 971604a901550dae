"""Notes on how far a table can be trusted."""

from collections.abc import Iterator

from showdown.measure.results import Fault, Result, Run
from showdown.report.setting import contender_name
from showdown.report.summary import Summary
from showdown.stacks.records import TierUsage

# Above this share of the cores that it can use, the generator may be the bottleneck.
BUSY_GENERATOR_PERCENT = 90.0
# Rounds of the same code that differ by more are noisy.
NOISY_SPREAD = 0.10
FEWEST_ROUNDS = 3
# A share of all CPU time.
STEAL_PERCENT = 1.0


def notes(summary: Summary) -> list[str]:
    """One sentence for each doubt, the most serious first."""
    run = summary.run
    return [*_unmeasured(run), *_tiers(run), *_machine(run), *_rounds(summary), *_generator(run), *_variants(run)]


def _unmeasured(run: Run) -> Iterator[str]:
    for fault in run.faults:
        reason = fault.reason.partition("\n")[0]
        yield f"{_round(run, fault)} has no result: {reason}"
    if run.finished_at is None:
        yield "the run was stopped before its end: the rounds that are missing could change the picture"
    for result in run.results:
        if result.errors:
            what = ", ".join(f"{count} × {failure}" for failure, count in sorted(result.failures.items())[:3])
            yield f"{_round(run, result)}: {result.errors} wrong answers ({what})"


def _round(run: Run, of: Result | Fault) -> str:
    return f"{contender_name(run, of.variant, of.service_hosts)}, {of.scenario}, round {of.round}"


def _tiers(run: Run) -> Iterator[str]:
    yield from run.missing
    if not run.haproxy and not any(part.startswith("haproxy") for part in run.missing):
        yield "without haproxy, as asked for: requests went to the service directly"
    if run.external_postgres:
        yield "Postgres was the user's own (--dsn), with settings that are not this stack's"
    if run.stack == "terraform":
        yield "Postgres is managed: its settings are the provider's, not infra/config/postgresql.conf's"
    for result in run.results:
        if result.proxy and (failed := result.proxy.server_errors + result.proxy.connection_errors):
            yield f"{_round(run, result)}: haproxy saw {failed} failed requests"
    if run.generator == "oha":
        yield "oha looks at the status of every answer; bodies were compared twice a second only"


def _machine(run: Run) -> Iterator[str]:
    if run.machine.system.startswith("Darwin"):
        yield "macOS does not tell the CPU time of ended processes: per-request connections look cheaper than they are"
    if run.machine.steal_percent and run.machine.steal_percent > STEAL_PERCENT:
        yield f"the host took {run.machine.steal_percent:.1f}% of the CPU time away: trust ratios, not absolute numbers"
    services = [host for host in run.hosts if host.tier == "service"][: max(run.service_hosts)]
    cpus = {host.name: host.machine.cpu for host in services if host.machine}
    if len(run.service_hosts) > 1 and len(set(cpus.values())) > 1:
        told = ", ".join(f"{name}: {cpu}" for name, cpu in cpus.items())
        yield f"the service hosts have different CPUs ({told}): growth compares CPUs, too"


def _rounds(summary: Summary) -> Iterator[str]:
    run = summary.run
    if run.compared_with != run.baseline:
        yield f"{run.baseline} has no result: the others are compared with {run.compared_with}"
    if run.profile.rounds < FEWEST_ROUNDS:
        yield f"{run.profile.rounds} round(s) of {run.profile.measure_seconds:g} s: they show that it runs, no more"
    for scenario, rows in summary.rows.items():
        noisy = [
            f"{row.name} {row.slowest_round:,.0f} to {row.fastest_round:,.0f}"
            for row in rows
            if row.fastest_round - row.slowest_round > NOISY_SPREAD * row.requests_per_second
        ]
        if noisy:
            yield f"{scenario}, req/s of the rounds, within which a difference is noise: {', '.join(noisy)}"


def _generator(run: Run) -> Iterator[str]:
    if run.generator != "locust":
        return
    # All hosts of a tier have the same size.
    cores = run.generator_processes / (sum(host.tier == "generator" for host in run.hosts) or 1)
    busiest: dict[tuple[str, str], float] = {}
    for result in run.results:
        key = (contender_name(run, result.variant, result.service_hosts), result.scenario)
        busiest[key] = max(busiest.get(key, 0.0), _busiest_host_percent(result.tiers["generator"]))
    for (contender, scenario), percent in busiest.items():
        if percent >= BUSY_GENERATOR_PERCENT * cores:
            used, advice = (
                (f"{percent:.0f}% of the one core it can use", "--generator oha is lighter")
                if run.stack == "local"
                else (f"{percent:.0f} of {100 * cores:.0f}% on a host", "apply with a larger generator_count")
            )
            yield f"{contender}, {scenario}: Locust used {used}, so this is a lower bound: {advice}"


def _busiest_host_percent(tier: TierUsage) -> float:
    return tier.peak_cpu_percent if tier.peak_host_cpu_percent is None else tier.peak_host_cpu_percent


def _variants(run: Run) -> Iterator[str]:
    measured = {result.variant for result in run.results}
    for name, variant in run.variants.items():
        if variant.note and name in measured:
            yield f"{name}: {variant.note}"

"""What a reader has to know of a run besides the judge's verdicts: what is missing, and what is different."""

from collections import Counter
from collections.abc import Iterator

from showdown.judge.precision import is_precise_enough, widest
from showdown.measure.results import Run, Slice
from showdown.report.figures import percent
from showdown.report.setting import contender_name, listed


def notes(run: Run) -> list[str]:
    """One sentence for each, the gravest first."""
    return [*_unmeasured(run), *_precision(run), *_tiers(run), *_machine(run), *_variants(run)]


def _unmeasured(run: Run) -> Iterator[str]:
    lost: dict[tuple[str, str], list[str]] = {}
    for fault in run.faults:
        contender = ", ".join(filter(None, [fault.variant, fault.scenario]))
        lost.setdefault((contender, fault.reason.partition("\n")[0]), []).append(str(fault.block))
    for (contender, reason), blocks in lost.items():
        what = f"block {blocks[0]} has" if len(blocks) == 1 else f"blocks {listed(blocks)} have"
        yield f"{contender}, {what} no result: {reason}"
    if run.finished_at is None:
        yield "the run was stopped before its end: the blocks that are missing could change the picture"
    if run.compared_with != run.baseline:
        yield f"{run.baseline} has no result: the others are compared with {run.compared_with}"


def _precision(run: Run) -> Iterator[str]:
    """Of a run that was finished before it was as precise as it was to be."""
    asked = run.until_half_width
    if asked is None or run.finished_at is None or is_precise_enough(run):
        return
    found = widest(run)
    so_far = "too few blocks tell how wide intervals are" if found is None else f"the widest is ±{percent(found)}"
    yield f"intervals were to be within ±{percent(asked)}, and {so_far}: give it more time with --most-minutes"


def _row(run: Run, of: Slice) -> str:
    return f"{contender_name(run, of.variant, of.service_hosts)}, {of.scenario}"


def _tiers(run: Run) -> Iterator[str]:
    yield from run.notes
    if not run.haproxy and not any(part.startswith("haproxy") for part in run.notes):
        yield "without haproxy, as asked for: requests went to the service directly"
    if run.external_postgres:
        yield "Postgres was the user's own (--dsn), with settings that are not this stack's"
    if run.stack == "terraform":
        yield "Postgres is managed: its settings are the provider's, not infra/config/postgresql.conf's"
    failed: Counter[str] = Counter()
    for each in run.slices:
        if each.proxy:
            failed[_row(run, each)] += each.proxy.server_errors + each.proxy.connection_errors
    for row, count in failed.items():
        if count:
            yield f"{row}: haproxy saw {count} failed requests"
    if run.generator == "oha":
        yield "oha looks at the status of every answer; bodies were compared twice a second only"


def _machine(run: Run) -> Iterator[str]:
    if run.machine.system.startswith("Darwin"):
        yield "macOS does not tell the CPU time of ended processes: per-request connections look cheaper than they are"
    services = [host for host in run.hosts if host.tier == "service"][: max(run.service_hosts)]
    cpus = {host.name: host.machine.cpu for host in services if host.machine}
    if len(run.service_hosts) > 1 and len(set(cpus.values())) > 1:
        told = ", ".join(f"{name}: {cpu}" for name, cpu in cpus.items())
        yield f"the service hosts have different CPUs ({told}): growth compares CPUs, too"


def _variants(run: Run) -> Iterator[str]:
    measured = {result.variant for result in run.slices}
    for name, variant in run.variants.items():
        if variant.note and name in measured:
            yield f"{name}: {variant.note}"

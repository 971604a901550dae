"""What a reader has to know of a run besides the judge's verdicts: what is missing, and what is different."""

from collections import Counter
from collections.abc import Iterator

from showdown.judge.precision import is_precise_enough, widest
from showdown.measure.results import Run, Slice
from showdown.report.figures import percent
from showdown.report.setting import contender_name, listed
from showdown.requests.upstream import Behaviour

MOST_GROWERS_SHOWN = 5


def notes(run: Run) -> list[str]:
    """One sentence for each, the gravest first."""
    return [
        *_unmeasured(run),
        *_precision(run),
        *_tiers(run),
        *_upstream(run),
        *_link(run),
        *_machine(run),
        *_variants(run),
        *_growers(run),
    ]


def _unmeasured(run: Run) -> Iterator[str]:
    lost: dict[tuple[str, str], list[str]] = {}
    for fault in run.faults:
        contender = ", ".join(filter(None, [fault.variant, fault.scenario]))
        lost.setdefault((contender, fault.reason.partition("\n")[0]), []).append(str(fault.block))
    for (contender, reason), blocks in lost.items():
        what = f"block {blocks[0]} has" if len(blocks) == 1 else f"blocks {listed(blocks)} have"
        yield f"{contender}, {what} no result: {reason}"
    if run.finished_at is None:
        yield "the run has not come to its end: the blocks that are missing could change the picture"
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
    if run.stack == "hosts" and any(host.tier == "postgres" and host.machine is None for host in run.hosts):
        yield "Postgres was the inventory's, with settings that are not this stack's"
    failed: Counter[str] = Counter()
    for each in run.slices:
        if each.proxy:
            failed[_row(run, each)] += each.proxy.server_errors + each.proxy.connection_errors
    for row, count in failed.items():
        if count:
            yield f"{row}: haproxy saw {count} failed requests"
    if run.generator == "oha":
        yield "oha looks at the status of every answer; bodies were compared twice a second only"


def _upstream(run: Run) -> Iterator[str]:
    for scenario, behaviours in run.upstream.items():
        if told := [f"{name} {_behaviour(each)}" for name, each in behaviours.items()]:
            yield f"in {scenario} the upstream answered {'; '.join(told)}; all else at once"
        else:
            yield f"in {scenario} the upstream answered at once"


def _link(run: Run) -> Iterator[str]:
    if run.latency_ms:
        yield (
            "services reached Postgres through the link, which delays each round trip; that takes CPU even at 0 ms, "
            "as a tier of its own (infra/link)"
        )


def _behaviour(of: Behaviour) -> str:
    """Such as: after 50 ms in the median (lognormal, σ 0.5), 1% of requests with 503."""
    if of.latency_sigma:
        parts = [f"after {of.latency_ms:g} ms in the median (lognormal, σ {of.latency_sigma:g})"]
    else:
        parts = [f"after {of.latency_ms:g} ms"]
    if of.failure_share:
        parts.append(f"{percent(of.failure_share)} of requests with 503")
    if of.body_ms:
        parts.append(f"in pieces over {of.body_ms:g} ms")
    return ", ".join(parts)


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


def _growers(run: Run) -> Iterator[str]:
    for name, found in run.growers.items():
        held = [one.tiers["service"].peak_rss_mib for one in run.slices if one.variant == name]
        of = f", while it held {max(held):,.0f} MiB at most" if held else ""
        lines = "; ".join(
            f"{one.line} {one.mib:,.2f} MiB in {one.blocks:,} blocks" for one in found[:MOST_GROWERS_SHOWN]
        )
        yield (
            f"{name}: what its interpreter's own allocators kept since it started, by lines of code{of}: {lines}. What "
            "libraries in C allocate for themselves, such as TLS contexts, is not in it"
        )

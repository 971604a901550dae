"""What becomes of a chain as the latency between service and Postgres grows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from showdown_stack.haproxy import PLACES

from showdown.contenders.chains import Chain
from showdown.explain.crossing import crossing
from showdown.explain.explanation import Modelled, OverLatency, Place
from showdown.explain.factor import factor_of, level_of
from showdown.explain.model import Model
from showdown.judge.comparisons import THROUGHPUT, Comparison, compare, confidence
from showdown.judge.rows import Row
from showdown.measure.results import Run
from showdown.requests.latency import without_latency

Rows = Mapping[tuple[str, str], Row]
"""By variant and scenario, those whose numbers are not refused."""


def over_latency(run: Run, rows: Rows) -> list[OverLatency]:
    """By scenario, of those that were measured at a latency."""
    by_scenario: dict[str, dict[float, str]] = {}
    for name, latency in run.latency_ms.items():
        by_scenario.setdefault(without_latency(name, latency), {})[latency] = name
    return [_of_scenario(run, scenario, dict(sorted(of.items())), rows) for scenario, of in by_scenario.items()]


def _of_scenario(run: Run, scenario: str, names: Mapping[float, str], rows: Rows) -> OverLatency:
    """`names`: by latency, what the scenario is called at it."""
    chains = list(filter(None, [run.chain, run.beside]))
    hosts = max(run.service_hosts)
    curve = _Curve(run, {at: compare(run, name, hosts, THROUGHPUT) for at, name in names.items()}, rows)
    variants = dict.fromkeys(variant for chain in chains for variant in chain.variants())
    beside = run.beside.first if run.beside else None
    return OverLatency(
        scenario=scenario,
        modelled=[each for variant in variants for each in curve.modelled(variant)],
        beside=beside,
        places=list(curve.places(run.chain, beside)) if run.chain and beside else [],
    )


@dataclass(frozen=True)
class _Curve:
    """One scenario at several latencies."""

    run: Run
    by_latency: Mapping[float, Comparison]
    rows: Rows

    def modelled(self, variant: str) -> Iterator[Modelled]:
        """At each latency."""
        run = self.run
        at_once = [run.variants[variant].pool, run.profile.users, *([PLACES] if run.haproxy else [])]
        for latency, compared in self.by_latency.items():
            level, row = level_of(variant, compared), self.rows.get((variant, compared.scenario))
            wire = _wire(row) if row else None
            if row is None or level is None or wire is None:
                continue
            trips, ms_per_round_trip = wire
            model = Model(
                connections=min(at_once),
                at_once=int(row.usable_cores["service"]),
                cpu_seconds=row.scarcest_cpu_share / row.requests_per_second,
                round_trip_seconds=trips * ms_per_round_trip / 1000,
            )
            yield Modelled(
                variant=variant,
                latency_ms=latency,
                connections=model.connections,
                round_trips_per_request=trips,
                ms_per_round_trip=ms_per_round_trip,
                cpu_ms_per_request=model.cpu_seconds * 1000,
                requests_per_second=level,
                model_requests_per_second=model.requests_per_second,
                binds=model.binds,
            )

    def places(self, chain: Chain, beside: str) -> Iterator[Place]:
        """Each variant of a chain that has no branches, beside this one."""
        led_by = {step.after: step.name for step in chain.steps}
        for variant in dict.fromkeys([chain.first, *led_by]):
            logs = {
                at: compared.ratio_by_block(variant, beside)
                for at, compared in self.by_latency.items()
                if (variant, compared.scenario) in self.rows and (beside, compared.scenario) in self.rows
            }
            yield Place(
                variant=variant,
                step=led_by.get(variant),
                ratios=[(at, factor_of(of, self.run)) for at, of in logs.items()],
                crossing=crossing(logs, confidence(self.run)),
            )


def _wire(row: Row) -> tuple[float, float] | None:
    """Over all slices: the round trips of a request, and the ms of a round trip."""
    counted = [each.link for each in row.slices if each.link]
    requests, trips = (
        sum(each.service_requests for each in counted),
        sum(each.round_trips for each in counted),
    )
    return (trips / requests, sum(each.waited_ms for each in counted) / trips) if requests and trips else None

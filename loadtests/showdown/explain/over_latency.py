"""What becomes of a chain as the latency between service and Postgres grows."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from showdown.contenders.chains import Chain
from showdown.explain.crossing import crossing
from showdown.explain.explanation import Level, Modelled, OverLatency, Place
from showdown.explain.factor import factor_of, level_of
from showdown.explain.model import Model
from showdown.judge.comparisons import THROUGHPUT, Comparison, compare, confidence
from showdown.judge.rows import connections_at_once
from showdown.measure.results import Run
from showdown.requests.latency import without_latency


def over_latency(run: Run, refused: Collection[tuple[str, str]]) -> list[OverLatency]:
    """By scenario, of those that were measured at a latency; without numbers that are refused."""
    by_scenario: dict[str, dict[float, str]] = {}
    for name, latency in run.latency_ms.items():
        by_scenario.setdefault(without_latency(name, latency), {})[latency] = name
    return [_of_scenario(run, scenario, dict(sorted(of.items())), refused) for scenario, of in by_scenario.items()]


def _of_scenario(
    run: Run, scenario: str, names: Mapping[float, str], refused: Collection[tuple[str, str]]
) -> OverLatency:
    """`names`: by latency, what the scenario is called at it."""
    chains = list(filter(None, [run.chain, run.beside]))
    hosts = max(run.service_hosts)
    curve = _Curve(run, {at: compare(run, name, hosts, THROUGHPUT) for at, name in names.items()}, refused)
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
    refused: Collection[tuple[str, str]]

    def modelled(self, variant: str) -> Iterator[Modelled]:
        """At each latency; nothing where it was not measured without one."""
        without = self._level(variant, 0.0)
        if without is None:
            return
        model = Model(connections_at_once(self.run, variant), without.value)
        for latency, compared in self.by_latency.items():
            level, wire = self._level(variant, latency), self._wire(variant, compared.scenario)
            if level is None or wire is None:
                continue
            trips, ms_per_round_trip = wire
            # Without latency the model is what was measured.
            expected, binds = model.requests_per_second(trips, ms_per_round_trip if latency else 0.0)
            yield Modelled(
                variant=variant,
                latency_ms=latency,
                connections=model.connections,
                round_trips_per_request=trips,
                ms_per_round_trip=ms_per_round_trip,
                requests_per_second=level,
                model_requests_per_second=expected,
                binds=binds,
            )

    def places(self, chain: Chain, beside: str) -> Iterator[Place]:
        """Each variant of a chain that has no branches, beside this one."""
        led_by = {step.after: step.name for step in chain.steps}
        for variant in dict.fromkeys([chain.first, *led_by]):
            logs = {
                at: compared.ratio_by_block(variant, beside)
                for at, compared in self.by_latency.items()
                if not {(variant, compared.scenario), (beside, compared.scenario)} & set(self.refused)
            }
            yield Place(
                variant=variant,
                step=led_by.get(variant),
                ratios=[(at, factor_of(of, self.run)) for at, of in logs.items()],
                crossing=crossing(logs, confidence(self.run)),
            )

    def _level(self, variant: str, latency: float) -> Level | None:
        compared = self.by_latency.get(latency)
        if compared is None or (variant, compared.scenario) in self.refused:
            return None
        return level_of(variant, compared)

    def _wire(self, variant: str, scenario: str) -> tuple[float, float] | None:
        """Over all slices: the round trips of a request, and the ms of a round trip."""
        counted = [
            each.link for each in self.run.slices if (each.variant, each.scenario) == (variant, scenario) and each.link
        ]
        requests, trips = (
            sum(each.service_requests for each in counted),
            sum(each.round_trips for each in counted),
        )
        return (trips / requests, sum(each.waited_ms for each in counted) / trips) if requests and trips else None

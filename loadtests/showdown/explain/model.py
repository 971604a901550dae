"""A model of one line: what bounds a service whose Postgres is far away, its connections or its CPU?"""

from dataclasses import dataclass

from showdown.explain.explanation import Binding


@dataclass(frozen=True)
class Model:
    """A variant, as far as the model knows it."""

    connections: int
    """How many requests can have one at a time: the pool's, and no more than there are users or places in haproxy."""
    by_cpu: float
    """The requests per second that it reaches without latency."""

    def by_round_trips(self, round_trips: float, ms_per_round_trip: float) -> float | None:
        """A request keeps a connection for all of its round trips; None where those take no time."""
        seconds = round_trips * ms_per_round_trip / 1000
        return self.connections / seconds if seconds else None

    def requests_per_second(self, round_trips: float, ms_per_round_trip: float) -> tuple[float, Binding]:
        """The lower of the two bounds, and which that is."""
        bound = self.by_round_trips(round_trips, ms_per_round_trip)
        return (self.by_cpu, "CPU") if bound is None or bound >= self.by_cpu else (bound, "round trips")

"""A model of one line: connections go round between a CPU, for which they queue, and round trips to Postgres.

    req/s = connections ÷ (CPU time × (1 + those that queue before it) + round trips × their time)

That is exact mean value analysis of a closed network with one queue and one delay, and the two bounds are its
asymptotes (Lazowska, Zahorjan, Graham and Sevcik, Quantitative System Performance, 1984, chapters 5 and 6). Nothing is
fitted.
"""

from dataclasses import dataclass

from showdown.explain.explanation import Binding


@dataclass(frozen=True)
class Model:
    """A variant at one latency, as far as the model knows it."""

    connections: int
    """How many requests can have one at a time: the pool's, and no more than there are users or places in haproxy."""
    at_once: int
    """Workers that can run at the same time. Each has its share of the connections, as a process has its own pool."""
    cpu_seconds: float
    """Of a request, on the CPU that is scarcest, while all workers are at it: its inverse is what CPU allows."""
    round_trip_seconds: float
    """Of a request: all of its round trips, in which it keeps its connection."""

    @property
    def binds(self) -> Binding:
        """Which of the two allows fewer requests per second: CPU, or connections that wait for nothing but Postgres."""
        alone = self.at_once * self.cpu_seconds + self.round_trip_seconds
        return "CPU" if self.connections * self.cpu_seconds >= alone else "round trips"

    @property
    def requests_per_second(self) -> float:
        """Of all workers."""
        share, rest = divmod(self.connections, self.at_once)
        return sum(self._of_worker(share + (worker < rest)) for worker in range(self.at_once))

    def _of_worker(self, connections: int) -> float:
        """What comes when there is one connection, then with one more, until all are there."""
        busy = self.at_once * self.cpu_seconds
        queue = throughput = 0.0
        for number in range(1, connections + 1):
            at_cpu = busy * (1 + queue)
            throughput = number / (at_cpu + self.round_trip_seconds)
            queue = throughput * at_cpu
        return throughput

"""How late a service's event loops ran, and how many tasks they kept, by its own metrics: contract/service.md."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Self
from urllib.parse import urlsplit

from prometheus_client.parser import text_string_to_metric_families

from showdown.types import Amount, Count, Record

SECONDS = 1.0
MOST_BYTES = 1024 * 1024
LAG, TASKS = "event_loop_lag_seconds_bucket", "event_loop_tasks"


@dataclass(frozen=True)
class LoopCounters:
    """What a service says of its event loops, since it started."""

    looks: Mapping[float, int]
    """How often one was late by at most so many seconds."""
    tasks: int
    """Tasks that are not done now."""

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Of Prometheus's text; None where the service has no event loop, or the text is something else."""
        looks: dict[float, int] = {}
        tasks: int | None = None
        try:
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    if sample.name == LAG:
                        looks[float(sample.labels["le"])] = int(sample.value)
                    elif sample.name == TASKS:
                        tasks = int(sample.value)
        except (ValueError, KeyError):
            return None
        return cls(looks, tasks) if looks and tasks is not None else None

    @classmethod
    def ask(cls, service_url: str) -> Self | None:
        """None where the service does not tell in time."""
        where = urlsplit(service_url)
        connection = HTTPConnection(where.hostname or "", where.port, timeout=SECONDS)
        try:
            connection.request("GET", "/metrics")
            answer = connection.getresponse()
            if answer.status != HTTPStatus.OK:
                return None
            return cls.read(answer.read(MOST_BYTES).decode(errors="replace"))
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()


class Late(Record):
    """How often an event loop was late by no more than this, and by more than the one before says."""

    up_to_ms: Amount | None
    """None: there is no limit."""
    looks: Count


class EventLoop(Record):
    """What a service's event loops did from the quiet before a slice to the quiet after it."""

    late: list[Late]
    tasks: Count
    """Tasks that were not done in the quiet after it, when no request was under way."""

    @classmethod
    def between(cls, before: LoopCounters, after: LoopCounters) -> Self:
        """What was added."""
        late, below = [], 0
        for bound in sorted(after.looks):
            up_to = after.looks[bound] - before.looks.get(bound, 0)
            late.append(Late(up_to_ms=None if math.isinf(bound) else bound * 1000, looks=max(up_to - below, 0)))
            below = max(up_to, below)
        return cls(late=late, tasks=after.tasks)


def lag_ms(seen: Iterable[EventLoop], percentile: float) -> float | None:
    """How late the loops were at most in so many percent of the looks.

    Linear within a bucket, and the last limit for what is beyond it, as Prometheus's histogram_quantile has it:
    https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
    """
    looks: dict[float, int] = {}
    for each in seen:
        for late in each.late:
            bound = math.inf if late.up_to_ms is None else late.up_to_ms
            looks[bound] = looks.get(bound, 0) + late.looks
    wanted = sum(looks.values()) * percentile / 100
    so_far, low = 0, 0.0
    for bound in sorted(looks):
        if looks[bound] and so_far + looks[bound] >= wanted:
            return low if math.isinf(bound) else low + (bound - low) * (wanted - so_far) / looks[bound]
        so_far += looks[bound]
        low = bound
    return None

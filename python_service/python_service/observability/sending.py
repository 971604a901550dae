"""Sends what a worker does to a collector: OTLP over HTTP. The standard variables OTEL_* set the rest."""
# ruff: noqa: PLC0415  # spans and metrics need different libraries

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry.sdk.resources import SERVICE_INSTANCE_ID, SERVICE_NAME, Resource

from python_service.observability import EXPORT_SECONDS
from python_service.settings import Settings

if TYPE_CHECKING:
    from python_service.observability.sent_metrics import SentMetrics


@contextmanager
def sending(service: str, settings: Settings) -> Iterator["SentMetrics | None"]:
    """Send until the block is left, which gets the metrics if they are sent. For a worker: a fork has no threads."""
    # Each worker is an instance of its own, whose metrics a collector adds to those of the others.
    resource = Resource.create({SERVICE_NAME: service, SERVICE_INSTANCE_ID: str(uuid.uuid4())})
    metrics = None
    closing: list[Callable[[], None]] = []
    if settings.traces:
        from python_service.observability.traces import Traces

        closing.append(Traces(resource).close)
    if settings.sends_metrics:
        from python_service.observability.sent_metrics import SentMetrics

        metrics = SentMetrics(resource, settings)
        closing.append(metrics.close)
    try:
        yield metrics
    finally:
        _close(closing)


def _close(closing: list[Callable[[], None]]) -> None:
    """Send what there is, and send no more."""
    # By themselves they would wait one after the other, and for each batch as long as for one.
    threads = [threading.Thread(target=close, daemon=True) for close in closing]
    for thread in threads:
        thread.start()
    end = time.monotonic() + EXPORT_SECONDS
    for thread in threads:
        thread.join(max(0, end - time.monotonic()))

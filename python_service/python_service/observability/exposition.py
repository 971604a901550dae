"""What /metrics answers: the metrics of all workers, whichever of them is asked."""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from python_service.observability.metrics import PoolSize
from python_service.observability.processes import Descriptors, OutboundConnections, of_the_service
from python_service.settings import Settings

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Exposition:
    """The metrics as Prometheus reads them."""

    def __init__(self, settings: Settings) -> None:
        self._registry = CollectorRegistry()
        MultiProcessCollector(self._registry)  # type: ignore[no-untyped-call]
        for collector in (
            Descriptors(of_the_service),
            OutboundConnections(of_the_service),
            PoolSize(settings.pool_size),
        ):
            self._registry.register(collector)

    def text(self) -> bytes:
        return generate_latest(self._registry)

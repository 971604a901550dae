"""What the requests of both apps are measured by. Names are the same in all services: contract/service.md."""

from prometheus_client import Counter, Gauge

REQUESTS = Counter("http_requests", "Requests that were answered.", ["status"])
IN_FLIGHT = Gauge("http_requests_in_flight", "Requests that are being answered.", multiprocess_mode="livesum")
POOL_IN_USE = Gauge(
    "database_pool_in_use", "Database connections that requests are using.", multiprocess_mode="livesum"
)
HANDSHAKES = Counter("outbound_handshakes", "Connections to another service whose TLS handshake is done.", ["host"])

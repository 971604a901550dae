"""The settings that say how the upstream is called."""

from enum import StrEnum


class ClientStrategy(StrEnum):
    """How long an HTTP client for the upstream lives."""

    PER_CALL = "per-call"
    PER_CALL_SHARED_TLS = "per-call-shared-tls"
    LEAKY = "leaky"
    SHARED = "shared"


class HttpClient(StrEnum):
    """The HTTP library that calls the upstream. Each has a module of its name in upstream/clients."""

    HTTPX = "httpx"
    HTTPX2 = "httpx2"
    AIOHTTP = "aiohttp"
    NIQUESTS = "niquests"
    PYREQWEST = "pyreqwest"
    REQUESTS = "requests"


# Libraries that make their own TLS contexts, so that none can be shared.
OWN_TLS = {HttpClient.NIQUESTS, HttpClient.PYREQWEST}
# They make their own TLS contexts, in which handshakes cannot be counted, and OpenTelemetry does not know them.
NOT_OBSERVED = OWN_TLS
HTTP_1_ONLY = {HttpClient.AIOHTTP, HttpClient.REQUESTS}
# Those with a client for synchronous code, as used here; requests has no other.
BLOCKING = {HttpClient.HTTPX, HttpClient.REQUESTS}

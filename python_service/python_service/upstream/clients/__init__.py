"""One module for each HTTP library, which configures it as its own documentation teaches: the values of HTTP_CLIENT.

The service imports only the one that its settings name. `open_client` opens a client for an event loop, and
`open_blocking_client`, where there is one, a client for synchronous code.
"""

from importlib import import_module

from python_service.upstream.calls import BlockingUpstream, Upstream
from python_service.upstream.knobs import HttpClient
from python_service.upstream.strategies import Open


def awaitable(name: HttpClient) -> Open[Upstream]:
    """How this library's clients for an event loop are opened."""
    opening: Open[Upstream] = import_module(f"{__name__}.{name}").open_client
    return opening


def blocking(name: HttpClient) -> Open[BlockingUpstream]:
    """How this library's clients for synchronous code are opened."""
    opening: Open[BlockingUpstream] = import_module(f"{__name__}.{name}").open_blocking_client
    return opening

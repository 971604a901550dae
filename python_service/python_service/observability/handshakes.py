"""Counts the TLS handshakes of a context's connections."""

import ssl
from functools import cache
from typing import Any

from python_service.observability.metrics import HANDSHAKES


def counted(context: ssl.SSLContext, host: str) -> ssl.SSLContext:
    """The same context, which from now on counts the handshakes with a host, `name:port`."""
    # Event loops use the one, blocking clients the other.
    bases: tuple[Any, Any] = (context.sslobject_class or ssl.SSLObject, context.sslsocket_class or ssl.SSLSocket)
    context.sslobject_class, context.sslsocket_class = (_counting(base, host) for base in bases)
    return context


@cache
def _counting(base: Any, host: str) -> Any:
    if hasattr(base, "is_counted"):
        # Clients share the context.
        return base
    counter = HANDSHAKES.labels(host)

    class Counting(base):  # type: ignore[misc]
        is_counted = False

        def do_handshake(self, *arguments: Any) -> None:
            # Without a blocking socket this is called again and again, and raises until the handshake is done.
            super().do_handshake(*arguments)
            if not self.is_counted:
                self.is_counted = True
                counter.inc()

    return Counting

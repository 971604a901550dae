"""The service behind this one, as requests see it."""

import atexit
import ssl
from collections.abc import Callable
from functools import cache

from python_service.django_app.observed import with_handshakes_counted
from python_service.django_app.settings import SERVICE
from python_service.errors import ApiError, ErrorKind
from python_service.limits import ANSWER_SECONDS
from python_service.upstream import blocking
from python_service.upstream.answers import nutrition
from python_service.upstream.calls import BlockingUpstream, CallError
from python_service.upstream.clients import blocking as blocking_client
from python_service.upstream.strategies import Clients, Context
from python_service.upstream.target import Target

# The part of the request's time that is for making the answer.
MARGIN_SECONDS = 0.5


def answer(recipe_id: int, name: str, waited: float, gone: Callable[[], bool]) -> bytes:
    """The document as JSON, for a request that has already waited so many seconds. Raises ApiError."""
    if SERVICE.upstream_url is None:
        raise ApiError(ErrorKind.BAD_UPSTREAM)
    seconds = min(SERVICE.upstream_deadline_ms / 1000, ANSWER_SECONDS - MARGIN_SECONDS - waited)
    bodies = blocking.answers(_clients(), recipe_id, seconds, gone)
    try:
        return nutrition(recipe_id, name, bodies)
    except CallError as error:
        raise ApiError(ErrorKind.BAD_UPSTREAM) from error


@cache
def _clients() -> Clients[BlockingUpstream]:
    """The worker's own, made at its first call: a client does not survive the fork of a worker."""
    clients = Clients(SERVICE.client, _open, SERVICE.upstream())
    for client in clients.to_close():
        atexit.register(client.close)
    return clients


def _open(target: Target, context: Context) -> BlockingUpstream:
    def for_calls() -> ssl.SSLContext:
        made = context()
        made.sslsocket_class = blocking.CallSocket
        return with_handshakes_counted(made)

    return blocking_client(SERVICE.http_client)(target, for_calls)

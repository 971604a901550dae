"""httpx2."""

import httpx2

from python_service.upstream.clients.httpx_family import Client
from python_service.upstream.strategies import Context
from python_service.upstream.target import Target


def open_client(target: Target, context: Context) -> Client:
    return Client(httpx2, target, context)

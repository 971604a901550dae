"""httpx."""

import httpx

from python_service.upstream.clients.httpx_family import BlockingClient, Client
from python_service.upstream.strategies import Context
from python_service.upstream.target import Target


def open_client(target: Target, context: Context) -> Client:
    return Client(httpx, target, context)


def open_blocking_client(target: Target, context: Context) -> BlockingClient:
    return BlockingClient(httpx, target, context)

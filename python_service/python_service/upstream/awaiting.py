"""The calls for one recipe, side by side in an event loop."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import TypeAlias

from python_service.errors import ApiError, ErrorKind
from python_service.upstream.calls import RESOURCES, CallError, Resource, Upstream
from python_service.upstream.strategies import Clients

Gone: TypeAlias = Callable[[], Awaitable[object]]
"""Returns when the client has gone."""

_RANDOM = Random()  # noqa: S311  # for pauses


class ClientGoneError(Exception):
    """Whoever asked has hung up."""


async def answers(clients: Clients[Upstream], recipe_id: int, seconds: float, gone: Gone) -> list[bytes]:
    """The bodies of RESOURCES, in their order.

    All calls together may take so many seconds. If one fails for good, or `gone` returns first, the others are
    cancelled. Raises ApiError.
    """
    try:
        async with asyncio.timeout(seconds), asyncio.TaskGroup() as group:
            leaving = group.create_task(_leave(gone))
            calls = [group.create_task(_call(clients, resource, recipe_id)) for resource in RESOURCES]
            bodies = [await call for call in calls]
            leaving.cancel()
    except TimeoutError as error:
        raise ApiError(ErrorKind.UPSTREAM_TIMEOUT) from error
    except ExceptionGroup as group_error:
        errors = group_error.exceptions
        if any(isinstance(error, ClientGoneError) for error in errors):
            # Nobody reads the answer, and nothing was wrong.
            raise ApiError(ErrorKind.BAD_UPSTREAM) from None
        raise _as_api_error(errors) from errors[0]
    return bodies


async def _call(clients: Clients[Upstream], resource: Resource, recipe_id: int) -> bytes:
    repeats = 0
    while True:
        try:
            return await _once(clients, resource.path(recipe_id))
        except CallError as error:
            pause = resource.pause(error, repeats, _RANDOM)
            if pause is None:
                raise
        await asyncio.sleep(pause)
        repeats += 1


async def _once(clients: Clients[Upstream], path: str) -> bytes:
    client = clients.take()
    try:
        return await client.get(path)
    finally:
        if clients.is_for_one_call():
            await client.close()


async def _leave(gone: Gone) -> None:
    await gone()
    raise ClientGoneError


def _as_api_error(errors: tuple[Exception, ...]) -> ApiError:
    for error in errors:
        if not isinstance(error, TimeoutError | CallError):
            raise error
    late = any(isinstance(error, TimeoutError) for error in errors)
    return ApiError(ErrorKind.UPSTREAM_TIMEOUT if late else ErrorKind.BAD_UPSTREAM)

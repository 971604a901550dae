"""What httpx and its successor httpx2 have in common: all that is used here."""

from typing import Any

from python_service.upstream.calls import read, read_blocking
from python_service.upstream.failures import causes, failed
from python_service.upstream.strategies import Context
from python_service.upstream.target import Target


class Client:
    """A client of such a library, for an event loop."""

    def __init__(self, library: Any, target: Target, context: Context) -> None:
        self._library = library
        self._client = library.AsyncClient(**_options(target, context))

    async def get(self, path: str) -> bytes:
        answered = False
        try:
            async with self._client.stream("GET", path) as response:
                answered = True
                return await read(response.status_code, response.aiter_bytes())
        except self._library.TimeoutException as error:
            raise TimeoutError(str(error)) from error
        except self._library.HTTPError as error:
            raise failed(error, lost=not answered and _is_lost(self._library, error)) from error

    async def close(self) -> None:
        await self._client.aclose()


class BlockingClient:
    """A client for synchronous code."""

    def __init__(self, library: Any, target: Target, context: Context) -> None:
        self._library = library
        self._client = library.Client(**_options(target, context))

    def get(self, path: str, seconds: float) -> bytes:
        answered = False
        try:
            with self._client.stream("GET", path, timeout=seconds) as response:
                answered = True
                return read_blocking(response.status_code, response.iter_bytes())
        except self._library.TimeoutException as error:
            raise TimeoutError(str(error)) from error
        except self._library.HTTPError as error:
            raise failed(error, lost=not answered and _is_lost(self._library, error)) from error

    def close(self) -> None:
        self._client.close()


def _options(target: Target, context: Context) -> dict[str, Any]:
    return {"base_url": target.url, "verify": context(), "http2": target.http2, "timeout": target.seconds}


def _is_lost(library: Any, error: Exception) -> bool:
    """Whether the connection was refused or lost."""
    if isinstance(error, library.RemoteProtocolError):
        # It also says that the server has closed the connection. Only where there was something to read, and that was
        # not HTTP, a parser's exception has led to it.
        return len(list(causes(error))) == len([error, error.__cause__])
    return isinstance(error, library.NetworkError)

"""aiohttp, which speaks HTTP/1.1 only."""

import aiohttp

from python_service.upstream.calls import read
from python_service.upstream.failures import failed
from python_service.upstream.strategies import Context
from python_service.upstream.target import Target


class Client:
    """One session, with a connector of its own."""

    def __init__(self, target: Target, context: Context) -> None:
        self._session = aiohttp.ClientSession(
            target.url,
            connector=aiohttp.TCPConnector(ssl=context()),
            timeout=aiohttp.ClientTimeout(total=target.seconds),
        )
        # Otherwise a GET whose kept connection breaks is sent again: an analysis would be paid for twice.
        self._session._retry_connection = False  # noqa: SLF001  # aiohttp has no public way

    async def get(self, path: str) -> bytes:
        answered = False
        try:
            async with self._session.get(path, allow_redirects=False) as response:
                answered = True
                return await read(response.status, response.content.iter_any())
        except TimeoutError:
            raise
        except aiohttp.ClientError as error:
            lost = isinstance(error, aiohttp.ClientOSError | aiohttp.ServerDisconnectedError)
            raise failed(error, lost=lost and not answered) from error

    async def close(self) -> None:
        await self._session.close()


def open_client(target: Target, context: Context) -> Client:
    return Client(target, context)

"""niquests, which makes its own TLS contexts."""

from pathlib import Path

import niquests
import wassima

from python_service.upstream.calls import read
from python_service.upstream.failures import failed
from python_service.upstream.strategies import Context
from python_service.upstream.target import Target


class Client:
    """One session."""

    def __init__(self, target: Target) -> None:
        self._session = niquests.AsyncSession(
            base_url=target.url,
            timeout=target.seconds,
            disable_http2=not target.http2,
            # HTTP/3 is no choice here: the upstream speaks it nowhere.
            disable_http3=True,
        )

    async def get(self, path: str) -> bytes:
        try:
            response = await self._session.get(path, stream=True, allow_redirects=False)
            try:
                return await read(response.status_code or 0, await response.iter_content(-1))
            finally:
                await response.close()
        except niquests.Timeout as error:
            raise TimeoutError(str(error)) from error
        except niquests.RequestException as error:
            lost = isinstance(error, niquests.ConnectionError) and not isinstance(error, niquests.exceptions.SSLError)
            raise failed(error, lost=lost) from error

    async def close(self) -> None:
        await self._session.close()


def open_client(target: Target, _context: Context) -> Client:
    if target.ca_file is not None:
        # Beside the CAs that the system trusts. It counts for all sessions of the process, and only once.
        wassima.register_ca(Path(target.ca_file).read_text(encoding="ascii"))
    return Client(target)

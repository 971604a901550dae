"""niquests, which makes its own TLS contexts."""

import ssl
from functools import cache

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
        answered = False
        try:
            response = await self._session.get(path, stream=True, allow_redirects=False)
            answered = True
            try:
                return await read(response.status_code or 0, await response.iter_content(-1))
            finally:
                await response.close()
        except niquests.Timeout as error:
            raise TimeoutError(str(error)) from error
        except niquests.RequestException as error:
            raise failed(error, lost=isinstance(error, niquests.ConnectionError) and not answered) from error

    async def close(self) -> None:
        await self._session.close()


def open_client(target: Target, _context: Context) -> Client:
    if target.ca_file is not None:
        _trust(target.ca_file)
    return Client(target)


@cache
def _trust(ca_file: str) -> None:
    """Trust a CA beside those of the system, in all sessions of the process."""
    certificates = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    certificates.load_verify_locations(ca_file)
    for certificate in certificates.get_ca_certs(binary_form=True):
        wassima.register_ca(certificate)

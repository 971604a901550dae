"""pyreqwest: Rust's reqwest, which makes its own TLS configurations."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

from pyreqwest.client import ClientBuilder
from pyreqwest.exceptions import NetworkError, PyreqwestError, RequestTimeoutError
from pyreqwest.response import Response

from python_service.upstream.calls import read
from python_service.upstream.failures import failed
from python_service.upstream.strategies import Context
from python_service.upstream.target import Target

_FAULTS_OF_TLS = ("invalid peer certificate", "received corrupt message")


class Client:
    """One client."""

    def __init__(self, target: Target) -> None:
        builder = (
            ClientBuilder()
            .base_url(target.url)
            .timeout(timedelta(seconds=target.seconds))
            .http2(target.http2)
            .follow_redirects(enable=False)
        )
        if target.ca_file is not None:
            builder = builder.add_root_certificate_pem(Path(target.ca_file).read_bytes())
        self._client = builder.build()

    async def get(self, path: str) -> bytes:
        answered = False
        try:
            async with self._client.get(path).build_streamed() as response:
                answered = True
                return await read(response.status, _pieces(response))
        except RequestTimeoutError as error:
            raise TimeoutError(str(error)) from error
        except PyreqwestError as error:
            lost = isinstance(error, NetworkError) and not _is_about_tls(error)
            raise failed(error, lost=lost and not answered) from error

    async def close(self) -> None:
        await self._client.close()


async def _pieces(response: Response) -> AsyncIterator[bytes]:
    while (piece := await response.body_reader.read_chunk()) is not None:
        yield bytes(piece)


def _is_about_tls(error: NetworkError) -> bool:
    """Whether rustls refuses the certificate, or what is no TLS. pyreqwest has only its texts."""
    return any(text in cause["message"] for cause in error.details["causes"] or () for text in _FAULTS_OF_TLS)


def open_client(target: Target, _context: Context) -> Client:
    return Client(target)

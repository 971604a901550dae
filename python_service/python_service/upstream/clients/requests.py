"""requests, which is synchronous and speaks HTTP/1.1 only."""

from typing import Any

import requests
from requests.adapters import HTTPAdapter

from python_service.upstream.calls import read_blocking
from python_service.upstream.failures import causes, failed
from python_service.upstream.strategies import Context
from python_service.upstream.target import Target

# Without a size requests would read the whole body, however long.
_PIECE_BYTES = 8192


class _Adapter(HTTPAdapter):
    """An adapter with a TLS context, as the documentation of requests shows it for TLS versions."""

    def __init__(self, context: Context) -> None:
        self._context = context()
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
        super().init_poolmanager(*arguments, **more, ssl_context=self._context)

    def cert_verify(self, *_arguments: Any) -> None:
        """Do nothing: requests would load CAs of its own into the context, which has all that count."""


class BlockingClient:
    """One session."""

    def __init__(self, target: Target, context: Context) -> None:
        self._url = target.url
        self._session = requests.Session()
        self._session.mount("https://", _Adapter(context))

    def get(self, path: str, seconds: float) -> bytes:
        url = self._url + path
        answered = False
        try:
            with self._session.get(url, stream=True, allow_redirects=False, timeout=seconds) as response:
                answered = True
                return read_blocking(response.status_code, response.iter_content(_PIECE_BYTES))
        except requests.Timeout as error:
            raise TimeoutError(str(error)) from error
        except requests.RequestException as error:
            # requests.ConnectionError also says that what came was not HTTP.
            lost = any(
                isinstance(each, OSError) and not isinstance(each, requests.RequestException) for each in causes(error)
            )
            raise failed(error, lost=lost and not answered) from error

    def close(self) -> None:
        self._session.close()


def open_blocking_client(target: Target, context: Context) -> BlockingClient:
    return BlockingClient(target, context)

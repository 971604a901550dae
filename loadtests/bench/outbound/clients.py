"""A client of each library, as its documentation teaches, in HTTP/1.1. Only the library asked for is imported."""

import ssl
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from outbound.benchmarks import Trust

Answer: TypeAlias = tuple[int, bytes]
"""Status and body."""
CLOSE = {"Connection": "close"}


class Client(Protocol):
    """A client. Methods of a synchronous one only look asynchronous."""

    async def get(self, url: str, headers: dict[str, str]) -> Answer: ...

    async def close(self) -> None: ...


Open: TypeAlias = Callable[[], Client]
"""Constructs a client."""


def opening(module: str, trusted: Trust, ca_file: Path) -> Open:
    """How a client that trusts so is constructed. What is shared is made here."""
    clients: dict[str, Callable[..., Client]] = {
        "httpx": partial(Httpx, import_module(module)),
        "httpx2": partial(Httpx, import_module(module)),
        "aiohttp": partial(Aiohttp, import_module(module)),
        "requests": partial(Requests, import_module(module)),
        "niquests": partial(Niquests, import_module(module)),
        "pyreqwest": Pyreqwest,
    }
    client = clients[module]
    if trusted is Trust.DEFAULT:
        return partial(client, None)
    if trusted is Trust.SHARED:
        return partial(client, ssl.create_default_context())
    if module in {"niquests", "pyreqwest"} or (module, trusted) == ("requests", Trust.CA_FILE):
        return partial(client, str(ca_file) if trusted is Trust.CA_FILE else False)
    contexts: dict[Trust, Callable[[], ssl.SSLContext]] = {
        Trust.UNVERIFIED: unverified,
        Trust.CA_FILE: partial(ssl.create_default_context, cafile=ca_file),
        Trust.CERTIFI: of_certifi,
    }
    context = contexts[trusted]
    return lambda: client(context())


def unverified() -> ssl.SSLContext:
    """A context without any CA."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def of_certifi() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=import_module("certifi").where())


class Httpx:
    """httpx and httpx2."""

    def __init__(self, library: Any, verify: ssl.SSLContext | None) -> None:
        self._client = library.AsyncClient() if verify is None else library.AsyncClient(verify=verify)

    async def get(self, url: str, headers: dict[str, str]) -> Answer:
        response = await self._client.get(url, headers=headers)
        return response.status_code, response.content

    async def close(self) -> None:
        await self._client.aclose()


class Aiohttp:
    def __init__(self, library: Any, context: ssl.SSLContext | None) -> None:
        connector = None if context is None else library.TCPConnector(ssl=context)
        self._session = library.ClientSession(connector=connector)

    async def get(self, url: str, headers: dict[str, str]) -> Answer:
        async with self._session.get(url, headers=headers) as response:
            return response.status, await response.read()

    async def close(self) -> None:
        await self._session.close()


class Requests:
    def __init__(self, library: Any, verify: ssl.SSLContext | str | None) -> None:
        self._session = library.Session()
        if isinstance(verify, ssl.SSLContext):
            # Also where nothing is verified: for verify=False urllib3 would load what Python trusts.
            self._session.mount("https://", _adapter(library, verify))
            self._session.verify = verify.verify_mode is not ssl.CERT_NONE
        elif verify is not None:
            self._session.verify = verify

    async def get(self, url: str, headers: dict[str, str]) -> Answer:
        response = self._session.get(url, headers=headers)
        return response.status_code, response.content

    async def close(self) -> None:
        self._session.close()


def _adapter(library: Any, context: ssl.SSLContext) -> Any:
    """With a context for all connections, into which requests would load its own CAs once more."""

    class Adapter(library.adapters.HTTPAdapter):  # type: ignore[misc]  # of a library that is given
        def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
            super().init_poolmanager(*arguments, **more, ssl_context=context)

        def cert_verify(self, *_arguments: Any) -> None: ...

    return Adapter()


class Niquests:
    def __init__(self, library: Any, verify: str | bool | None) -> None:
        self._session = library.AsyncSession(disable_http2=True, disable_http3=True)
        if verify is not None:
            self._session.verify = verify

    async def get(self, url: str, headers: dict[str, str]) -> Answer:
        response = await self._session.get(url, headers=headers)
        return response.status_code, response.content

    async def close(self) -> None:
        await self._session.close()


class Pyreqwest:
    def __init__(self, verify: bool | None) -> None:
        builder = import_module("pyreqwest.client").ClientBuilder().http2(False)
        self._client = builder.build() if verify is None else builder.danger_accept_invalid_certs(True).build()

    async def get(self, url: str, headers: dict[str, str]) -> Answer:
        response = await self._client.get(url).headers(headers).build().send()
        return response.status, bytes(await response.bytes())

    async def close(self) -> None:
        await self._client.close()

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CASES = {
    "a client for each request gets a context that is built once": (
        """\
import httpx
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
async def index() -> str:
    async with httpx.AsyncClient(timeout=5) as client:
        return (await client.get("https://api.example.org")).text
""",
        '''\
import httpx
from fastapi import FastAPI
import functools
import ssl


@functools.cache
def _httpx_tls_context() -> ssl.SSLContext:
    """Build the TLS context once, because it loads the CA bundle."""
    return httpx.create_ssl_context()


app = FastAPI()


@app.get("/")
async def index() -> str:
    async with httpx.AsyncClient(timeout=5, verify=_httpx_tls_context()) as client:
        return (await client.get("https://api.example.org")).text
''',
    ),
    "two contexts of a module become one": (
        """\
import ssl
import aiohttp
from aiohttp import web


async def one(request: web.Request) -> web.Response:
    context = ssl.create_default_context()
    return await request.app["session"].get("https://one.example.org", ssl=context)


async def two(request: web.Request) -> web.Response:
    return await request.app["session"].get("https://two.example.org", ssl=ssl.create_default_context())
""",
        '''\
import ssl
import aiohttp
from aiohttp import web
import functools


@functools.cache
def _ssl_tls_context() -> ssl.SSLContext:
    """Build the TLS context once, because it loads the CA bundle."""
    return ssl.create_default_context()


async def one(request: web.Request) -> web.Response:
    context = _ssl_tls_context()
    return await request.app["session"].get("https://one.example.org", ssl=context)


async def two(request: web.Request) -> web.Response:
    return await request.app["session"].get("https://two.example.org", ssl=_ssl_tls_context())
''',
    ),
    "a session that stays open goes into a with statement, up to its last use": (
        '''\
import requests


def recipe(number: int) -> dict:
    session = requests.Session()  # one for both
    session.headers["Accept"] = "application/json"

    # The text keeps its lines.
    body = session.post("https://api.example.org", data="""
    {}
""").json()
    if body:
        body["team"] = session.get("https://api.example.org/team").json()
    body["number"] = number
    return body
''',
        '''\
import requests


def recipe(number: int) -> dict:
    with requests.Session() as session:  # one for both
        session.headers["Accept"] = "application/json"

        # The text keeps its lines.
        body = session.post("https://api.example.org", data="""
    {}
""").json()
        if body:
            body["team"] = session.get("https://api.example.org/team").json()
    body["number"] = number
    return body
''',
    ),
    "an async client goes into an async with statement": (
        """\
import httpx


class Api:
    async def two(self, context) -> list[str]:
        client = httpx.AsyncClient(verify=context)  # noqa: CL001
        one = await client.get("https://one.example.org")
        other = await client.get("https://other.example.org")
        return [one.text, other.text]
""",
        """\
import httpx


class Api:
    async def two(self, context) -> list[str]:
        async with httpx.AsyncClient(verify=context) as client:  # noqa: CL001
            one = await client.get("https://one.example.org")
            other = await client.get("https://other.example.org")
        return [one.text, other.text]
""",
    ),
    "a one-off request waits in a thread": (
        """\
import asyncio

import requests


async def page(url: str) -> str:
    await asyncio.sleep(1)
    answer = requests.get(url, timeout=5)
    return answer.text + requests.get(url).text
""",
        """\
import asyncio

import requests


async def page(url: str) -> str:
    await asyncio.sleep(1)
    answer = await asyncio.to_thread(requests.get, url, timeout=5)
    return answer.text + (await asyncio.to_thread(requests.get, url)).text
""",
    ),
}

UNSAFE = {
    "the answer is read after the block": """\
import aiohttp

async def page(url: str) -> aiohttp.ClientResponse:
    session = aiohttp.ClientSession()  # noqa: CL001
    return await session.get(url)
""",
    "the answer is a stream": """\
import requests

def page(url: str) -> requests.Response:
    session = requests.Session()
    return session.get(url, stream=True)
""",
    "nobody waits for the request in the block": """\
import httpx

def page(url: str, context):
    client = httpx.AsyncClient(verify=context)
    return client.get(url)
""",
    "a helper function may go on with the client": """\
import httpx

async def ask(client, url):
    return await client.get(url)

def page(url: str):
    client = httpx.AsyncClient()
    return ask(client, url)
""",
    "a generator stands still in the block": """\
import requests

def pages(urls):
    session = requests.Session()
    for url in urls:
        yield session.get(url).text
""",
    "the client has its name in a branch only": """\
import requests

def page(url: str, again: bool) -> str:
    if again:
        session = requests.Session()
    return session.get(url).text
""",
    "the name gets another client": """\
import requests

def page(url: str) -> str:
    session = requests.Session()
    session.get(url)
    session = requests.Session()
    return session.get(url).text
""",
    "a context has settings of its own": """\
import httpx
from fastapi import FastAPI

app = FastAPI()

@app.get("/")
async def index() -> str:
    async with httpx.AsyncClient(cert="a.pem") as client:  # noqa: CL001
        return (await client.get("https://api.example.org")).text
""",
    "a context is changed": """\
import ssl
from aiohttp import web

async def index(request: web.Request):
    context = ssl.create_default_context()
    context.check_hostname = False
    return await request.app["session"].get("https://one.example.org", ssl=context)
""",
    "nothing says that asyncio runs this": """\
import requests

async def page(url: str) -> str:
    return requests.get(url).text
""",
    "a generator expression cannot wait": """\
import asyncio
import requests

async def pages(urls):
    return (requests.get(url).text for url in urls)  # noqa: CL001
""",
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_fixes(clientlint: Callable[..., Any], folder: Path, before: str, after: str) -> None:
    path = folder / "a.py"
    path.write_text(before)

    ran = clientlint("check", "--fix")

    assert path.read_text() == after
    assert " fixed; " in ran.out
    assert " fixed" not in clientlint("check", "--fix").out
    assert path.read_text() == after


@pytest.mark.parametrize("text", UNSAFE.values(), ids=UNSAFE)
def test_leaves_alone_what_it_might_break(clientlint: Callable[..., Any], folder: Path, text: str) -> None:
    path = folder / "a.py"
    path.write_text(text)

    ran = clientlint("check", "--fix")

    assert path.read_text() == text
    assert ran.code == 1


def test_without_fix_nothing_is_written(clientlint: Callable[..., Any], bad_file: Path) -> None:
    before = bad_file.read_bytes()

    clientlint("check")

    assert bad_file.read_bytes() == before


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_encoding_line_ends_permissions_and_links_stay(clientlint: Callable[..., Any], folder: Path, end: str) -> None:
    text = "# coding: latin-1\nimport asyncio, requests\nasync def a():\n    return requests.get('é')\n"
    real = folder / "real.txt"
    real.write_bytes(text.replace("\n", end).encode("latin-1"))
    real.chmod(0o640)
    link = folder / "a.py"
    link.symlink_to(real)

    assert clientlint("check", "--fix").code == 0

    fixed = text.replace("requests.get('é')", "await asyncio.to_thread(requests.get, 'é')")
    assert real.read_bytes().decode("latin-1") == fixed.replace("\n", end)
    assert (real.stat().st_mode & 0o777, link.is_symlink()) == (0o640, True)


def test_a_file_with_line_ends_of_two_kinds_is_left_alone(clientlint: Callable[..., Any], folder: Path) -> None:
    data = b"import asyncio, requests\r\nasync def a():\n    return requests.get('x')\n"
    path = folder / "a.py"
    path.write_bytes(data)

    assert clientlint("check", "--fix").code == 1
    assert path.read_bytes() == data


def test_a_file_that_cannot_be_changed_is_told(
    clientlint: Callable[..., Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = folder / "a.py"
    path.write_text(CASES["a one-off request waits in a thread"][0])
    monkeypatch.setattr("tempfile.mkstemp", refuse)

    ran = clientlint("check", "--fix")

    assert ran.code == 2
    assert "a.py: not checked: cannot be changed: Permission denied" in ran.out

import importlib

import pytest
from clientlint.clients import known_clients
from clientlint.frameworks import known_frameworks

INSTALLED = ["httpx", "requests", "asyncpg", "ssl", "urllib3"]


def resolve(name: str) -> object:
    """The object of a qualified name."""
    module, *rest = name.split(".")
    value: object = importlib.import_module(module)
    for part in rest:
        value = getattr(value, part, None) or importlib.import_module(f"{module}.{part}")
        module = f"{module}.{part}"
    return value


@pytest.mark.parametrize("library", INSTALLED)
def test_the_names_of_a_library_exist(library: str) -> None:
    names = [*known_clients().kinds, *known_clients().tls_contexts]
    for name in (name for name in names if name.startswith(f"{library}.")):
        assert callable(resolve(name)), name


def test_the_closing_methods_of_httpx_exist() -> None:
    for name in ("httpx.Client", "httpx.AsyncClient"):
        for method in known_clients().kinds[name].close:
            assert hasattr(resolve(name), method)


def test_a_message_names_a_class_as_its_library_documents_it() -> None:
    kinds = known_clients().kinds
    assert kinds["httpx._client.AsyncClient"].name == "httpx.AsyncClient"
    assert kinds["redis.asyncio.client.Redis"].name == "redis.asyncio.Redis"
    assert kinds["requests.api.get"].name == "requests.get"


@pytest.mark.parametrize(
    ("name", "once"),
    [
        ("main", True),
        ("_connect", True),
        ("async_setup_entry", True),
        ("on_startup", True),
        ("fetch", False),
        ("runway", False),
    ],
)
def test_names_of_functions_that_run_once(name: str, *, once: bool) -> None:
    assert known_frameworks().is_once(name) is once

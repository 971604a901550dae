"""Servers that do not read the service's settings get them as arguments."""

import pytest
from python_service.settings import load
from python_service.starlette_app.serve import APP, SERVERS

VARIABLES = {
    "HOST": "127.0.0.2",
    "PORT": "8001",
    "WORKERS": "3",
    "POOL_SIZE": "3",
    "DATABASE_URL": "postgresql://ada@db.test/showdown",
}


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_is_told_where_to_listen_and_with_how_many_workers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in VARIABLES.items():
        monkeypatch.setenv(variable, value)
    command = SERVERS[name](load())
    words = " ".join(command)
    assert command[0] == name
    assert "127.0.0.2" in words
    assert "8001" in words
    assert "--workers 3" in words
    assert command[-1] == APP

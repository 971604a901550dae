"""Postgres on a host of the inventory: its settings, who may connect, its database and the services' user."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr
from showdown.stacks.cloud import ssh
from showdown.stacks.cloud.outputs import Database, DatabaseUser, DatabaseUsers, Outputs
from showdown.stacks.cloud.self_hosted import make_database, started
from showdown.stacks.cloud.ssh import RemoteHost
from showdown_contract.errors import ShowdownError
from showdown_stack.dsn import Dsn
from showdown_stack.ports import LOOPBACK, free_port
from showdown_stack.tiers import Tiers

NEW_USER = "api_of_a_host"


@pytest.fixture
def outputs(applied: dict[str, Any], stack: Tiers) -> Outputs:
    """Of a stack whose Postgres is the shared one, as far as its owner is concerned."""
    owner = Dsn.parse(stack.postgres.owner_dsn)
    told = Outputs.model_validate(applied)
    database = Database(
        host=owner.host, public_host=owner.host, port=owner.port, pool_port=owner.port, name=owner.database,
        pool_name=owner.database, pool_mode=None, pool_size=80, size="own", usd_per_month=None, sslmode="disable",
    )  # fmt: skip
    users = DatabaseUsers(
        owner=DatabaseUser(name=owner.user, password=SecretStr(owner.password)),
        api=DatabaseUser(name=NEW_USER, password=SecretStr("it's s3cret")),
    )
    described = told.stack.model_copy(update={"database": database})
    return told.model_copy(update={"kind": "hosts", "stack": described, "database_users": users})


def test_its_host_is_told_settings_and_who_may_connect(
    host: Callable[..., RemoteHost], outputs: Outputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh, "AGENT", "agent")
    answer = json.dumps({"showdown": "owner's", "api": "services'"})
    postgres = host("postgres", agent=f"cat > {tmp_path}/told; cat <<'END'\n{answer}\nEND")
    told = started(postgres, outputs).database_users
    assert told.owner.password.get_secret_value() == "owner's"
    assert (told.api.name, told.api.password.get_secret_value()) == ("api", "services'")
    files = json.loads((tmp_path / "told").read_text())["files"]
    assert f"listen_addresses = '{postgres.about.private_address}'\n" in files["postgresql.conf"]
    assert "max_connections = 120\n" in files["postgresql.conf"]
    assert files["pg_hba.conf"].splitlines() == [
        f"host all all 10.10.0.{number}/32 scram-sha-256" for number in (3, 4, 5, 6)
    ]


def test_a_host_that_tells_no_passwords_is_named(
    host: Callable[..., RemoteHost], outputs: Outputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh, "AGENT", "agent")
    with pytest.raises(ShowdownError, match=r"^postgres does not tell the passwords of its Postgres$"):
        started(host("postgres", agent="cat > /dev/null; echo null"), outputs)


@pytest.fixture
def without_the_user(stack: Tiers) -> Iterator[None]:
    yield
    with psycopg.connect(stack.postgres.owner_dsn) as connection:
        connection.execute(f"DROP USER IF EXISTS {NEW_USER}")


@pytest.mark.usefixtures("without_the_user")
def test_the_services_user_is_made_once_and_has_the_hosts_password(outputs: Outputs) -> None:
    database = outputs.stack.database
    for _ in range(2):
        make_database(outputs, LOOPBACK, database.port)
    with psycopg.connect(outputs.api_dsn("")) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (NEW_USER,)


def test_one_that_is_not_reached_is_an_error(outputs: Outputs) -> None:
    with pytest.raises(ShowdownError, match=r"^Postgres on its host cannot be set up: ") as raised:
        make_database(outputs, LOOPBACK, free_port())
    assert "s3cret" not in str(raised.value)

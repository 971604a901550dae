"""The outputs name hosts and a database, and do not show their secrets."""

from collections.abc import Callable
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict
from showdown.stacks.cloud.outputs import ROLES, Outputs, read_outputs
from showdown_contract.errors import ShowdownError

Apply = Callable[[dict[str, Any]], None]


@pytest.fixture
def outputs(applied: dict[str, Any]) -> Outputs:
    return Outputs.model_validate(applied)


def test_what_was_applied_is_read(apply: Apply, applied: dict[str, Any], outputs: Outputs) -> None:
    apply(applied)
    assert read_outputs() == outputs


def test_a_tiers_hosts_are_found_in_their_order(outputs: Outputs) -> None:
    names = {tier: [host.name for host in outputs.stack.of(tier)] for tier in ("haproxy", "service", "generator")}
    assert names == {
        "haproxy": ["haproxy"],
        "service": ["service1", "service2"],
        "generator": ["generator1", "generator2"],
    }


def test_services_connect_to_the_pool_and_verify_it(outputs: Outputs) -> None:
    assert conninfo_to_dict(outputs.api_dsn("/run/ca.crt")) == {
        "user": "api",
        "password": "api/s3cret",
        "host": "private-database.example",
        "port": "25061",
        "dbname": "showdown-pool",
        "sslmode": "verify-full",
        "sslrootcert": "/run/ca.crt",
    }


def test_the_owner_connects_to_postgres_itself_by_way_of_another_address(outputs: Outputs) -> None:
    assert conninfo_to_dict(outputs.dsn_by_way_of("owner", "/tmp/ca.crt", "127.0.0.1", 4711)) == {  # noqa: S108 - only named
        "user": "showdown",
        "password": "owner's s3cret",
        # Which its certificate is for.
        "host": "private-database.example",
        "hostaddr": "127.0.0.1",
        "port": "4711",
        "dbname": "showdown",
        "sslmode": "verify-full",
        "sslrootcert": "/tmp/ca.crt",  # noqa: S108
    }


def test_another_name_is_that_of_both_ports(outputs: Outputs) -> None:
    named = outputs.with_database_host("database.example")
    by_way_of = [named.dsn_by_way_of(role, "/run/ca.crt", "127.0.0.1", 4711) for role in ROLES]
    parts = [conninfo_to_dict(dsn) for dsn in by_way_of]
    assert [(part["host"], part["hostaddr"], part["port"]) for part in parts] == [
        ("database.example", "127.0.0.1", "4711"),
        ("database.example", "127.0.0.1", "4711"),
    ]
    assert [(part["user"], part["dbname"]) for part in parts] == [("showdown", "showdown"), ("api", "showdown-pool")]
    assert outputs.stack.database.host == "private-database.example"


@pytest.mark.parametrize("show", [repr, str, lambda outputs: outputs.model_dump_json(), lambda outputs: f"{outputs}"])
def test_no_secret_is_shown(outputs: Outputs, show: Callable[[Outputs], str]) -> None:
    shown = show(outputs)
    assert "showdown-pool" in shown
    assert "s3cret" not in shown


def test_a_refusal_shows_no_secret_either(apply: Apply, applied: dict[str, Any]) -> None:
    applied["database_users"] = {"owner": {"name": "showdown", "password": ["s3cret"]}}
    apply(applied)
    with pytest.raises(
        ShowdownError, match=r"database_users\.owner\.password: Input should be a valid string"
    ) as error:
        read_outputs()
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda stack: stack["hosts"][0].update(tier="cache"), r"stack\.hosts\.0\.tier: "),
        (lambda stack: stack["hosts"][3].pop("private_address"), r"stack\.hosts\.3\.private_address: "),
        (lambda stack: stack["database"].update(pool_mode="statement"), r"stack\.database\.pool_mode: "),
        # Of another version.
        (lambda stack: stack.update(revision="0" * 40), r"stack\.revision: Extra inputs are not permitted"),
    ],
)
def test_what_it_cannot_drive_is_refused(
    apply: Apply, applied: dict[str, Any], change: Callable[[dict[str, Any]], object], place: str
) -> None:
    change(applied["stack"])
    apply(applied)
    with pytest.raises(ShowdownError, match=place):
        read_outputs()

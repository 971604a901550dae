"""A cluster is made once for a contract, and the API's user has only the rights that the API needs."""

import json
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from showdown.contract.contract import load_contract
from showdown_contract.data_set import RecipesData
from showdown_contract.errors import ShowdownError
from showdown_stack import config, postgres
from showdown_stack.dsn import Dsn
from showdown_stack.postgres import Postgres, running_postgres
from showdown_stack.tiers import Tiers

ADD_NOTE = "INSERT INTO notes (recipe_id, text, created_by_id) VALUES (1001, 'new', 1001) RETURNING id"


@contextmanager
def started(state: Path, size: int) -> Iterator[tuple[Postgres, list[int]]]:
    """Run a server, and yield it and the progress of its data set."""
    told: list[int] = []
    with running_postgres(state, state, load_contract(), size, 60, told.append) as server:
        yield server, told


def clusters(state: Path) -> list[str]:
    return sorted(path.name for path in state.glob("postgres-*"))


def ask(dsn: str, question: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return row[0]


def test_a_cluster_is_made_once_and_then_used_again(empty_state: Path, mentioning: Callable[[Path], list[str]]) -> None:
    with started(empty_state, 5) as (first, told):
        assert told == [5]
        assert ask(first.api_dsn, "SELECT recipes FROM seed") == 5
        assert first.process is not None
        assert mentioning(empty_state)
        new_id = ask(first.api_dsn, ADD_NOTE)
    assert mentioning(empty_state) == []
    made = clusters(empty_state)
    assert len(made) == 1

    with started(empty_state, 5) as (second, told):
        assert told == []
        # What a killed run has left behind is gone.
        assert ask(second.api_dsn, ADD_NOTE) == new_id
    assert clusters(empty_state) == made


def test_another_contract_replaces_the_cluster_and_another_size_does_not(
    empty_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a killed start has left behind must not be in the way either.
    with started(empty_state, 5):
        (stale,) = clusters(empty_state)
    monkeypatch.setattr(postgres, "_fingerprint", lambda _: "another")
    (empty_state / f"{stale}.unfinished").mkdir()
    with started(empty_state, 5) as (_, told):
        assert told == [5]
        (five,) = clusters(empty_state)
        assert five != stale
    with started(empty_state, 6) as (_, told):
        assert told == [6]
        assert len(clusters(empty_state)) == 2
        assert five in clusters(empty_state)


@pytest.mark.parametrize("changed", ["schema.sql", "golden/bodies/recipe-usual.body", "showdown_contract/people.py"])
def test_the_fingerprint_changes_with_what_a_cluster_is_made_from(tmp_path: Path, changed: str) -> None:
    contract = tmp_path / "contract"
    for source in ("schema.sql", "golden/bodies/recipe-usual.body", "showdown_contract/people.py"):
        (contract / source).parent.mkdir(parents=True, exist_ok=True)
        (contract / source).write_text("as it was")
    data = RecipesData(contract)
    before = postgres._fingerprint(data)
    assert postgres._fingerprint(data) == before
    (contract / changed).write_text("otherwise")
    assert postgres._fingerprint(data) != before


def test_passwords_are_only_ours_to_read(stack: Tiers, seeded_state: Path) -> None:
    (cluster,) = seeded_state.glob("postgres-*")
    passwords = cluster / "passwords.json"
    assert stat.S_IMODE(passwords.stat().st_mode) == 0o600
    assert set(json.loads(passwords.read_text())) == {"showdown", "api"}
    assert not (cluster / "password").exists()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(stack.postgres.api_dsn.replace("//api:", "//api:wrong"))


def test_the_server_is_set_up_as_its_template_says(stack: Tiers) -> None:
    assert ask(stack.postgres.api_dsn, "SHOW jit") == "off"
    assert ask(stack.postgres.api_dsn, "SHOW timezone") == "UTC"
    assert ask(stack.postgres.api_dsn, "SHOW max_connections") == "100"
    assert ask(stack.postgres.api_dsn, "SHOW fsync") == "on"
    assert ask(stack.postgres.api_dsn, "SHOW statement_timeout") == "5s"


def test_the_api_can_read_and_add_notes(stack: Tiers) -> None:
    with psycopg.connect(stack.postgres.api_dsn) as connection:
        assert connection.execute("SELECT count(*) FROM recipes").fetchone() == (2010,)
        assert connection.execute(ADD_NOTE).fetchone() is not None
        connection.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM notes",
        "UPDATE notes SET text = ''",
        "TRUNCATE notes",
        "INSERT INTO recipes SELECT * FROM recipes",
        "INSERT INTO sessions VALUES ('mine', 1, now())",
        "DROP TABLE notes",
        "ALTER TABLE notes ADD COLUMN mine int",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "SELECT pg_read_file('passwords.json')",
        "SELECT rolpassword FROM pg_authid",
        "COPY recipes TO PROGRAM 'cat'",
    ],
)
def test_the_api_can_do_nothing_else(stack: Tiers, statement: str) -> None:
    with psycopg.connect(stack.postgres.api_dsn) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_a_cluster_that_cannot_be_made_is_explained(empty_state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "OWNER", "pg_reserved")
    with pytest.raises(ShowdownError, match=r"initdb failed in .*:\n(.|\n)*pg_"), started(empty_state, 1):
        pass


def test_a_server_that_does_not_start_is_shown_with_its_log(
    empty_state: Path, monkeypatch: pytest.MonkeyPatch, mentioning: Callable[[Path], list[str]]
) -> None:
    monkeypatch.setattr(config, "render", lambda *_, **__: "no_such_setting = on\n")
    reason = r"Postgres exited with code 1 at start(.|\n)*no_such_setting"
    with pytest.raises(ShowdownError, match=reason), started(empty_state, 1):
        pass
    assert mentioning(empty_state) == []


@pytest.fixture
def provided(stack: Tiers) -> Iterator[str]:
    """The DSN of a seeded database whose owner is no superuser, and in which nobody else may do anything."""

    def carry_out(*statements: str) -> None:
        with psycopg.connect(stack.postgres.owner_dsn, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    carry_out(
        "CREATE USER provided PASSWORD 'provided'",
        "CREATE DATABASE provided OWNER provided",
        "REVOKE ALL ON DATABASE provided FROM PUBLIC",
    )
    target = replace(Dsn.parse(stack.postgres.owner_dsn), user="provided", password="provided", database="provided")  # noqa: S106
    try:
        with psycopg.connect(target.url) as connection:
            connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
            connection.execute("GRANT ALL ON SCHEMA public TO CURRENT_USER")
        RecipesData().seed(target.url, 5, lambda _: None)
        yield target.url
    finally:
        carry_out("DROP DATABASE provided WITH (FORCE)", "DROP USER provided")


def test_the_api_is_let_in_where_nobody_is_by_default(stack: Tiers, provided: str) -> None:
    api = replace(Dsn.parse(stack.postgres.api_dsn), database="provided").url
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(api)

    postgres.let_api_in(provided, "api", RecipesData())

    assert ask(api, "SELECT recipes FROM seed") == 5


def test_an_owner_who_may_not_count_statements_lets_the_api_in_all_the_same(stack: Tiers, provided: str) -> None:
    postgres.let_api_in(provided, "api", RecipesData())

    assert ask(provided, "SELECT count(*) FROM pg_extension WHERE extname = 'pg_stat_statements'") == 0
    assert ask(replace(Dsn.parse(stack.postgres.api_dsn), database="provided").url, "SELECT recipes FROM seed") == 5

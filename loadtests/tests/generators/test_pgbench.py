"""pgbench runs a scenario's statement for recipes that its user may see, and its log is read to the second."""

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from showdown.contract.contract import load_contract
from showdown.generators import pgbench
from showdown.generators.load import Load
from showdown.requests.recipes import USER
from showdown.requests.scenarios import Profile
from showdown_contract import people
from showdown_contract.errors import ShowdownError
from showdown_stack import programs
from showdown_stack.ports import LOOPBACK
from showdown_stack.tiers import Tiers

KINDS, SCENARIOS = load_contract().kinds, load_contract().scenarios.scenarios
# SSLRequest is a length and a number; the server answers S and goes on in TLS, or N.
SSL_REQUEST = bytes([0, 0, 0, 8, 4, 210, 22, 47])
Eventually = Callable[[Callable[[], object]], None]


def a_load(files: Path, scenario: str = "recipe-detail") -> Load:
    profile = Profile(description="", scenarios=[scenario], rounds=1, users=1, warm_up_seconds=1, measure_seconds=2)
    return Load("", scenario, SCENARIOS[scenario], profile, recipes=2_000, seed=1, files=files)


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_a_ceiling_is_one_statement(name: str) -> None:
    assert pgbench.has_ceiling(SCENARIOS[name], KINDS) == (name in {"recipe-detail", "recipe-list"})


@pytest.mark.parametrize("recipes", [5, 200, 317])
def test_the_recipes_asked_for_are_all_those_of_the_users_first_team(
    empty_database: str, tmp_path: Path, recipes: int
) -> None:
    # Let pgbench itself do the arithmetic of the script.
    arithmetic = [
        line for line in pgbench.script(SCENARIOS["recipe-detail"], recipes, KINDS).splitlines() if line[0] == "\\"
    ]
    script = tmp_path / "script"
    script.write_text("\n".join([*arithmetic, "INSERT INTO asked VALUES (:recipe);"]))
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute("CREATE TABLE asked (id bigint)")
        program = programs.postgres_programs() / "pgbench"
        arguments = ["--no-vacuum", "--transactions", "400", "--file", str(script), empty_database]
        subprocess.run([program, *arguments], check=True, capture_output=True)
        asked = {row[0] for row in connection.execute("SELECT DISTINCT id FROM asked")}
    first_team = ("team", people.active_teams(USER)[0])
    assert asked <= {people.FIRST_ID + recipe for recipe in range(recipes) if people.owner_of(recipe) == first_team}
    # If the number of recipes is no multiple of the number of teams, the last ones may be left out.
    assert len(asked) == max(1, recipes * 9 // 10 // people.TEAMS)


@pytest.mark.parametrize("scenario", ["recipe-detail", "recipe-list"])
def test_a_real_one_runs_the_statement(stack: Tiers, tmp_path: Path, eventually: Eventually, scenario: str) -> None:
    load = a_load(tmp_path / "1-detail", scenario)
    with pgbench.start(load, stack.postgres.api_dsn, connections=2, kinds=KINDS) as process:
        eventually(lambda: not process.running)
    assert process.exit_code == 0, process.log_tail()
    seen = pgbench.summary(load)
    assert seen.transactions > 0
    assert seen.measured_to - seen.measured_from == 2
    assert seen.transactions_per_second == seen.transactions / 2
    assert seen.mean_latency_ms > 0


def test_it_verifies_the_server_where_the_services_do(tmp_path: Path, eventually: Eventually) -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        place = f"{LOOPBACK}:{server.getsockname()[1]}"
        dsn = f"postgresql://me@{place}/showdown?sslmode=verify-full&sslrootcert=/nowhere/ca.crt"
        with pgbench.start(a_load(tmp_path / "1-detail"), dsn, connections=1, kinds=KINDS) as process:
            client, _ = server.accept()
            with client:
                assert client.recv(8) == SSL_REQUEST
                client.sendall(b"S")
                eventually(lambda: not process.running)
    assert 'root certificate file "/nowhere/ca.crt" does not exist' in process.log.read_text()


def test_the_statement_answers_with_a_document(stack: Tiers) -> None:
    lines = pgbench.script(SCENARIOS["recipe-detail"], 2_000, KINDS).splitlines()
    statement = "\n".join(line for line in lines if line[0] != "\\")
    statement = statement.replace(":key", f"'{people.session_key(USER)}'").replace(":recipe", "1001")
    with psycopg.connect(stack.postgres.api_dsn) as connection:
        row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    assert row[0] == 1001


def test_whole_seconds_after_the_warm_up_are_summed_over_threads(tmp_path: Path) -> None:
    # Each line: the second, transactions, the sum of their latencies in µs.
    (tmp_path / "round-pgbench.1").write_text("100 9 9\n101 10 10000 1\n102 20 20000 1\n103 9 9\n")
    (tmp_path / "round-pgbench.1.1").write_text("100 9 9\n101 30 60000 1\n102 40 80000 1\n103 9 9\n")
    seen = pgbench.summary(a_load(tmp_path / "round"))
    assert (seen.measured_from, seen.measured_to) == (101, 103)
    assert seen.transactions == 100
    assert seen.transactions_per_second == 50
    assert seen.mean_latency_ms == pytest.approx(1.7)


@pytest.mark.parametrize("lines", ["", "100 9 9\n101 10 10000\n"])
def test_one_that_ended_early_is_no_ceiling(tmp_path: Path, lines: str) -> None:
    (tmp_path / "round-pgbench.1").write_text(lines)
    with pytest.raises(ShowdownError, match=r"pgbench ended early: see .*round\.log"):
        pgbench.summary(a_load(tmp_path / "round"))

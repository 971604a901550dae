"""pgbench runs a scenario's statement for recipes that its user may see, and its log is read to the µs."""

import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from showdown.contract.contract import load_contract
from showdown.generators import pgbench
from showdown.generators.pgbench import CeilingTurn
from showdown.requests.recipes import USER
from showdown_contract import people
from showdown_contract.errors import ShowdownError
from showdown_stack import programs
from showdown_stack.ports import LOOPBACK
from showdown_stack.tiers import Tiers

KINDS, SCENARIOS = load_contract().kinds, load_contract().scenarios.scenarios
# SSLRequest is a length and a number; the server answers S and goes on in TLS, or N.
SSL_REQUEST = bytes([0, 0, 0, 8, 4, 210, 22, 47])
Eventually = Callable[[Callable[[], object]], None]


def a_turn(files: Path, scenario: str = "recipe-detail", counted_from: float = 0, counted_to: float = 1) -> CeilingTurn:
    return CeilingTurn(files, SCENARIOS[scenario], 2_000, 2, 2, 0, counted_from, counted_to)


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_a_ceiling_is_one_statement(name: str) -> None:
    lists = {name for name in SCENARIOS if name.startswith("recipe-list")}
    assert pgbench.has_ceiling(SCENARIOS[name], KINDS) == (name in {"recipe-detail", *lists})


@pytest.mark.parametrize("size", [5, 200, 317])
def test_the_recipes_asked_for_are_all_those_of_the_users_first_team(
    empty_database: str, tmp_path: Path, size: int
) -> None:
    # Let pgbench itself do the arithmetic of the script.
    arithmetic = [
        line for line in pgbench.script(SCENARIOS["recipe-detail"], size, KINDS).splitlines() if line[0] == "\\"
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
    assert asked <= {people.FIRST_ID + recipe for recipe in range(size) if people.owner_of(recipe) == first_team}
    # If the number of recipes is no multiple of the number of teams, the last ones may be left out.
    assert len(asked) == max(1, size * 9 // 10 // people.TEAMS)


@pytest.mark.parametrize("scenario", ["recipe-detail", "recipe-list"])
def test_a_real_one_runs_the_statement(stack: Tiers, tmp_path: Path, eventually: Eventually, scenario: str) -> None:
    files, dsn = tmp_path / "1-detail", stack.postgres.api_dsn
    with pgbench.start(a_turn(files, scenario), dsn, KINDS) as process:
        started_at = time.time()
        eventually(lambda: not process.running)
        ended_at = time.time()
    assert process.exit_code == 0, process.log_tail()
    middle = (started_at + ended_at) / 2
    seen = pgbench.summary(a_turn(files, scenario, middle - 0.25, middle + 0.25))
    assert seen.transactions > 0
    assert seen.transactions_per_second == seen.transactions / 0.5
    assert seen.mean_latency_ms > 0
    # A line for each transaction is too much to keep.
    assert list(tmp_path.glob("1-detail.[0-9]*")) == []


def test_it_verifies_the_server_where_the_services_do(tmp_path: Path, eventually: Eventually) -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        place = f"{LOOPBACK}:{server.getsockname()[1]}"
        dsn = f"postgresql://me@{place}/showdown?sslmode=verify-full&sslrootcert=/nowhere/ca.crt"
        with pgbench.start(a_turn(tmp_path / "1"), dsn, KINDS) as process:
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


def test_what_was_over_between_two_moments_is_summed_over_threads(tmp_path: Path) -> None:
    # Client, number, latency in µs, script, and when it was over: the second, and µs of it.
    (tmp_path / "slice.1").write_text(
        "0 1 9 0 100 999999\n0 2 1000 0 101 0\n0 3 2000 0 102 499999\n0 4 9 0 102 500000\n"
    )
    (tmp_path / "slice.1.1").write_text("1 1 3000 0 102 1\n1 2 9 0 103 0\n")
    seen = pgbench.summary(a_turn(tmp_path / "slice", "recipe-detail", 101.0, 102.5))
    assert seen.measured_seconds == 1.5
    assert seen.transactions == 3
    assert seen.transactions_per_second == 2
    assert seen.mean_latency_ms == pytest.approx(2.0)


def test_one_that_began_late_counts_from_then_on(tmp_path: Path) -> None:
    (tmp_path / "slice.1").write_text("0 1 1000 0 102 0\n0 2 1000 0 102 250000\n0 3 9 0 102 500000\n")
    seen = pgbench.summary(a_turn(tmp_path / "slice", "recipe-detail", 101.0, 102.5))
    assert (seen.measured_seconds, seen.transactions) == (0.5, 2)


def test_one_whose_database_stood_still_is_no_ceiling(tmp_path: Path) -> None:
    (tmp_path / "slice.1").write_text("0 1 9 0 100 900000\n0 2 9 0 102 500000\n")
    with pytest.raises(ShowdownError, match=r"pgbench did not run when it should: see .*slice\.log"):
        pgbench.summary(a_turn(tmp_path / "slice", "recipe-detail", 101.0, 102.5))


@pytest.mark.parametrize(
    "lines", ["", "0 1 9 0 102 400000\n0 2 9 0 102 500000\n", "0 1 9 0 101 0\n", "0 1 9 0 101 0\n0 2 9 0 10"]
)
def test_one_that_began_much_too_late_or_did_not_run_to_the_end_is_no_ceiling(tmp_path: Path, lines: str) -> None:
    (tmp_path / "slice.1").write_text(lines)
    with pytest.raises(ShowdownError, match=r"pgbench did not run when it should: see .*slice\.log"):
        pgbench.summary(a_turn(tmp_path / "slice", "recipe-detail", 101.0, 102.5))


@pytest.mark.parametrize("counted", [0.5, 1, 1.5, 2, 7.3])
def test_it_runs_longer_than_what_counts(counted: float) -> None:
    assert pgbench.run_seconds(counted, 20) >= counted + pgbench.start_seconds(20)

"""The user's own Postgres is seeded if it is empty, and refused if it holds something else."""

import psycopg
import pytest
from showdown_contract.data_set import DATA
from showdown_contract.errors import ShowdownError
from showdown_contract.seed import seeded
from showdown_stack.external import external_postgres
from showdown_stack.tiers import Tiers


def nobody_listens(_: int) -> None:
    pass


def test_an_empty_database_is_seeded_once(empty_database: str) -> None:
    told: list[int] = []
    for _ in range(2):
        postgres = external_postgres(empty_database, DATA, 5, told.append)
        assert postgres.owner_dsn == postgres.api_dsn
        assert postgres.process is None
    assert told == [5]
    held = seeded(empty_database)
    assert held is not None
    assert held[0] == 5


@pytest.mark.parametrize("said", ["", "?sslmode=disable"])
def test_no_driver_may_encrypt_on_its_own(empty_database: str, said: str) -> None:
    assert (
        external_postgres(empty_database + said, DATA, 1, nobody_listens).api_dsn == f"{empty_database}?sslmode=disable"
    )


def test_its_version_is_the_servers(stack: Tiers, empty_database: str) -> None:
    assert external_postgres(empty_database, DATA, 1, nobody_listens).version == stack.postgres.version


def test_what_an_earlier_run_wrote_is_undone(empty_database: str) -> None:
    external_postgres(empty_database, DATA, 1, nobody_listens)
    with psycopg.connect(empty_database) as connection:
        count = "SELECT count(*) FROM notes"
        before = connection.execute(count).fetchone()
        connection.execute("INSERT INTO notes (recipe_id, text, created_by_id) VALUES (1, 'left behind', 1)")
        connection.commit()
        external_postgres(empty_database, DATA, 1, nobody_listens)
        assert connection.execute(count).fetchone() == before


def test_another_number_of_recipes_is_refused(empty_database: str) -> None:
    external_postgres(empty_database, DATA, 5, nobody_listens)
    with pytest.raises(ShowdownError, match="holds 5 recipes: say --size 5, or empty it"):
        external_postgres(empty_database, DATA, 6, nobody_listens)


def test_foreign_tables_are_left_alone(empty_database: str) -> None:
    with psycopg.connect(empty_database) as connection:
        connection.execute("CREATE TABLE mine ()")
    with pytest.raises(ShowdownError, match="--dsn: the database holds other tables"):
        external_postgres(empty_database, DATA, 5, nobody_listens)


def test_a_server_that_is_away_is_explained() -> None:
    with pytest.raises(ShowdownError, match=r"--dsn: connection failed"):
        external_postgres("postgresql://me@127.0.0.1:1/nothing", DATA, 5, nobody_listens)

"""A service is measured on as many hosts as there are, as far as the database's pool lets it."""

from typing import Any

import pytest
from showdown.cloud.outputs import CloudStack
from showdown.cloud.site import service_host_counts
from showdown.errors import ShowdownError
from showdown.variants import Variant

SMALL = {"small": Variant(description="", command=["small"], workers=1, pool=5)}
BOTH = {**SMALL, "large": Variant(description="", command=["large"], workers=2, pool=20)}


@pytest.fixture
def made(applied: dict[str, Any]) -> CloudStack:
    """Three service hosts, and a pool of 25 connections."""
    hosts = applied["stack"]["hosts"]
    hosts.append({**hosts[1], "name": "service3"})
    return CloudStack.model_validate(applied["stack"])


@pytest.mark.parametrize(
    ("asked", "counts"), [(None, [3]), ("1", [1]), ("1,2,3", [1, 2, 3]), ("3,1", [1, 3]), ("2, 2", [2])]
)
def test_all_hosts_or_as_many_as_asked_for_in_order(made: CloudStack, asked: str | None, counts: list[int]) -> None:
    assert service_host_counts(asked, made, SMALL) == counts


@pytest.mark.parametrize("asked", ["", "two", "1,", "1;2", "1.5"])
def test_what_is_no_list_of_numbers_is_refused(made: CloudStack, asked: str) -> None:
    with pytest.raises(ShowdownError) as raised:
        service_host_counts(asked, made, SMALL)
    assert str(raised.value) == f"--service-hosts is a list of numbers such as 1,2,3, not {asked!r}"


@pytest.mark.parametrize("asked", ["0", "-1", "4", "1,4"])
def test_hosts_that_are_not_there_are_refused(made: CloudStack, asked: str) -> None:
    with pytest.raises(ShowdownError) as raised:
        service_host_counts(asked, made, SMALL)
    assert str(raised.value) == f"--service-hosts {asked}: there are 3; apply with a larger service_count"


def test_more_connections_than_the_pool_has_are_refused(made: CloudStack) -> None:
    assert service_host_counts("1", made, BOTH) == [1]
    with pytest.raises(ShowdownError) as raised:
        service_host_counts("1,2", made, BOTH)
    assert str(raised.value) == (
        "large on 2 host(s) needs 40 database connections and pgbouncer has 25: apply with pool_size = 40"
    )


def test_a_pool_of_just_that_size_will_do(made: CloudStack) -> None:
    made.database.pool_size = 60
    assert service_host_counts("3", made, BOTH) == [3]
    made.database.pool_size = 59
    with pytest.raises(ShowdownError, match="pool_size = 60"):
        service_host_counts("3", made, BOTH)


def test_a_pool_that_lends_connections_for_a_transaction_serves_more(made: CloudStack) -> None:
    made.database.pool_mode = "transaction"
    assert service_host_counts("3", made, BOTH) == [3]

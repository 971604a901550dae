"""A service is measured on all hosts, as far as the database's pool allows; by one run at a time."""

import getpass
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from showdown.contenders.variants import Variant
from showdown.stacks.cloud import ssh
from showdown.stacks.cloud.connection import service_host_counts
from showdown.stacks.cloud.outputs import Outputs
from showdown.stacks.cloud.reach import held
from showdown.stacks.cloud.ssh import RemoteHost
from showdown_contract.errors import ShowdownError

SMALL = {"small": Variant(description="", command=["small"], workers=1, pool=5)}
# The agent, with its files in a test folder.
AGENT = """
from pathlib import Path
from showdown.stacks.agent import __main__ as agent, tiers
tiers.FOLDER = Path({folder!r})
agent.main()
"""
BOTH = {**SMALL, "large": Variant(description="", command=["large"], workers=2, pool=20)}


@pytest.fixture
def three(applied: dict[str, Any]) -> Outputs:
    """Three service hosts, and a pool of 25 connections."""
    hosts = applied["stack"]["hosts"]
    hosts.append({**hosts[1], "name": "service3"})
    return Outputs.model_validate(applied)


@pytest.mark.parametrize(
    ("asked", "counts"), [(None, [3]), ("1", [1]), ("1,2,3", [1, 2, 3]), ("3,1", [1, 3]), ("2, 2", [2])]
)
def test_all_hosts_or_as_many_as_asked_for_in_order(three: Outputs, asked: str | None, counts: list[int]) -> None:
    assert service_host_counts(asked, three, SMALL) == counts


@pytest.mark.parametrize("asked", ["", "two", "1,", "1;2", "1.5"])
def test_what_is_no_list_of_numbers_is_refused(three: Outputs, asked: str) -> None:
    with pytest.raises(ShowdownError) as raised:
        service_host_counts(asked, three, SMALL)
    assert str(raised.value) == f"--service-hosts is a list of numbers such as 1,2,3, not {asked!r}"


@pytest.mark.parametrize("asked", ["0", "-1", "4", "1,4"])
def test_hosts_that_are_not_there_are_refused(three: Outputs, asked: str) -> None:
    with pytest.raises(ShowdownError) as raised:
        service_host_counts(asked, three, SMALL)
    assert str(raised.value) == f"--service-hosts {asked}: choose from 1 to 3, or apply with a larger service_count"


def test_more_connections_than_the_pool_has_are_refused(three: Outputs) -> None:
    assert service_host_counts("1", three, BOTH) == [1]
    with pytest.raises(ShowdownError) as raised:
        service_host_counts("1,2", three, BOTH)
    assert str(raised.value) == (
        "large on 2 host(s) needs 40 database connections and there are 25: apply with pool_size = 40"
    )


def test_a_pool_of_just_that_size_will_do(three: Outputs) -> None:
    three.stack.database.pool_size = 60
    assert service_host_counts("3", three, BOTH) == [3]
    three.stack.database.pool_size = 59
    with pytest.raises(ShowdownError, match="pool_size = 60"):
        service_host_counts("3", three, BOTH)


def test_a_pool_that_lends_connections_for_a_transaction_serves_more(three: Outputs) -> None:
    three.stack.database.pool_mode = "transaction"
    assert service_host_counts("3", three, BOTH) == [3]


def test_the_stack_is_one_runs_until_its_end(
    host: Callable[..., RemoteHost], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = tmp_path / "agent.py"
    agent.write_text(AGENT.format(folder=str(tmp_path / "run")))
    monkeypatch.setattr(ssh, "AGENT", f"{sys.executable} {agent}")
    haproxy, ours, others = host("haproxy"), tmp_path / "ours", tmp_path / "others"
    ours.mkdir()
    others.mkdir()
    with held(haproxy, ours) as lock:
        assert lock.running
        with pytest.raises(ShowdownError, match=rf"another run uses these hosts \({getpass.getuser()} at .+\): wait"):
            held(haproxy, others)
        assert lock.running
    with held(haproxy, others):
        pass

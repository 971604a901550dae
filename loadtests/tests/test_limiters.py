"""Each limiter is caused on purpose, by a real run, and named by its verdict."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from showdown.judge.judgement import judge
from showdown.judge.verdicts.bounds import MACHINE, TierAtItsLimit
from showdown.judge.verdicts.verdict import Verdict
from showdown.measure.results import read_run
from showdown_stack import link, upstream

LIMITED = Path(__file__).parent / "limited"
# Of the pool, in its variants.toml.
CONNECTIONS = 8
# What bounds a row, of all that may be said about it.
LIMITERS = {"CPU-bound", "pool", "locks", "disk", "round trips", "database-bound", "upstream-bound"}
Showdown = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module", autouse=True)
def limited_state(session_folder: Path) -> Iterator[None]:
    """$SHOWDOWN_STATE of these tests, one after the other: the data set is made once."""
    folder = session_folder / "limited"
    folder.mkdir(mode=0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOWDOWN_STATE", str(folder))
        yield


@pytest.fixture
def limiters(showdown: Showdown, reachable_folder: Path) -> Callable[..., dict[str, list[Verdict]]]:
    """Runs it: by scenario, what is said to bound it. All is in the report, too."""

    def call(*options: str) -> dict[str, list[Verdict]]:
        folder = reachable_folder / "run"
        told = ["--contract", str(LIMITED), "--profile", "smoke", "--no-twin", "--out", str(folder)]
        result = showdown("run", *told, *options)
        assert result.returncode == 0, result.stdout + result.stderr
        judgement = judge(read_run(folder))
        found = {
            row.scenario: [verdict for verdict in judgement.about(row) if verdict.label in LIMITERS]
            for row in judgement.rows
        }
        report = (folder / "report.md").read_text()
        assert all(verdict.seen in report for verdicts in found.values() for verdict in verdicts)
        return found

    return call


def test_pool_locks_and_disk_are_told_apart(limiters: Callable[..., dict[str, list[Verdict]]]) -> None:
    found = limiters("--scenarios", "pool,locks,disk")
    assert {scenario: [verdict.label for verdict in verdicts] for scenario, verdicts in found.items()} == {
        "pool": ["pool"],
        "locks": ["locks"],
        "disk": ["disk"],
    }


def test_a_service_that_uses_its_cores_is_bound_by_them(limiters: Callable[..., dict[str, list[Verdict]]]) -> None:
    found = limiters("--scenarios", "cpu")["cpu"]
    if not found:
        pytest.skip("other work took the cores: 90% of them was out of the service's reach")
    (cpu,) = found
    assert isinstance(cpu, TierAtItsLimit)
    # Where nothing else runs, it has the whole machine.
    assert cpu.tier == "service" or (cpu.tier, cpu.most[0][0]) == (MACHINE, "service")


def test_the_database_binds_where_pgbench_can_do_no_more(limiters: Callable[..., dict[str, list[Verdict]]]) -> None:
    found = limiters("--scenarios", "database")["database"]
    # And this is why.
    assert [verdict.label for verdict in found] == ["database-bound", "locks"]


# Each connection is busy on one core.
@pytest.mark.skipif((psutil.cpu_count() or 1) >= CONNECTIONS, reason="the pool cannot keep so many cores busy")
def test_postgres_is_named_where_it_uses_the_cores(limiters: Callable[..., dict[str, list[Verdict]]]) -> None:
    found = limiters("--scenarios", "database-cpu")["database-cpu"]
    used = [verdict for verdict in found if isinstance(verdict, TierAtItsLimit)]
    if not used:
        pytest.skip("other work took the cores: 90% of them was out of reach")
    assert (used[0].tier, used[0].most[0][0]) == (MACHINE, "postgres")
    # Its connections are kept by statements that wait for a core.
    assert "pool" not in {verdict.label for verdict in found}


@pytest.mark.skipif(upstream.program() is None, reason=upstream.NOT_BUILT)
def test_the_upstream_binds_whoever_waits_for_it(limiters: Callable[..., dict[str, list[Verdict]]]) -> None:
    found = limiters("--scenarios", "upstream")["upstream"]
    assert [verdict.label for verdict in found] == ["upstream-bound"]


@pytest.mark.skipif(link.program() is None, reason=link.NOT_BUILT)
def test_round_trips_bind_where_postgres_is_far_away(limiters: Callable[..., dict[str, list[Verdict]]]) -> None:
    (found,) = limiters("--scenarios", "trips", "--latency", "20").values()
    assert [verdict.label for verdict in found] == ["round trips"]

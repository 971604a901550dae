"""What is missing or different is a note, and a run without that has none."""

import re

import pytest
from made_up_runs import made_up_run
from showdown.measure.results import Fault, Grower, Run
from showdown.report.notes import notes
from showdown.requests.upstream import Behaviour
from showdown.stacks.records import Host, Machine, Proxy, TierName

MANAGED = "Postgres is managed: its settings are the provider's, not infra/config/postgresql.conf's"


@pytest.fixture
def calm(run: Run) -> Run:
    """A run about which there is nothing to say."""
    for result in run.slices:
        result.requests_per_second = 100.0
    for ceiling in run.ceilings:
        ceiling.requests_per_second = 1000.0
    return run


@pytest.fixture
def cloudy(calm: Run) -> Run:
    """The same in a cloud, loaded by two hosts of two cores each."""
    calm.stack, calm.generator_processes = "terraform", 4
    calm.hosts = [host("generator1", "EPYC"), host("generator2", "EPYC")]
    return calm


def host(name: str, cpu: str) -> Host:
    machine = Machine(system="Linux", cpu=cpu, cores=2, memory_mib=4096, virtual="kvm", steal_percent=0.0)
    tier: TierName = "service" if name.startswith("service") else "generator"
    return Host(name=name, tier=tier, size="s-large", usd_per_month=30.0, machine=machine)


def test_a_calm_run_has_no_notes(calm: Run) -> None:
    assert notes(calm) == []


def test_a_postgres_that_was_there_is_told_of(calm: Run) -> None:
    own = host("postgres", "EPYC").model_copy(update={"tier": "postgres"})
    calm.stack, calm.hosts = "hosts", [own]
    assert notes(calm) == []
    calm.hosts = [own.model_copy(update={"machine": None})]
    assert notes(calm) == ["Postgres was the inventory's, with settings that are not this stack's"]


def test_intervals_that_stayed_wider_than_asked_are_told() -> None:
    run = made_up_run({"slow": 100.0, "fast": 200.0})
    run.until_half_width = 0.5
    assert notes(run) == []
    run.until_half_width = 0.001
    (told,) = notes(run)
    assert re.fullmatch(
        r"intervals were to be within ±0\.1%, and the widest is ±[\d.]+%: give it more time with --most-minutes", told
    )
    # One that was stopped says so.
    run.finished_at = None
    assert not any("within" in note for note in notes(run))


def test_a_run_too_short_for_intervals_says_so() -> None:
    run = made_up_run({"slow": 100.0, "fast": 200.0}, blocks=3)
    run.until_half_width = 0.03
    (told,) = notes(run)
    assert "within ±3.0%, and too few blocks tell how wide intervals are" in told


def test_a_block_without_a_result_is_told_in_a_line(calm: Run) -> None:
    reason = "the service ended under load (exit code 1).\nThe end of fast.log:"
    calm.faults.append(Fault(variant="fast", scenario="recipe-detail", block=2, reason=reason))
    assert notes(calm) == ["fast, recipe-detail, block 2 has no result: the service ended under load (exit code 1)."]


def test_blocks_that_were_lost_in_the_same_way_share_a_line(calm: Run) -> None:
    for block in (1, 2, 3):
        calm.faults.append(Fault(variant="fast", block=block, reason="fast exited with code 1 at start.\nIts log: …"))
    calm.faults.append(Fault(variant="slow", block=3, reason="it hangs"))
    assert notes(calm) == [
        "fast, blocks 1, 2 and 3 have no result: fast exited with code 1 at start.",
        "slow, block 3 has no result: it hangs",
    ]


def test_a_run_that_was_stopped_or_goes_on_says_so(calm: Run) -> None:
    calm.finished_at = None
    assert notes(calm) == ["the run has not come to its end: the blocks that are missing could change the picture"]


def test_a_contender_loses_a_block_on_all_numbers_of_hosts(calm: Run) -> None:
    calm.service_hosts = [2]
    for name in ("fast", "pgbench"):
        calm.faults.append(Fault(variant=name, scenario="recipe-detail", block=1, reason="it hangs"))
    assert notes(calm) == [
        "fast, recipe-detail, block 1 has no result: it hangs",
        "pgbench, recipe-detail, block 1 has no result: it hangs",
    ]


def test_a_run_without_haproxy_says_so_beside_other_notes(calm: Run) -> None:
    calm.haproxy = False
    calm.notes.append("contenders run as the same user")
    assert notes(calm) == [
        *calm.notes,
        "without haproxy, as asked for: requests went to the service directly",
    ]


def test_missing_tiers_are_named(calm: Run) -> None:
    calm.notes.append("haproxy is not installed: requests go to the service directly")
    assert notes(calm) == calm.notes


def test_leaving_out_haproxy_on_purpose_is_said_too(calm: Run) -> None:
    calm.haproxy = False
    assert notes(calm) == ["without haproxy, as asked for: requests went to the service directly"]


def test_what_haproxy_saw_fail_is_added_over_the_slices(calm: Run) -> None:
    for each, errors in zip(calm.slices, (1, 2, 0, 4, 0, 0), strict=True):
        each.proxy = Proxy(responses=9, server_errors=errors, connection_errors=1, most_queued=0)
    assert notes(calm) == [
        "slow, recipe-detail: haproxy saw 6 failed requests",
        "fast, recipe-detail: haproxy saw 7 failed requests",
    ]


def test_oha_does_not_look(calm: Run) -> None:
    calm.generator = "oha"
    assert notes(calm) == ["oha looks at the status of every answer; bodies were compared twice a second only"]


def test_a_variants_note_stands_under_its_table_only(calm: Run) -> None:
    calm.variants["slow"].note = "5 database connections"
    assert notes(calm) == ["slow: 5 database connections"]
    calm.slices = [result for result in calm.slices if result.variant != "slow"]
    assert notes(calm) == ["slow has no result: the others are compared with fast"]


def test_the_gravest_come_first(calm: Run) -> None:
    calm.variants["slow"].note = "5 database connections"
    calm.haproxy = False
    calm.faults.append(Fault(variant="fast", scenario="recipe-detail", block=1, reason="it hangs"))
    assert [note.partition(":")[0] for note in notes(calm)] == [
        "fast, recipe-detail, block 1 has no result",
        "without haproxy, as asked for",
        "slow",
    ]


def test_a_managed_postgres_has_settings_of_its_own(cloudy: Run) -> None:
    assert notes(cloudy) == [MANAGED]


def test_growth_over_different_cpus_is_told(cloudy: Run) -> None:
    cloudy.hosts += [host("service1", "EPYC"), host("service2", "EPYC"), host("service3", "Xeon")]
    cloudy.service_hosts = [1, 2]
    assert notes(cloudy) == [MANAGED]
    cloudy.service_hosts = [1, 2, 3]
    told = (
        "the service hosts have different CPUs (service1: EPYC, service2: EPYC, service3: Xeon): growth compares CPUs"
    )
    assert notes(cloudy) == [MANAGED, f"{told}, too"]
    # Nothing grows.
    cloudy.service_hosts = [3]
    assert notes(cloudy) == [MANAGED]


def test_what_the_hosts_make_doubtful_is_told_first(calm: Run) -> None:
    calm.notes = ["the hosts' clocks differ by 3.00 s (a +0.00 s, b +3.00 s): CPU per request is off by as much"]
    assert notes(calm)[0] == calm.notes[0]


def test_how_the_upstream_behaved_is_told(calm: Run) -> None:
    calm.upstream = {
        "nutrition": {
            "analysis": Behaviour(latency_ms=50, latency_sigma=0.5),
            "price": Behaviour(latency_ms=2, failure_share=0.01, body_ms=5),
        },
        "quick": {},
    }
    assert notes(calm) == [
        (
            "in nutrition the upstream answered analysis after 50 ms in the median (lognormal, σ 0.5); price after "
            "2 ms, 1.0% of requests with 503, in pieces over 5 ms; all else at once"
        ),
        "in quick the upstream answered at once",
    ]


def test_what_a_traced_service_kept_is_told_beside_what_it_held(calm: Run) -> None:
    calm.growers = {"fast": [Grower(line="ssl.py:455", mib=1.25, blocks=3_000)]}
    (note,) = notes(calm)
    assert note.startswith("fast: what its interpreter's own allocators kept since it started, by lines of code, ")
    assert "while it held 103 MiB at most: ssl.py:455 1.25 MiB in 3,000 blocks." in note

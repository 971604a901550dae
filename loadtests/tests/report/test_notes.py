"""Every doubt about a run is a note, and a run without doubts has none."""

import pytest
from showdown.measure.results import Fault, Run
from showdown.report.notes import notes
from showdown.report.summary import summarize
from showdown.stacks.records import Host, Machine, TierName

MANAGED = "Postgres is managed: its settings are the provider's, not infra/config/postgresql.conf's"


@pytest.fixture
def calm(run: Run) -> Run:
    """A run without doubts."""
    for result in run.results:
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
    assert notes(summarize(calm)) == []


def test_a_round_without_a_result_is_told_in_a_line(calm: Run) -> None:
    reason = "the service ended under load (exit code 1).\nThe end of fast.log:"
    calm.faults.append(Fault(variant="fast", scenario="recipe-detail", round=2, reason=reason))
    assert notes(summarize(calm)) == [
        "fast, recipe-detail, round 2 has no result: the service ended under load (exit code 1)."
    ]


def test_a_run_that_was_stopped_says_so(calm: Run) -> None:
    calm.finished_at = None
    assert notes(summarize(calm)) == [
        "the run was stopped before its end: the rounds that are missing could change the picture"
    ]


def test_a_round_is_told_with_its_hosts(calm: Run) -> None:
    calm.service_hosts = [2]
    for name in ("fast", "pgbench"):
        calm.faults.append(Fault(variant=name, scenario="recipe-detail", round=1, service_hosts=2, reason="it hangs"))
    assert notes(summarize(calm)) == [
        "fast, 2 hosts, recipe-detail, round 1 has no result: it hangs",
        "pgbench, recipe-detail, round 1 has no result: it hangs",
    ]


def test_wrong_answers_are_counted_by_kind(calm: Run) -> None:
    calm.results[0].errors = 5
    calm.results[0].failures = {"wrong body": 3, "status 503": 2}
    assert notes(summarize(calm)) == ["slow, recipe-detail, round 1: 5 wrong answers (2 × status 503, 3 × wrong body)"]


def test_a_run_without_haproxy_says_so_beside_other_notes(calm: Run) -> None:
    calm.haproxy = False
    calm.missing.append("contenders run as the same user")
    assert notes(summarize(calm)) == [
        *calm.missing,
        "without haproxy, as asked for: requests went to the service directly",
    ]


def test_missing_tiers_are_named(calm: Run) -> None:
    calm.missing.append("haproxy is not installed: requests go to the service directly")
    assert notes(summarize(calm)) == calm.missing


def test_leaving_out_haproxy_on_purpose_is_said_too(calm: Run) -> None:
    calm.haproxy = False
    assert notes(summarize(calm)) == ["without haproxy, as asked for: requests went to the service directly"]


def test_oha_does_not_look(calm: Run) -> None:
    calm.generator = "oha"
    assert notes(summarize(calm)) == [
        "oha looks at the status of every answer; bodies were compared twice a second only"
    ]


@pytest.mark.parametrize(
    ("percent", "doubtful"), [(None, False), (0.9, False), (1.0, False), (1.1, True), (20.0, True)]
)
def test_stolen_time_is_told(calm: Run, percent: float | None, doubtful: bool) -> None:
    calm.machine.steal_percent = percent
    told = [f"the host took {percent}% of the CPU time away: trust ratios, not absolute numbers"]
    assert notes(summarize(calm)) == (told if doubtful else [])


def test_few_rounds_show_that_it_runs(calm: Run) -> None:
    calm.profile.rounds = 2
    assert notes(summarize(calm)) == ["2 round(s) of 8 s: they show that it runs, no more"]


def test_rounds_that_differ_make_small_differences_noise(calm: Run) -> None:
    calm.results[0].requests_per_second = 110.0
    assert notes(summarize(calm)) == []
    calm.results[0].requests_per_second = 111.0
    assert notes(summarize(calm)) == [
        "recipe-detail, req/s of the rounds, within which a difference is noise: slow 100 to 111"
    ]


def test_a_busy_generator_is_a_suspect(calm: Run) -> None:
    calm.results[-1].tiers["generator"].peak_cpu_percent = 97.0
    assert notes(summarize(calm)) == [
        (
            "fast, recipe-detail: Locust used 97% of the one core it can use, so this is a lower bound: "
            "--generator oha is lighter"
        )
    ]


def test_a_variants_note_stands_under_its_table_only(calm: Run) -> None:
    calm.variants["slow"].note = "5 database connections"
    assert notes(summarize(calm)) == ["slow: 5 database connections"]
    calm.results = [result for result in calm.results if result.variant != "slow"]
    assert notes(summarize(calm)) == ["slow has no result: the others are compared with fast"]


def test_the_gravest_come_first(calm: Run) -> None:
    calm.variants["slow"].note = "5 database connections"
    calm.profile.rounds = 1
    calm.faults.append(Fault(variant="fast", scenario="recipe-detail", round=1, reason="it hangs"))
    assert [note.partition(":")[0] for note in notes(summarize(calm))] == [
        "fast, recipe-detail, round 1 has no result",
        "1 round(s) of 8 s",
        "slow",
    ]


@pytest.mark.parametrize(("percent", "doubtful"), [(179.0, False), (180.0, True), (197.0, True)])
def test_several_generator_hosts_are_as_busy_as_the_busiest(cloudy: Run, percent: float, doubtful: bool) -> None:
    generator = cloudy.results[-1].tiers["generator"]
    # The other host is idle.
    generator.peak_cpu_percent, generator.peak_host_cpu_percent = percent + 10, percent
    told = (
        f"fast, recipe-detail: Locust used {percent:.0f} of 200% on a host, so this is a lower bound: "
        "apply with a larger generator_count"
    )
    assert notes(summarize(cloudy)) == [MANAGED, *([told] if doubtful else [])]


def test_a_generator_may_be_busy_on_the_most_hosts_only(grown: Run) -> None:
    busy = grown.results[-1].tiers["generator"].model_copy(update={"peak_host_cpu_percent": 390.0})
    grown.results[-1].tiers = grown.results[-1].tiers | {"generator": busy}
    told = [note for note in notes(summarize(grown)) if "Locust used" in note]
    assert [note.partition(":")[0] for note in told] == ["fast, 2 hosts, recipe-detail"]


def test_a_managed_postgres_has_settings_of_its_own(cloudy: Run) -> None:
    assert notes(summarize(cloudy)) == [MANAGED]


def test_growth_over_different_cpus_is_told(cloudy: Run) -> None:
    cloudy.hosts += [host("service1", "EPYC"), host("service2", "EPYC"), host("service3", "Xeon")]
    cloudy.service_hosts = [1, 2]
    assert notes(summarize(cloudy)) == [MANAGED]
    cloudy.service_hosts = [1, 2, 3]
    told = (
        "the service hosts have different CPUs (service1: EPYC, service2: EPYC, service3: Xeon): growth compares CPUs"
    )
    assert notes(summarize(cloudy)) == [MANAGED, f"{told}, too"]
    # With one number of hosts there is no growth.
    cloudy.service_hosts = [3]
    assert notes(summarize(cloudy)) == [MANAGED]


def test_rounds_on_as_many_hosts_are_compared(calm: Run) -> None:
    calm.service_hosts = [1, 2]
    calm.results += [
        result.model_copy(update={"service_hosts": 2, "requests_per_second": 200.0}) for result in calm.results
    ]
    assert notes(summarize(calm)) == []
    calm.results[-1].requests_per_second = 300.0
    (told,) = notes(summarize(calm))
    assert told.endswith("within which a difference is noise: fast, 2 hosts 200 to 300")


def test_what_the_hosts_make_doubtful_is_told_first(calm: Run) -> None:
    calm.missing = ["the hosts' clocks differ by 3.00 s (a +0.00 s, b +3.00 s): CPU per request is off by as much"]
    calm.profile.rounds = 1
    assert notes(summarize(calm))[0] == calm.missing[0]

"""Where a run was measured: one machine, or the hosts of each tier."""

from showdown.measure.results import Run
from showdown.report.place import where


def test_one_machine(run: Run) -> None:
    assert where(run) == "2 cores of EPYC, virtual (kvm), 4 GiB, Linux 6.1 x86_64"


def test_hosts_of_a_tier_are_described_once(grown: Run) -> None:
    machine = where(grown.model_copy(update={"hosts": []}))
    assert f"2 × s-large for service (30 USD/month each, {machine})" in where(grown)
    assert where(grown).endswith("; 1 × db-small for postgres (60 USD/month each)")


def test_hosts_without_a_price_are_described_all_the_same(grown: Run) -> None:
    for host in grown.hosts:
        host.usd_per_month = None
    machine = where(grown.model_copy(update={"hosts": []}))
    assert f"2 × s-large for service ({machine})" in where(grown)
    assert where(grown).endswith("; 1 × db-small for postgres")


def test_hosts_that_differ_are_named(grown: Run) -> None:
    assert grown.hosts[1].machine
    grown.hosts[1].machine = grown.hosts[1].machine.model_copy(update={"cpu": "another"})
    assert "service1: 2 cores of another, " in where(grown)

"""What keeps a machine's programs from running."""

from pathlib import Path

import psutil
import pytest
from showdown.stacks.pressure import MIB, CpuSeconds, Disturbances, Pressure, pressure, throttled_seconds, worst
from showdown.stacks.records import Machine

V2 = "usage_usec 5000000\nnr_periods 100\nnr_throttled 20\nthrottled_usec {}\n"
V1 = "nr_periods 100\nnr_throttled 20\nthrottled_time {}\n"


@pytest.fixture
def groups(tmp_path: Path) -> Path:
    folder = tmp_path / "cgroup"
    folder.mkdir()
    return folder


def told(groups: Path, own: str) -> float | None:
    file = groups.parent / "own"
    file.write_text(own)
    return throttled_seconds(groups, file)


def test_a_group_is_stopped_with_those_that_it_is_in(groups: Path) -> None:
    (groups / "box" / "inner").mkdir(parents=True)
    (groups / "cpu.stat").write_text("usage_usec 1\n")
    (groups / "box" / "cpu.stat").write_text(V2.format(1_500_000))
    (groups / "box" / "inner" / "cpu.stat").write_text(V2.format(250_000))

    assert told(groups, "0::/box/inner\n") == 1.75


def test_of_version_1_the_group_of_cpu_time_counts(groups: Path) -> None:
    (groups / "cpu,cpuacct" / "box").mkdir(parents=True)
    (groups / "cpu,cpuacct" / "box" / "cpu.stat").write_text(V1.format(3_000_000_000))

    assert told(groups, "7:memory:/box\n4:cpu,cpuacct:/box\n") == 3.0


def test_a_containers_own_group_is_the_root(groups: Path) -> None:
    (groups / "cpu.stat").write_text(V2.format(2_000_000))

    assert told(groups, "0::/\n") == told(groups, "0::/../host-only\n") == 2.0


def test_without_a_quota_nothing_is_told(groups: Path) -> None:
    (groups / "cpu.stat").write_text("usage_usec 5000000\n")

    assert told(groups, "0::/\n") is None
    assert throttled_seconds(groups, groups / "none") is None


def test_what_happened_between_two_looks_is_told() -> None:
    before, after = Pressure(100.0, (0.0, 40.0), 5 * MIB, 1.0), Pressure(110.0, (1.0, 60.0), 8 * MIB, 1.5)

    assert Disturbances.between(before, after) == Disturbances(
        steal_percent=5.0, swapped_mib=3.0, throttled_percent=5.0
    )


def test_what_a_system_does_not_tell_is_not_known() -> None:
    silent = Pressure(100.0, None, None, None)

    assert Disturbances.between(silent, silent) == Disturbances()


@pytest.mark.parametrize(
    ("before", "percent"), [((0.0, 0.0), 25.0), ((0.0, 400.0), None), ((200.0, 300.0), 0.0), (None, None)]
)
def test_stolen_time_is_a_share_of_all(before: CpuSeconds | None, percent: float | None) -> None:
    first, second = (Pressure(100.0, stolen, None, None) for stolen in (before, (100.0, 400.0)))

    assert Disturbances.between(first, second).steal_percent == percent


def test_a_machine_is_described_with_what_disturbed_it() -> None:
    machine = Machine(system="Linux", cpu="EPYC", cores=2, memory_mib=4096, virtual="kvm", steal_percent=None)
    disturbed = Disturbances(steal_percent=1.0, swapped_mib=2.0, throttled_percent=3.0).of(machine)

    assert (disturbed.steal_percent, disturbed.swapped_mib, disturbed.throttled_percent) == (1.0, 2.0, 3.0)
    assert disturbed.cpu == "EPYC"
    assert machine.steal_percent is None


def test_the_worst_of_several_hosts_is_that_of_each_kind() -> None:
    hosts = [Disturbances(1.0, None, 0.0), Disturbances(0.5, None, 3.0), Disturbances()]

    assert worst(hosts) == Disturbances(1.0, None, 3.0)
    assert worst([]) == Disturbances()


def test_this_machine_can_be_looked_at_twice() -> None:
    before, after = pressure(), pressure()

    assert after.at >= before.at
    between = Disturbances.between(before, after)
    assert (between.swapped_mib or 0.0) >= 0.0
    assert 0.0 <= (between.throttled_percent or 0.0) <= 100.0
    if before.stolen is None:
        assert not hasattr(psutil.cpu_times(), "steal")
    else:
        assert 0 <= before.stolen[0] < before.stolen[1]

"""What keeps a machine's programs from running."""

from pathlib import Path

import pytest
from showdown.stacks.pressure import MIB, Pressure, pressure, swapped_mib, throttled_percent, throttled_seconds

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
    before, after = Pressure(100.0, 5 * MIB, 1.0), Pressure(110.0, 8 * MIB, 1.5)

    assert swapped_mib(before, after) == 3.0
    assert throttled_percent(before, after) == 5.0


def test_what_a_system_does_not_tell_is_not_known() -> None:
    silent = Pressure(100.0, None, None)

    assert swapped_mib(silent, silent) is None
    assert throttled_percent(silent, silent) is None


def test_this_machine_can_be_looked_at_twice() -> None:
    before, after = pressure(), pressure()

    assert after.at >= before.at
    assert (swapped_mib(before, after) or 0.0) >= 0.0
    assert 0.0 <= (throttled_percent(before, after) or 0.0) <= 100.0

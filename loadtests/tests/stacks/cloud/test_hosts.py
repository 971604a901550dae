"""The runner waits for hosts, asks for their facts, and notes what does not fit together."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from showdown.stacks import machine
from showdown.stacks.cloud import hosts, ssh
from showdown.stacks.cloud.hosts import Clock, Facts, best_clock, clock, common_offset, doubts, facts, wait_until_up
from showdown.stacks.cloud.ssh import RemoteHost
from showdown.stacks.pressure import pressure
from showdown_contract.errors import ShowdownError

NewHost = Callable[..., RemoteHost]
REVISION = "0123456789abcdef0123456789abcdef01234567"
# There is no checkout where hosts have theirs: what is asked of it is answered here.
GIT = f"""case "$*" in "-C /opt/showdown rev-parse HEAD") echo {REVISION};; *) exec {shutil.which("git")} "$@";; esac"""


@pytest.mark.parametrize(("seconds", "offset"), [(1000.0, -1.0), (1001.0, 0.0), (1001.5, 0.5), (4601.0, 3600.0)])
def test_a_clock_is_compared_with_the_middle_of_the_question(seconds: float, offset: float) -> None:
    assert Clock(seconds, asked_at=1000.0, answered_at=1002.0).offset == offset


def test_a_hosts_clock_is_looked_at_now(host: NewHost) -> None:
    before = time.time()
    seen = clock(host("service1"))
    assert before <= seen.asked_at <= seen.seconds <= seen.answered_at <= time.time()


def test_a_host_that_does_not_say_the_time_is_named(host: NewHost) -> None:
    with pytest.raises(ShowdownError, match=r"^service1 does not say the time: 'noon\\n'$"):
        clock(host("service1", date="echo noon"))


@pytest.mark.parametrize("exit_code", [0, 2])
def test_a_host_that_is_up_or_up_with_a_warning_will_do(host: NewHost, tmp_path: Path, exit_code: int) -> None:
    asked = tmp_path / "asked"
    wait_until_up(host("service1", cloud_init=f'echo "$@" > {asked}; exit {exit_code}'))
    assert asked.read_text() == "status --wait\n"


FAILED = 'showdown: step "rust service" failed with exit code 101; its output is above'


@pytest.mark.parametrize(
    ("end", "shown"),
    [
        # As bootstrap.sh says it, and what cloud-init says then.
        ([FAILED, "cloud-init finished"], [*(f"line {number}" for number in range(85, 100)), FAILED]),
        (["no step was begun"], [*(f"line {number}" for number in range(86, 100)), "no step was begun"]),
    ],
)
def test_a_host_that_failed_is_shown_with_what_it_failed_at(
    host: NewHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: list[str], shown: list[str]
) -> None:
    log = tmp_path / "output.log"
    log.write_text("".join(f"{line}\n" for line in [*(f"line {number}" for number in range(100)), *end]))
    monkeypatch.setattr(hosts, "LOG", str(log))
    with pytest.raises(ShowdownError) as raised:
        wait_until_up(host("service1", cloud_init="exit 1"))
    first, *lines = str(raised.value).splitlines()
    assert first == f"service1 did not come up. From its {log}:"
    assert lines == [f"  {line}" for line in shown]


def test_one_that_cannot_be_asked_says_why(host: NewHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "LOG", "/no/such/log")
    with pytest.raises(ShowdownError, match=r"(?s)service1 did not come up.*no cloud-init here"):
        wait_until_up(host("service1", cloud_init="echo no cloud-init here >&2; exit 127"))


def test_a_host_tells_what_it_is(host: NewHost) -> None:
    told = facts(host("service1", git=GIT), REVISION)
    assert told.machine == machine.describe()
    # There is haproxy's version too, if it is installed.
    assert told.versions.items() >= machine.versions().items()
    assert told.commit == machine.commit()
    assert told.processors >= 1
    assert (told.pressure.stolen is None) == (pressure().stolen is None)


def test_a_host_that_tells_nothing_is_named_with_its_error(host: NewHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "AGENT", "/opt/none/python")
    with pytest.raises(ShowdownError, match=r"^service1: .*/opt/none/python.* not found"):
        facts(host("service1", git=GIT), REVISION)


@pytest.mark.parametrize(("git", "said"), [(f"echo {'f' * 40}", "f" * 40), ("exit 128", "unknown")])
def test_a_host_of_another_revision_is_refused(host: NewHost, git: str, said: str) -> None:
    with pytest.raises(ShowdownError) as raised:
        facts(host("service1", git=git), REVISION)
    assert str(raised.value) == f"service1 has revision {said} and should have {REVISION}: apply again"


def test_a_host_that_describes_itself_otherwise_is_refused(host: NewHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "AGENT", "echo '{}' #")
    with pytest.raises(
        ShowdownError, match=r"^service1 describes itself in a form that this version does not know: Field required$"
    ):
        facts(host("service1", git=GIT), REVISION)


@pytest.fixture
def same() -> Facts:
    """What a host says that runs what we do."""
    return Facts(machine=machine.describe(), versions={}, commit=machine.commit(), processors=2, pressure=pressure())


def looked(offset: float, uncertainty: float = 0.01) -> Clock:
    return Clock(100 + offset, 100 - uncertainty, 100 + uncertainty)


def test_of_several_looks_at_a_clock_the_quickest_counts(host: NewHost) -> None:
    found = best_clock(host("service1", date="sleep 0.$(($$ % 3)); exec /bin/date +%s.%N"))
    assert abs(found.offset) <= found.uncertainty + 0.01


def test_how_far_the_hosts_are_ahead_is_known() -> None:
    assert common_offset({"a": looked(3600.0), "b": looked(3600.02), "c": looked(3600.01)}) == pytest.approx(3600.01)


def test_clocks_that_are_apart_are_refused() -> None:
    with pytest.raises(
        ShowdownError, match=r"^the clocks of b and a are at least 0\.08 s apart, .* look at `timedatectl`"
    ):
        common_offset({"a": looked(0.0), "b": looked(0.1), "c": looked(0.05)})


def test_clocks_are_not_blamed_for_a_slow_connection() -> None:
    assert common_offset({"a": looked(0.0, 0.2), "b": looked(0.3, 0.2)}) == pytest.approx(0.15)


def test_hosts_that_run_what_we_do_leave_no_doubt(same: Facts) -> None:
    assert doubts({"service1": same, "service2": same}) == []


def test_hosts_of_another_revision_are_told(same: Facts) -> None:
    other = same.model_copy(update={"commit": "0123456789ab"})
    (told,) = doubts({"service1": same, "service2": other, "service3": other})
    assert told == (
        "the hosts run commit 0123456789ab, this checkout, whose variants were asked for, "
        f"is at {same.commit}: apply with its revision"
    )


def test_files_that_differ_from_the_revision_are_told(same: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "commit", lambda: "0123456789ab-dirty")
    (told,) = doubts({"service1": same.model_copy(update={"commit": "0123456789ab"})})
    assert "is at 0123456789ab-dirty: " in told

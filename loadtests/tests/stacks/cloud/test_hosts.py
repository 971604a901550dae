"""The runner waits for hosts, asks for their facts, and notes what does not fit together."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from showdown.stacks import machine
from showdown.stacks.cloud import hosts, ssh
from showdown.stacks.cloud.hosts import (
    Clock,
    Facts,
    best_clock,
    clock,
    common_offset,
    doubts,
    facts,
    require_prepared,
    wait_until_up,
)
from showdown.stacks.cloud.ssh import RemoteHost
from showdown.stacks.pressure import pressure
from showdown_contract.errors import ShowdownError

NewHost = Callable[..., RemoteHost]


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


@pytest.fixture
def new_host(host: NewHost, tmp_path: Path) -> NewHost:
    """A host whose set-up left these things: whether it is ready, whether cloud-init has ended, and the log of both."""

    def make(name: str, log: list[str], *, ready: bool = False, ended: bool = False) -> RemoteHost:
        made = host(name)
        folder = tmp_path / "hosts" / name
        for file, there in (("ready", ready), ("ended", ended)):
            if there:
                (folder / file).touch()
        (folder / "log").write_text("".join(f"{line}\n" for line in log))
        return made

    return make


@pytest.fixture(autouse=True)
def in_a_hosts_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host's programs come first on its PATH, in a folder that stands for its whole disk."""
    for name, path in (("READY", "ready"), ("ENDED", "ended"), ("LOG", "log")):
        monkeypatch.setattr(hosts, name, f'"${{PATH%%:*}}"/{path}')
    monkeypatch.setattr(hosts, "POLL_SECONDS", 0.01)


STEP, FAILED = 'showdown: step "{}"', 'showdown: step "rust service" failed with exit code 101; its output is above'


def test_all_hosts_are_waited_for_at_once_and_their_newest_steps_shown(new_host: NewHost, tmp_path: Path) -> None:
    waited = [
        new_host("haproxy", [STEP.format("haproxy"), "showdown: this haproxy host is ready"], ready=True),
        new_host("service1", [STEP.format("kernel"), STEP.format("python packages"), "Resolved 80 packages"]),
        new_host("generator1", ["Get:1 http://deb.debian.org"]),
    ]
    said, up = [], []

    def say(now: str) -> None:
        said.append(now)
        for host in waited:
            (tmp_path / "hosts" / host.name / "ready").touch()

    wait_until_up(waited, say, lambda host: up.append(host.name))
    assert said == ["waiting for hosts to set themselves up: service1 (python packages), generator1 (packages)"]
    assert up == ["haproxy", "service1", "generator1"]


def test_a_failure_of_what_the_provider_adds_does_not_matter(new_host: NewHost) -> None:
    # cloud-init ends with code 1 then.
    ready = new_host("service1", [FAILED.replace("rust service", "vendor data")], ready=True, ended=True)
    wait_until_up([ready], print, print)


@pytest.mark.parametrize(
    ("end", "shown"),
    [
        # As bootstrap.sh says it, and what cloud-init says then.
        ([FAILED, "cloud-init finished"], [*(f"line {number}" for number in range(85, 100)), FAILED]),
        (["no step was begun"], [*(f"line {number}" for number in range(86, 100)), "no step was begun"]),
    ],
)
def test_a_host_that_failed_is_shown_with_what_it_failed_at(
    new_host: NewHost, end: list[str], shown: list[str]
) -> None:
    failed = new_host("service1", [*(f"line {number}" for number in range(100)), *end], ended=True)
    with pytest.raises(ShowdownError) as raised:
        wait_until_up([failed], print, print)
    first, *lines = str(raised.value).splitlines()
    assert first.startswith("service1 did not come up. From its ")
    assert lines == [f"  {line}" for line in shown]


def test_a_host_that_takes_too_long_is_named_with_its_step(new_host: NewHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "SET_UP_SECONDS", 0.0)
    with pytest.raises(ShowdownError, match=r"^not set up after 0 minutes: service1 \(kernel\)\. "):
        wait_until_up([new_host("service1", [STEP.format("kernel")])], print, print)


def test_one_that_cannot_be_asked_says_why(host: NewHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "READY", "x; echo Connection closed >&2; exit 255 #")
    with pytest.raises(ShowdownError, match=r"(?s)service1 did not come up.*Connection closed"):
        wait_until_up([host("service1")], print, print)


def test_a_host_tells_what_it_is(host: NewHost) -> None:
    told = facts(host("service1"))
    assert told.machine == machine.describe()
    # There is haproxy's version too, if it is installed.
    assert told.versions.items() >= machine.versions().items()
    assert told.commit == machine.commit()
    assert told.processors >= 1
    assert (told.pressure.stolen is None) == (pressure().stolen is None)


def test_a_host_that_tells_nothing_is_named_with_its_error(host: NewHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "AGENT", "/opt/none/python")
    with pytest.raises(ShowdownError, match=r"^service1: .*/opt/none/python.* not found"):
        facts(host("service1"))


def test_a_host_that_describes_itself_otherwise_is_refused(host: NewHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "AGENT", "echo '{}' #")
    with pytest.raises(
        ShowdownError, match=r"^service1 describes itself in a form that this version does not know: Field required$"
    ):
        facts(host("service1"))


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


def test_hosts_of_another_commit_are_told(same: Facts) -> None:
    other = same.model_copy(update={"commit": "0123456789ab"})
    (told,) = doubts({"service1": same, "service2": other, "service3": other})
    assert told == (
        f"the hosts run 0123456789ab, and this checkout is {same.commit}: what is not committed is not measured"
    )


def test_files_that_are_not_committed_are_told(same: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "commit", lambda: "0123456789ab-dirty")
    (told,) = doubts({"service1": same.model_copy(update={"commit": "0123456789ab"})})
    assert told.startswith("the hosts run 0123456789ab, and this checkout is 0123456789ab-dirty: ")


def test_hosts_that_nobody_has_set_up_are_named(new_host: NewHost) -> None:
    ready = new_host("haproxy", [], ready=True)
    require_prepared([ready])
    with pytest.raises(
        ShowdownError, match=r"^not set up yet: service1, generator1\. `showdown prepare-hosts` .* does"
    ):
        require_prepared([ready, new_host("service1", []), new_host("generator1", [])])

"""What Locust supports and what it writes. Its runs are in test_workers.py, test_locustfile.py and test_run.py."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from showdown.contract.contract import load_contract
from showdown.generators.load import Load
from showdown.generators.locust import SUMMARY, LocustGenerator, LocustLoading, read_summary
from showdown.generators.timetable import Entry
from showdown_contract.errors import ShowdownError
from showdown_stack.tiers import Tiers

WORKLOADS = load_contract().scenarios
Eventually = Callable[[Callable[[], object]], None]


def test_it_can_do_every_scenario() -> None:
    for name, scenario in WORKLOADS.scenarios.items():
        LocustGenerator().require(name, scenario, 1)


@pytest.mark.parametrize("content", [None, "", "{}"])
def test_one_that_left_no_summary_is_an_error(tmp_path: Path, content: str | None) -> None:
    load = Load(WORKLOADS.scenarios, 1, 2_000, tmp_path / "block")
    if content is not None:
        load.file(SUMMARY).write_text(content)
    with pytest.raises(ShowdownError, match=r"Locust ended without a summary: see .*block-locust\.log"):
        read_summary(load)


@pytest.fixture
def loading(starlette: Tiers, tmp_path: Path) -> Iterator[tuple[LocustLoading, list[Entry]]]:
    """A Locust that waits, and a timetable: twice the real service, and one in between that nobody answers at."""
    assert starlette.haproxy is not None
    with LocustGenerator().start(Load(WORKLOADS.scenarios, 3, 2_000, tmp_path / "block")) as loading:
        loading.wait_until_ready()
        now = time.time() + 0.5
        moments = [(now + at, now + at + 0.2, now + at + 1.2, now + at + 1.3, now + at + 1.6) for at in (0, 2, 4)]
        urls = [starlette.url, "http://127.0.0.1:1", starlette.url]
        yield loading, [Entry(*at, url, "healthz", 3, "1") for at, url in zip(moments, urls, strict=True)]


def test_its_users_go_from_one_to_the_next(loading: tuple[LocustLoading, list[Entry]], starlette: Tiers) -> None:
    locust, timetable = loading
    assert starlette.haproxy is not None
    before = starlette.haproxy.totals().responses
    locust.follow(timetable)
    first, nobody, last = locust.summary().entries
    for each in (first, last):
        assert each.errors == 0
        assert each.measured_seconds == pytest.approx(1)
        assert 0 < each.requests < each.total_requests
    assert nobody.errors == nobody.requests > 0
    assert set(nobody.failures) == {"no answer: Connection refused"}
    assert first.total_requests + last.total_requests == starlette.haproxy.totals().responses - before
    assert locust.process.exit_code == 0


def test_at_a_rate_users_who_wait_for_a_request_to_be_due_have_sent_none(
    loading: tuple[LocustLoading, list[Entry]], starlette: Tiers
) -> None:
    locust, timetable = loading
    assert starlette.haproxy is not None
    before = starlette.haproxy.totals().responses
    locust.follow([replace(entry, rate=4.0) for entry in timetable])
    first, _, last = locust.summary().entries
    assert first.total_requests + last.total_requests == starlette.haproxy.totals().responses - before > 0


def test_what_it_has_seen_is_kept_where_it_is_stopped(loading: tuple[LocustLoading, list[Entry]]) -> None:
    locust, timetable = loading
    locust.follow(timetable)
    time.sleep(max(0.0, timetable[1].start - time.time()))
    locust.stop()
    first, *_, last = locust.summary().entries
    assert first.requests > 0
    assert last.requests == 0


def test_one_that_ends_too_early_is_told(loading: tuple[LocustLoading, list[Entry]], eventually: Eventually) -> None:
    locust, _ = loading
    locust.check()
    os.kill(locust.process.pid, signal.SIGKILL)
    eventually(lambda: not locust.process.running)
    with pytest.raises(ShowdownError, match=r"Locust ended in mid-run \(exit code -9\)"):
        locust.check()


def test_one_that_was_never_told_when_has_seen_nothing(loading: tuple[LocustLoading, list[Entry]]) -> None:
    assert loading[0].summary().entries == []

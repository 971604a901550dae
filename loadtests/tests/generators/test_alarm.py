"""An alarm goes off at its moment, and never before."""

import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from showdown.generators import alarm
from showdown.generators.alarm import Alarm


@pytest.fixture(params=["the kernel's timer", "gevent's timer"])
def ticking(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Alarm]:
    if request.param == "gevent's timer":
        monkeypatch.setattr(alarm, "_libc", object())
    with closing(Alarm()) as ticking:
        yield ticking


def test_it_waits_for_one_moment_after_the_other(ticking: Alarm) -> None:
    start = time.time()
    for number in range(1, 20):
        moment = start + number * 0.01
        ticking.wait_until(moment)
        assert time.time() >= moment - 0.0001


def test_what_is_over_is_not_waited_for(ticking: Alarm) -> None:
    ticking.wait_until(0.0)
    ticking.wait_until(time.time() - 0.001)


def test_it_may_be_closed_twice() -> None:
    once = Alarm()
    once.close()
    once.close()

"""A long block is drawn minute by minute."""

from xml.etree import ElementTree as ET

from made_up_runs import SCENARIO, made_up_run
from showdown.measure.rates import Rate
from showdown.measure.results import Run
from showdown.report.over_time import HELD, P99, over_time
from showdown.report.setting import FEWEST_LAPS, is_long


def long_run() -> Run:
    return made_up_run({"leaky": 100.0, "shared": 100.0}, blocks=1, laps=FEWEST_LAPS)


def texts(drawn: str) -> list[str | None]:
    return [element.text for element in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314 - our own


def test_only_a_long_block_is_drawn() -> None:
    assert is_long(long_run())
    assert not is_long(made_up_run({"a": 1.0}, laps=FEWEST_LAPS - 1))


def test_each_thing_that_is_held_has_a_panel_with_both_variants() -> None:
    run = long_run()
    run.rate = Rate(requests_per_second=5)
    drawn = texts(over_time(run, SCENARIO))
    assert {*HELD, P99, "leaky", "shared", f"{SCENARIO} at 5 req/s: what services hold over time"} <= {*drawn}


def test_what_a_system_does_not_tell_is_left_out() -> None:
    run = long_run()
    for one in run.slices:
        one.tiers["service"].peak_fds = None
    assert "leaky" in texts(over_time(run, SCENARIO))

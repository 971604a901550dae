"""A scenario at a latency is called by both, and asks what the scenario asks."""

import pytest
from showdown.contract.contract import load_contract
from showdown.requests.latency import (
    at_latencies,
    latencies_ms,
    once_each,
    parsed_latencies,
    with_latencies,
    without_latency,
)
from showdown_contract.errors import ShowdownError

ALL = load_contract().scenarios.scenarios
NAMES = ["recipe-detail-0ms", "recipe-detail-0.5ms", "mixed"]


def test_its_name_says_both() -> None:
    assert at_latencies(["mixed", "healthz"], [0, 2.5]) == ["mixed-0ms", "mixed-2.5ms", "healthz-0ms", "healthz-2.5ms"]
    assert without_latency("mixed-2.5ms", 2.5) == "mixed"


def test_it_asks_the_same() -> None:
    found = with_latencies(ALL, NAMES)
    assert found["recipe-detail-0.5ms"] == ALL["recipe-detail"]
    assert found.keys() == {*ALL, "recipe-detail-0ms", "recipe-detail-0.5ms"}
    assert latencies_ms(ALL, NAMES) == {"recipe-detail-0ms": 0.0, "recipe-detail-0.5ms": 0.5}


@pytest.mark.parametrize("name", ["other-2ms", "recipe-detail-0.50ms", "recipe-detail-1001ms", "recipe-detail-ms"])
def test_other_names_are_none(name: str) -> None:
    assert with_latencies(ALL, [name]) == ALL
    assert latencies_ms(ALL, [name]) == {}


def test_a_scenario_of_that_name_has_no_latency() -> None:
    own = {**ALL, "mixed-2ms": ALL["mixed"]}
    assert latencies_ms(own, ["mixed-2ms"]) == {}


def test_scenarios_that_ask_the_same_are_one() -> None:
    names = {name: with_latencies(ALL, NAMES)[name] for name in NAMES}
    assert once_each(names) == {
        "recipe-detail-0ms": "recipe-detail-0ms",
        "recipe-detail-0.5ms": "recipe-detail-0ms",
        "mixed": "mixed",
    }


@pytest.mark.parametrize(
    ("text", "latencies"), [("2ms", [2.0]), ("0, 0.5ms,8", [0.0, 0.5, 8.0]), ("1,1ms", [1.0]), ("1000", [1000.0])]
)
def test_latencies_are_read_from_a_list(text: str, latencies: list[float]) -> None:
    assert parsed_latencies(text) == latencies


@pytest.mark.parametrize("text", ["", ",", "2s", "-1", "1001", "1e3", "nan", "0.0001"])
def test_what_is_no_latency_is_told(text: str) -> None:
    with pytest.raises(ShowdownError, match=r"--latency.*say --latency 2ms"):
        parsed_latencies(text)

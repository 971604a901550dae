"""scenarios.toml holds workloads and profiles, and nothing unknown."""

from dataclasses import replace
from pathlib import Path

import pytest
from showdown.contract.contract import load_contract
from showdown.requests.registry import KINDS
from showdown.requests.scenarios import load_scenario_file
from showdown_contract.errors import ShowdownError

FILE = """
[scenarios.reads]
description = "reading"
requests = { recipe-detail = 3, recipe-list = 1 }

[profiles.short]
description = "short"
scenarios = ["reads"]
blocks = 1
laps = 1
users = 10
warm_up_seconds = 3
slice_seconds = 2
"""


def written(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "scenarios.toml"
    path.write_text(content)
    return path


def test_our_own_scenarios_and_profiles() -> None:
    assert list(load_contract().scenarios.scenarios) == [
        "healthz",
        "recipe-detail",
        "recipe-list",
        "recipe-list-1",
        "recipe-list-10",
        "recipe-list-500",
        "note-create",
        "mixed",
        "nutrition",
    ]
    assert list(load_contract().scenarios.profiles) == [
        "smoke",
        "quick",
        "full",
        "close",
        "latency",
        "outbound",
        "leaks",
        "soak",
    ]


def test_every_profile_names_scenarios_that_there_are() -> None:
    file = load_contract().scenarios
    for profile in file.profiles.values():
        assert set(profile.scenarios) <= set(file.scenarios)


def test_a_scenario_is_a_mix_with_weights(tmp_path: Path) -> None:
    file = load_scenario_file(written(tmp_path, FILE), KINDS)
    assert file.scenarios["reads"].requests == {"recipe-detail": 3, "recipe-list": 1}
    assert file.profiles["short"].warm_up_seconds == 3


@pytest.mark.parametrize(
    ("right", "wrong", "place"),
    [
        ("recipe-list = 1", "recipe-burn = 1", r"scenarios.reads.requests.recipe-burn.\[key\]"),
        ("recipe-list = 1", "recipe-list = 0", "scenarios.reads.requests.recipe-list"),
        ("{ recipe-detail = 3, recipe-list = 1 }", "{}", "scenarios.reads.requests"),
        ("users = 10", "users = -1", "profiles.short.users"),
        ("users = 10", 'users = "ten"', "profiles.short.users"),
        ("users = 10", "user = 10", "profiles.short.user"),
        ("warm_up_seconds = 3", "warm_up_seconds = 0", "profiles.short.warm_up_seconds"),
        ('["reads"]', "[]", "profiles.short.scenarios"),
        ('["reads"]', '["../reads"]', "profiles.short.scenarios.0"),
        ("recipe-list = 1", 'recipe-list = "1"', "scenarios.reads.requests.recipe-list"),
        ("recipe-list = 1", "recipe-list = true", "scenarios.reads.requests.recipe-list"),
        ("blocks = 1", f"blocks = {10**20}", "profiles.short.blocks"),
        ("blocks = 1", "blocks = 1.0", "profiles.short.blocks"),
        ("users = 10", "users = 1000000", "profiles.short.users"),
        ("slice_seconds = 2", "measure_seconds = 1000000", "profiles.short.measure_seconds"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_place(tmp_path: Path, right: str, wrong: str, place: str) -> None:
    assert right in FILE
    with pytest.raises(ShowdownError, match=rf"scenarios\.toml is not as it should be:(.|\n)*  {place}: "):
        load_scenario_file(written(tmp_path, FILE.replace(right, wrong)), KINDS)


def test_an_unknown_kind_of_request_gets_the_nearest_name(tmp_path: Path) -> None:
    wrong = written(tmp_path, FILE.replace("recipe-list = 1", "recipe-lists = 1"))
    with pytest.raises(ShowdownError, match=r"there is no kind of request 'recipe-lists': did you mean recipe-list\?"):
        load_scenario_file(wrong, KINDS)


def test_a_scenario_says_how_its_upstream_behaves(tmp_path: Path) -> None:
    analysis = "analysis = { latency_ms = 400, latency_sigma = 0.5 }"
    table = f"[scenarios.reads.upstream]\nprice = {{ failure_share = 0.1 }}\n{analysis}\n"
    scenario = load_scenario_file(written(tmp_path, FILE + table), KINDS).scenarios["reads"]
    assert scenario.upstream["price"].failure_share == 0.1
    assert (scenario.upstream["analysis"].latency_ms, scenario.upstream["analysis"].latency_sigma) == (400, 0.5)
    assert "facts" not in scenario.upstream


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ("price = { failure_share = 1.5 }", r"scenarios\.reads\.upstream\.price\.failure_share"),
        ("price = { latency_ms = 60001 }", r"scenarios\.reads\.upstream\.price\.latency_ms"),
        ("price = { failures = 1 }", r"scenarios\.reads\.upstream\.price\.failures"),
        ("other = {}", r"scenarios\.reads\.upstream\.other"),
    ],
)
def test_what_an_upstream_cannot_do_is_refused(tmp_path: Path, wrong: str, place: str) -> None:
    with pytest.raises(ShowdownError, match=place):
        load_scenario_file(written(tmp_path, f"{FILE}[scenarios.reads.upstream]\n{wrong}\n"), KINDS)


def test_a_scenario_calls_an_upstream_if_one_of_its_requests_does(tmp_path: Path) -> None:
    scenario = load_scenario_file(written(tmp_path, FILE), KINDS).scenarios["reads"]
    calling = replace(KINDS["recipe-list"], upstream=True)
    assert not scenario.calls_upstream(KINDS)
    assert scenario.calls_upstream({**KINDS, "recipe-list": calling})

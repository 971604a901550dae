"""The generator and the tiers that requests pass, in one line."""

import pytest
from made_up_sweeps import made_up_sweep
from showdown.measure.rates import Rate
from showdown.measure.results import Run
from showdown.report.setting import (
    commands,
    confidence_percent,
    contender_name,
    how,
    listed,
    own_versions,
    setting,
    versions,
)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "50 users of locust, through haproxy, 3 blocks of a slice each"),
        ({"haproxy": False}, "50 users of locust, the service directly, 3 blocks of a slice each"),
        (
            {"pgbouncer": "session"},
            "50 users of locust, through haproxy and pgbouncer (session), 3 blocks of a slice each",
        ),
        (
            {"until_half_width": 0.03},
            "50 users of locust, through haproxy, 3 blocks of a slice each, until all intervals are within ±3.0%",
        ),
        (
            {"rate": Rate(percent_of_capacity=70, pattern="poisson")},
            ("70% of each variant's capacity of locust, arriving by chance, through haproxy, 3 blocks of a slice each"),
        ),
        ({"generator": "oha"}, "50 users of oha, through haproxy, 3 blocks of a slice each"),
        (
            {"stack": "terraform"},
            "50 users of locust for each service host, on 1 service host, through haproxy, 3 blocks of a slice each",
        ),
        (
            {"stack": "terraform", "service_hosts": [3]},
            "50 users of locust for each service host, on 3 service hosts, through haproxy, 3 blocks of a slice each",
        ),
        (
            {"stack": "terraform", "service_hosts": [1, 2, 3]},
            (
                "50 users of locust for each service host, on 1, 2 and 3 service hosts, through haproxy, "
                "3 blocks of a slice each"
            ),
        ),
    ],
)
def test_a_runs_setting(run: Run, changes: dict[str, object], words: str) -> None:
    assert setting(run.model_copy(update=changes)) == words


def test_where_users_are_swept_the_fewest_and_the_most_are_named() -> None:
    run = made_up_sweep("users", {"a": {"1": 100.0, "64": 300.0}})
    assert setting(run).startswith("1 to 64 users of locust, ")


def test_intervals_of_a_run_that_was_stopped_by_them_are_of_more(run: Run) -> None:
    assert confidence_percent(run) == "95%"
    run.until_half_width = 0.03
    assert confidence_percent(run) == "97.5%"


@pytest.mark.parametrize(
    ("service_hosts", "names"),
    [([1], ["slow"]), ([3], ["slow, 3 hosts"]), ([1, 2], ["slow, 1 host", "slow, 2 hosts"])],
)
def test_a_contender_is_named_with_its_hosts_unless_all_had_one(
    run: Run, service_hosts: list[int], names: list[str]
) -> None:
    run.service_hosts = service_hosts
    assert [contender_name(run, "slow", hosts) for hosts in service_hosts] == names


def test_the_ceiling_has_no_hosts(run: Run) -> None:
    run.service_hosts = [1, 2]
    assert contender_name(run, "pgbench", 2) == "pgbench"


@pytest.mark.parametrize(("words", "text"), [([1], "1"), ([1, 2], "1 and 2"), (["a", "b", "c"], "a, b and c")])
def test_words_are_listed_as_people_do(words: list[object], text: str) -> None:
    assert listed(words) == text


@pytest.mark.parametrize(
    ("blocks", "laps", "words"),
    [(1, 1, "1 block of a slice each"), (1, 2, "1 block × 2 slices"), (7, 2, "7 blocks × 2 slices")],
)
def test_blocks_and_slices_are_counted(run: Run, blocks: int, laps: int, words: str) -> None:
    run.profile.blocks, run.profile.laps = blocks, laps
    assert setting(run).endswith(f", {words}")


def test_how_it_is_measured_again(run: Run) -> None:
    assert commands(run) == ["git checkout 0123456789ab", "make set-up", "showdown run --variants slow,fast"]


def test_what_no_commit_has_cannot_be_measured_again_exactly(run: Run) -> None:
    run.commit = "0123456789ab-dirty"
    assert commands(run)[0] == "git checkout 0123456789ab  # some files were not as in this commit"


def test_the_size_of_the_data_set_is_told_where_it_has_one(run: Run) -> None:
    assert "of 2 s: 2,000 recipes, all variants" in how(run)
    run.size = 0
    assert "of 2 s: all variants" in how(run)


def test_versions_are_those_of_all_and_of_each(run: Run) -> None:
    run.variant_versions = {"slow": {"django": "5.2"}, "fast": {"rust": "1.95", "tokio": "1"}}
    assert versions(run) == "python 3.11.7, postgres 15.18"
    assert own_versions(run) == ["slow: django 5.2", "fast: rust 1.95, tokio 1"]

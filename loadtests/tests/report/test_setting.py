"""The generator and the tiers that requests pass, in one line."""

import pytest
from showdown.measure.results import Run
from showdown.report.setting import contender_name, listed, setting


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "50 users of locust, through haproxy, median of 3 round(s)"),
        ({"haproxy": False}, "50 users of locust, the service directly, median of 3 round(s)"),
        (
            {"pgbouncer": "session"},
            "50 users of locust, through haproxy and pgbouncer (session), median of 3 round(s)",
        ),
        ({"generator": "oha"}, "50 users of oha, through haproxy, median of 3 round(s)"),
        (
            {"stack": "terraform"},
            "50 users of locust for each service host, on 1 service host, through haproxy, median of 3 round(s)",
        ),
        (
            {"stack": "terraform", "service_hosts": [3]},
            "50 users of locust for each service host, on 3 service hosts, through haproxy, median of 3 round(s)",
        ),
        (
            {"stack": "terraform", "service_hosts": [1, 2, 3]},
            (
                "50 users of locust for each service host, on 1, 2 and 3 service hosts, through haproxy, "
                "median of 3 round(s)"
            ),
        ),
    ],
)
def test_a_runs_setting(run: Run, changes: dict[str, object], words: str) -> None:
    assert setting(run.model_copy(update=changes)) == words


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

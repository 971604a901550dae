"""Who asked, and through what, in a line."""

import pytest
from showdown.report.setting import setting
from showdown.results import Run


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
        ({"service_hosts": [3]}, "50 users of locust, through haproxy, median of 3 round(s)"),
        ({"service_hosts": [1, 3]}, "50 users for each service host of locust, through haproxy, median of 3 round(s)"),
    ],
)
def test_a_runs_setting(run: Run, changes: dict[str, object], words: str) -> None:
    assert setting(run.model_copy(update=changes)) == words

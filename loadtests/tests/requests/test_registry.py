"""Every kind is registered under its name, and the requests of one user differ only in their path."""

import pytest
from showdown.requests.kind import Seeded
from showdown.requests.registry import KINDS


def test_the_kinds_by_name() -> None:
    assert list(KINDS) == ["healthz", "recipe-detail", "recipe-list", "note-create"]
    assert all(kind.name == name for name, kind in KINDS.items())


@pytest.mark.parametrize("name", list(KINDS))
def test_one_users_requests_differ_in_nothing_but_their_path(name: str) -> None:
    requests = KINDS[name].of_one_user(Seeded(200))
    assert len({(*sorted(each.headers.items()), each.method, each.body, each.status) for each in requests}) == 1
    assert len({each.path for each in requests}) == len(requests)

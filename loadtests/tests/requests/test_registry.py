"""Every kind is registered under its name, and the requests of one user differ only in their path."""

from random import Random

import pytest
from showdown.requests.kind import Seeded
from showdown.requests.registry import KINDS
from showdown_contract.lookup import Lookup


def test_the_kinds_by_name() -> None:
    assert list(KINDS) == [
        "healthz", "recipe-detail",
        "recipe-list", "recipe-list-1", "recipe-list-10", "recipe-list-500", "note-create", "nutrition",
    ]  # fmt: skip
    assert all(kind.name == name for name, kind in KINDS.items())


@pytest.mark.parametrize("name", list(KINDS))
def test_one_users_requests_differ_in_nothing_but_their_path(name: str) -> None:
    requests = KINDS[name].of_one_user(Seeded(200))
    assert len({(*sorted(each.headers.items()), each.method, each.body, each.status) for each in requests}) == 1
    assert len({each.path for each in requests}) == len(requests)


@pytest.mark.parametrize("lookup", ["by-id", "random"])
@pytest.mark.parametrize("name", list(KINDS))
def test_each_kind_has_a_right_answer_to_what_it_asks_and_none_to_what_others_ask(name: str, lookup: Lookup) -> None:
    random, seeded = Random(1), Seeded(200, lookup)  # noqa: S311 - load, not secrets
    for other, kind in KINDS.items():
        for request in [*kind.of_one_user(seeded)[:20], *(kind.of_any_user(random, seeded) for _ in range(50))]:
            answerer = KINDS[name].answer
            assert answerer is not None
            answer = answerer(request, seeded)
            if name != other:
                assert answer is None
            else:
                assert answer is not None
                assert answer.status == request.status
                assert request.right(answer.body)

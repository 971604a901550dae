"""Random requests are the same for the same seed, and many of each sort."""

from collections import Counter

from showdown_contract import people
from showdown_contract.random_requests import random_requests

COUNT, SIZE = 20_000, 2_000
REQUESTS = list(random_requests(1, COUNT, SIZE))


def test_the_same_seed_has_the_same_requests() -> None:
    assert list(random_requests(1, 200, SIZE)) == REQUESTS[:200]
    assert list(random_requests(2, 200, SIZE)) != REQUESTS[:200]


def test_thousands_try_to_see_what_is_anothers() -> None:
    trespassing = [each for each in REQUESTS if each.trespasses]
    assert len(trespassing) > COUNT / 5
    assert all(each.user is None or not people.may_see(each.user, each.recipe or 0) for each in trespassing)


def test_each_kind_is_asked_for_in_a_right_way_too() -> None:
    paths = Counter(
        each.path.rpartition("/")[2].rstrip("0123456789?") or "recipe"
        for each in REQUESTS
        if each.user is not None and not each.trespasses
    )
    assert all(paths[name] > 100 for name in ("recipe", "notes", "nutrition", "recipes"))


def test_all_can_be_sent() -> None:
    for each in REQUESTS:
        assert each.path.isascii()
        assert each.path.isprintable()
        assert " " not in each.path
        for value in each.headers.values():
            value.encode("latin-1")

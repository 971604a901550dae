"""Entries are selected by name."""

import pytest
from showdown.selection import find, select
from showdown_contract.errors import ShowdownError

FRUITS = {"apple": 1, "banana": 2, "cherry": 3}


def test_without_names_it_is_all() -> None:
    assert select("fruit", FRUITS, None) == FRUITS


def test_names_come_in_the_order_that_they_are_given() -> None:
    assert list(select("fruit", FRUITS, "cherry, apple,")) == ["cherry", "apple"]


def test_an_unknown_name_suggests_what_was_meant() -> None:
    message = r"there is no fruit 'banan': did you mean banana\? there are apple, banana, cherry"
    with pytest.raises(ShowdownError, match=message):
        select("fruit", FRUITS, "apple,banan")


def test_a_name_unlike_all_others_is_told_what_there_is() -> None:
    with pytest.raises(ShowdownError, match=r"there is no fruit 'xyz': there are apple, banana, cherry"):
        find("fruit", FRUITS, "xyz")


def test_an_old_name_is_told_the_new_one() -> None:
    with pytest.raises(ShowdownError, match=r"there is no fruit 'pear': it is called apple now"):
        select("fruit", FRUITS, "banana,pear", {"pear": "apple"})


@pytest.mark.parametrize("names", ["", " ", ","])
def test_naming_nothing_is_not_naming_all(names: str) -> None:
    with pytest.raises(ShowdownError, match="no fruit is named: there are apple"):
        select("fruit", FRUITS, names)

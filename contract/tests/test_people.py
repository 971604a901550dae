"""The formulas agree with each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from showdown_contract import people

users = st.integers(0, people.USERS - 1)
size = st.integers(0, 999_999)


@given(size)
def test_every_reader_may_see_the_recipe(recipe: int) -> None:
    kind, owner = people.owner_of(recipe)
    readers = people.readers(recipe)
    assert len(readers) > 0
    for reader in readers:
        assert 0 <= reader < people.USERS
        assert owner in ((reader,) if kind == "user" else people.active_teams(reader))


@given(size)
def test_an_owner_exists(recipe: int) -> None:
    kind, owner = people.owner_of(recipe)
    assert owner in range(people.USERS if kind == "user" else people.TEAMS)


@given(users, st.integers(0, 300))
def test_a_users_recipes_are_the_users_own_and_those_of_both_active_teams(user: int, count: int) -> None:
    visible = list(people.recipes_of(user, count))
    assert visible == sorted(visible)
    for recipe in range(count):
        kind, owner = people.owner_of(recipe)
        mine = owner == user if kind == "user" else owner in people.active_teams(user)
        assert (recipe in visible) == mine


@given(size.filter(lambda recipe: recipe < 300))
def test_what_a_reader_may_see_is_among_the_readers_recipes(recipe: int) -> None:
    for reader in people.readers(recipe):
        assert recipe in people.recipes_of(reader, 300)


@given(users)
def test_a_user_is_in_two_teams_and_has_left_a_third(user: int) -> None:
    assert len({*people.active_teams(user), people.left_team(user)}) == 3
    assert {*people.active_teams(user), people.left_team(user)} <= set(range(people.TEAMS))


def test_every_user_has_a_full_page_to_read_in_the_default_data_set() -> None:
    assert min(len(list(people.recipes_of(user, 2_000))) for user in range(0, people.USERS, 10)) > 100


def test_every_team_owns_as_many_recipes_as_the_others() -> None:
    owners = [people.owner_of(recipe) for recipe in range(2_000)]
    for team in range(people.TEAMS):
        assert owners.count(("team", team)) == 90


def test_one_recipe_of_ten_is_written_to_and_it_belongs_to_a_team() -> None:
    written = [recipe for recipe in range(100) if people.is_written(recipe)]
    assert len(written) == 10
    assert {people.owner_of(recipe)[0] for recipe in written} == {"team"}


@pytest.mark.parametrize(("user", "key"), [(0, "session-of-user-0000"), (999, "session-of-user-0999")])
def test_session_keys(user: int, key: str) -> None:
    assert people.session_key(user) == key

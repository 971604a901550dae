"""A DSN is read once, and means the same to all who use it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from local_stack.dsn import Dsn
from local_stack.errors import StackError

words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)


@given(user=words, password=words, database=words)
def test_any_name_and_password_survive_the_url(user: str, password: str, database: str) -> None:
    dsn = Dsn("127.0.0.1", 5433, user, password, database)
    assert Dsn.parse(dsn.url) == dsn


def test_keywords_do_too() -> None:
    assert Dsn.parse("host=db user=me dbname=empty").url == "postgresql://me@db:5432/empty"


def test_the_password_is_not_shown() -> None:
    assert "s3cret" not in repr(Dsn.parse("postgresql://me:s3cret@db/empty"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must name a host"),
        ("postgresql:///empty", "must name a host"),
        ("host=/run/postgresql user=me dbname=empty", "must name a host"),
        ("postgresql://me@db", "must name a host, a user and a database"),
        ("postgresql://me@db/empty?sslmode=require", "may not say sslmode"),
        ("nonsense", "is no Postgres URL"),
    ],
)
def test_what_no_service_could_use_is_refused(text: str, said: str) -> None:
    with pytest.raises(StackError, match=said):
        Dsn.parse(text)

"""A DSN is parsed once, and means the same to every program that uses it."""

import re
from contextlib import suppress

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from showdown_contract.errors import ShowdownError
from showdown_stack.dsn import Dsn

words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)


@given(user=words, password=words, database=words)
def test_any_name_and_password_survive_the_url(user: str, password: str, database: str) -> None:
    dsn = Dsn("127.0.0.1", 5433, user, password, database)
    assert Dsn.parse(dsn.url) == dsn


def test_keywords_do_too() -> None:
    assert Dsn.parse("host=db user=me dbname=empty").url == "postgresql://me@db:5432/empty"


def test_verification_survives_the_url() -> None:
    dsn = Dsn.parse("postgresql://me@db/empty?sslrootcert=/etc/the%20ca.crt&sslmode=verify-full")
    assert dsn.url == "postgresql://me@db:5432/empty?sslmode=verify-full&sslrootcert=/etc/the%20ca.crt"
    assert Dsn.parse(dsn.url) == dsn
    assert repr(dsn) == dsn.url


def test_what_stands_before_postgres_sees_to_its_tls() -> None:
    dsn = Dsn.parse("postgresql://me@db/empty?sslmode=verify-full&sslrootcert=/ca.crt")
    assert dsn.at("127.0.0.1", 6432).url == "postgresql://me@127.0.0.1:6432/empty"


@pytest.mark.parametrize("parameters", ["", "?sslmode=verify-full&sslrootcert=/ca.crt"])
def test_a_tunnel_changes_where_libpq_connects_and_not_what_it_verifies(parameters: str) -> None:
    url = f"postgresql://me@db:25060/empty{parameters}"
    tunnelled = psycopg.conninfo.conninfo_to_dict(Dsn.parse(url).url_by_way_of("127.0.0.1", 40001))
    assert tunnelled == psycopg.conninfo.conninfo_to_dict(url) | {"hostaddr": "127.0.0.1", "port": "40001"}


def test_the_password_is_not_shown() -> None:
    assert "s3cret" not in repr(Dsn.parse("postgresql://me:s3cret@db/empty"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must name a host"),
        ("postgresql:///empty", "must name a host"),
        ("host=/run/postgresql user=me dbname=empty", "must name a host"),
        ("postgresql://me@db", "must name a host, a user and a database"),
        ("postgresql://me@db/empty?application_name=me", "may not say application_name: not every service"),
        ("postgresql://me@db/empty?sslmode=require", "may not say sslmode=require: it does not make sure"),
        ("postgresql://me@db/empty?sslmode=verify-ca&sslrootcert=/ca.crt", "may not say sslmode=verify-ca"),
        ("postgresql://me@db/empty?sslmode=verify-full", "needs sslrootcert"),
        ("postgresql://me@db/empty?sslmode=verify-full&sslrootcert=ca.crt", "needs sslrootcert=/path"),
        ("postgresql://me@db/empty?sslrootcert=/ca.crt", "sslrootcert only with sslmode=verify-full"),
        ("postgresql://me@db/empty?hostaddr=127.0.0.1", "may not say hostaddr"),
        ("nonsense", "is no Postgres URL"),
    ],
)
def test_what_no_service_could_use_is_refused(text: str, said: str) -> None:
    with pytest.raises(ShowdownError, match=said):
        Dsn.parse(text)


def test_an_ipv6_address_survives_the_url() -> None:
    dsn = Dsn.parse("postgresql://me@[::1]:5433/empty")
    assert (dsn.host, dsn.port) == ("::1", 5433)
    assert dsn.url == "postgresql://me@[::1]:5433/empty"
    assert Dsn.parse(dsn.url) == dsn


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("postgresql://me:s3cret@db:5x/empty", "one port, a whole number from 1 to 65535"),
        ("postgresql://me:s3cret@db:0/empty", "one port"),
        ("postgresql://me:s3cret@db:99999/empty", "one port"),
        ("postgresql://me:s3cret@db:-1/empty", "one port"),
        ("postgresql://me:s3cret@db:٣/empty", "one port"),
        ("host=db port='' user=me password=s3cret dbname=empty", "one port"),
        ("postgresql://me:s3cret@db1:5432,db2:5433/empty", "one host"),
        ("postgresql://me:s3cret@db1,db2/empty", "one host"),
        ("host='a@b' user=me password=s3cret dbname=empty", "one host"),
        ("postgresql://me:s3cret@[::1/empty", "no Postgres URL"),
        ("postgresql://me:s3cret@[::1]x/empty", "no Postgres URL"),
        ("postgresql://me:s3cret%zz@db/empty", "no Postgres URL"),
        ("postgresql://me:s3cret%00@db/empty", "no Postgres URL"),
        ("postgresql://me:s3cret%ff@db/empty", ""),
        ("postgresql://me:\0s3cret@db/empty", "no Postgres URL|must name"),
        ("postgresql://me:\udce9s3cret@db/empty", "no Postgres URL"),
        ("postgresql://me:12/s3cret@db/empty", "write %40 and %2F"),
        ("postgresql://me:s3cret/x@db/empty", "write %40 and %2F"),
        ("postgresql://me:x@s3cret@db/empty", "write %40 and %2F"),
        ("postgresql://me:x?s3cret=y@db", "must name a host"),
        ("postgresql://me@db/empty?password=s3cret&s3cret", "no Postgres URL"),
        ("postgresql://me@db/empty?s3cret=1", "no Postgres URL"),
        ("postgresql://me:s3cret@db/empty?sslmode=s3cret", "may say sslmode=verify-full"),
        ("host=db user=me password=x s3cret dbname=empty", "no Postgres URL"),
        ("host=db user=me s3cret=x dbname=empty", "no Postgres URL"),
        ("host=db user=me password='s3cret dbname=empty", "no Postgres URL"),
        ("mysql://me:s3cret@db/empty", "no Postgres URL"),
    ],
)
def test_no_message_holds_the_password(text: str, said: str) -> None:
    try:
        shown = repr(Dsn.parse(text))
    except ShowdownError as error:
        shown = str(error)
        assert re.search(said, shown)
    assert "s3cret" not in shown


@given(st.text())
def test_any_text_is_a_dsn_or_refused(text: str) -> None:
    with suppress(ShowdownError):
        Dsn.parse(text)

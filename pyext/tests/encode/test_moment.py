"""Python's dates, times and timedeltas."""

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rowjson import dumps

NOON = datetime(2024, 1, 31, 12, 34, 56, tzinfo=UTC)


class Day(date):
    pass


class Moment(datetime):
    pass


class Never(datetime):
    """Like pandas.NaT: its fields are a time, but it means no time and does not equal itself."""

    def __eq__(self, _: object) -> bool:
        return False

    __hash__ = datetime.__hash__

    def isoformat(self, *_: Any, **__: Any) -> str:
        return "NaT"


class Finer(datetime):
    """Like a pandas.Timestamp with more than its fields can hold, which only its text has."""

    own = "2024-01-31T12:34:56.000000001"

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = datetime.__hash__

    def isoformat(self, *_: Any, **__: Any) -> str:
        return self.own


class Longer(timedelta):
    """Like a pandas.Timedelta of 10**15 seconds, whose fields are all zero."""

    own: Any = "P11574074074DT1H46M40S"

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = timedelta.__hash__

    def isoformat(self) -> Any:
        return self.own


class Silent(timedelta):
    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = timedelta.__hash__


class OtherDay(date):
    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = date.__hash__

    def isoformat(self) -> str:
        return "2024-02-30"


class OtherTime(time):
    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = time.__hash__

    def isoformat(self, *_: Any) -> str:
        return "12:00:00.123456789"


class Unnamed(tzinfo):
    def tzname(self, _: datetime | None, /) -> None:
        return None

    def dst(self, _: datetime | None, /) -> None:
        return None


class Odd(Unnamed):
    """A time zone that returns what it is given."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def utcoffset(self, _: datetime | None, /) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def in_zone(**offset: int) -> datetime:
    return NOON.replace(tzinfo=timezone(timedelta(**offset)))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (NOON, "2024-01-31T12:34:56Z"),
        (NOON.replace(microsecond=1), "2024-01-31T12:34:56.000001Z"),
        (NOON.replace(microsecond=120_000), "2024-01-31T12:34:56.120000Z"),
        (NOON.replace(tzinfo=None), "2024-01-31T12:34:56"),
        (datetime.min, "0001-01-01T00:00:00"),  # noqa: DTZ901 - the first one
        (datetime.max, "9999-12-31T23:59:59.999999"),  # noqa: DTZ901 - the last one
        (in_zone(hours=5, minutes=30), "2024-01-31T12:34:56+05:30"),
        (in_zone(hours=-8), "2024-01-31T12:34:56-08:00"),
        (in_zone(minutes=-30), "2024-01-31T12:34:56-00:30"),
        (in_zone(seconds=90), "2024-01-31T12:34:56+00:01:30"),
        (in_zone(seconds=-1), "2024-01-31T12:34:56-00:00:01"),
        (in_zone(hours=23, minutes=59, seconds=59), "2024-01-31T12:34:56+23:59:59"),
        (in_zone(hours=-23, minutes=-59, seconds=-59), "2024-01-31T12:34:56-23:59:59"),
        (NOON.replace(tzinfo=ZoneInfo("Europe/Berlin")), "2024-01-31T12:34:56+01:00"),
        (datetime(2024, 7, 1, tzinfo=ZoneInfo("Europe/Berlin")), "2024-07-01T00:00:00+02:00"),
        (datetime(1800, 1, 1, tzinfo=ZoneInfo("Europe/Berlin")), "1800-01-01T00:00:00+00:53:28"),
        # UTC by another name is UTC.
        (NOON.replace(tzinfo=ZoneInfo("Europe/London")), "2024-01-31T12:34:56Z"),
        (in_zone(hours=0), "2024-01-31T12:34:56Z"),
        (NOON.replace(tzinfo=Odd(timedelta(0))), "2024-01-31T12:34:56Z"),
        # The hour that occurs twice.
        (datetime(2024, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")), "2024-10-27T02:30:00+02:00"),
        (datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin")), "2024-10-27T02:30:00+01:00"),
        # A time zone that does not know its offset counts as none.
        (NOON.replace(tzinfo=Odd(None)), "2024-01-31T12:34:56"),
        (Moment(2024, 1, 31, tzinfo=UTC), "2024-01-31T00:00:00Z"),
        (date(1, 1, 1), "0001-01-01"),
        (date.max, "9999-12-31"),
        (Day(2024, 2, 29), "2024-02-29"),
        (time(0), "00:00:00"),
        (time(23, 59, 59, 999_999), "23:59:59.999999"),
        (time(12, tzinfo=UTC), "12:00:00+00:00"),
        (time(12, tzinfo=timezone(timedelta(hours=-3, minutes=-30))), "12:00:00-03:30"),
        # Its offset depends on the day, which a time does not have.
        (time(12, tzinfo=ZoneInfo("Europe/Berlin")), "12:00:00"),
        (timedelta(0), "PT0S"),
        (timedelta(days=1), "P1D"),
        (timedelta(days=-1), "P-1D"),
        (timedelta(seconds=-1), "PT-1S"),
        (timedelta(days=1, microseconds=-1), "PT23H59M59.999999S"),
        (timedelta(days=-1, microseconds=-1), "P-1DT-0.000001S"),
        (timedelta(days=2, hours=3, minutes=4, seconds=5, milliseconds=600), "P2DT3H4M5.6S"),
        (timedelta(weeks=1, minutes=1), "P7DT1M"),
        (timedelta.max, "P999999999DT23H59M59.999999S"),
        (timedelta.min, "P-999999999D"),
    ],
)
def test_moments_are_iso_8601(value: Any, expected: str) -> None:
    assert dumps(value) == f'"{expected}"'.encode()
    assert dumps([value]) == f'["{expected}"]'.encode()


@pytest.mark.parametrize("answer", [timedelta(microseconds=1), timedelta(hours=1, milliseconds=500)])
def test_an_offset_with_a_fraction_of_a_second_is_refused(answer: timedelta) -> None:
    for value in (NOON.replace(tzinfo=Odd(answer)), time(1, tzinfo=Odd(answer))):
        with pytest.raises(TypeError, match=r"^a time zone with a fraction of a second, at \$\.at$"):
            dumps({"at": value})


@pytest.mark.parametrize(
    ("answer", "error"),
    [(timedelta(days=1), ValueError), (3, TypeError), (LookupError("no such zone"), LookupError)],
)
def test_a_time_zone_that_answers_nonsense_is_an_error(answer: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        dumps([NOON.replace(tzinfo=Odd(answer))])


def test_a_time_zone_may_change_the_list_that_is_encoded() -> None:
    values: list[Any] = []

    class Clearing(Unnamed):
        def utcoffset(self, _: datetime | None, /) -> timedelta:
            values.clear()
            return timedelta(hours=1)

    values += [datetime(2024, 1, 1, tzinfo=Clearing()), "more"]
    assert dumps(values) == b'["2024-01-01T00:00:00+01:00"]'


@given(st.datetimes(timezones=st.none() | st.timezones(), allow_imaginary=True))
def test_a_datetime_reads_back_the_same(value: datetime) -> None:
    back = datetime.fromisoformat(dumps(value).decode().strip('"'))
    assert (back.replace(tzinfo=None), back.utcoffset()) == (value.replace(tzinfo=None, fold=0), value.utcoffset())


@given(st.dates())
def test_a_date_is_as_isoformat_writes_it(value: date) -> None:
    assert dumps(value) == f'"{value.isoformat()}"'.encode()


@given(st.times())
def test_a_time_is_as_isoformat_writes_it(value: time) -> None:
    assert dumps(value) == f'"{value.isoformat()}"'.encode()


@given(st.timedeltas())
def test_the_parts_of_an_interval_add_up(value: timedelta) -> None:
    days, _, rest = dumps(value).decode().strip('"').removeprefix("P").partition("T")
    total = int(days.removesuffix("D") or 0) * 86_400_000_000
    for unit, of in (("H", 3_600_000_000), ("M", 60_000_000), ("S", 1_000_000)):
        if unit in rest:
            number, rest = rest.split(unit, 1)
            whole, _, fraction = number.partition(".")
            total += (int(whole) if of > 1_000_000 else 0) * of
            if unit == "S":
                total += int(f"{whole}{fraction:0<6}")
    assert total == value // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # It equals its fields, so these are written, whatever its isoformat returns.
        (Moment(2024, 1, 31, 12, tzinfo=UTC), b'"2024-01-31T12:00:00Z"'),
        (Moment(2024, 1, 31, 12, fold=1), b'"2024-01-31T12:00:00"'),
        (Day(2024, 1, 31), b'"2024-01-31"'),
        (Never(1, 1, 1), b"null"),
        (Finer(2024, 1, 31, 12, 34, 56), b'"2024-01-31T12:34:56.000000001"'),
        (Longer(0), b'"P11574074074DT1H46M40S"'),
        (OtherDay(2024, 1, 1), b'"2024-02-30"'),
        (OtherTime(12), b'"12:00:00.123456789"'),
    ],
)
def test_a_derived_class_is_what_it_says_and_not_its_fields(value: Any, expected: bytes) -> None:
    assert dumps(value) == expected
    assert dumps({"a": [value]}) == b'{"a":[' + expected + b"]}"


@pytest.mark.parametrize("own", ["12345-01-01T00:00:00", "NaT", "2024-01-31", "31 January", ""])
def test_a_derived_class_that_says_something_else_is_refused(own: str) -> None:
    class Other(Finer):
        pass

    Other.own = own
    message = rf"^no JSON for a .*Other that is not what its fields say: {own}, at \$\[0\]$"
    with pytest.raises(TypeError, match=message):
        dumps([Other(2024, 1, 31)])


def test_utc_by_its_own_text_is_z() -> None:
    class Utc(Finer):
        own = "2024-01-31T12:34:56.000000001+00:00"

    assert dumps(Utc(2024, 1, 31, tzinfo=UTC)) == b'"2024-01-31T12:34:56.000000001Z"'


def test_an_interval_that_cannot_say_what_it_is_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^no JSON for a .*Silent that is not what its fields say, at \$$"):
        dumps(Silent(1))


def test_an_offset_that_is_not_its_fields_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^a time zone whose offset is not what its fields say"):
        dumps(NOON.replace(tzinfo=Odd(Longer(0))))

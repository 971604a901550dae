"""Latencies: to three digits, merged, and read from somebody else's text without harm."""

import base64
import zlib

import pytest
from hdrh.histogram import HdrHistogram
from showdown.generators.latencies import (
    MOST_BYTES,
    decoded,
    encoded,
    merged,
    new_histogram,
    percentile_ms,
    percentiles_ms,
    record,
)


def text_of(*milliseconds: float) -> str:
    histogram = new_histogram()
    for each in milliseconds:
        record(histogram, each)
    return encoded(histogram)


def test_what_is_written_is_read_to_three_digits() -> None:
    assert percentile_ms(decoded(text_of(12.345)), 50) == pytest.approx(12.345, rel=1e-3)


def test_several_are_one() -> None:
    assert percentile_ms(merged([text_of(1, 2), text_of(3)]), 50) == pytest.approx(2, rel=1e-3)
    assert merged([text_of(1, 2), text_of(3)]).total_count == 3


def test_an_empty_one_has_no_percentile() -> None:
    assert percentile_ms(decoded(text_of()), 50) is None


def test_many_percentiles_are_those_that_are_asked_for_one_by_one() -> None:
    histogram = decoded(text_of(*range(1, 1001)))
    asked = [0.0, 50.0, 99.0, 99.9]
    assert percentiles_ms(histogram, asked) == {each: percentile_ms(histogram, each) for each in asked}


def test_what_is_out_of_range_is_counted_at_its_end() -> None:
    histogram = decoded(text_of(0, 100_000))
    assert histogram.total_count == 2
    assert percentile_ms(histogram, 100) == pytest.approx(60_000, rel=1e-3)


def test_no_histogram_grows_beyond_the_bound() -> None:
    histogram = new_histogram()
    for microseconds in range(1, 2**16):
        histogram.record_value(microseconds * 900, 10**12)
    assert len(zlib.decompress(base64.b64decode(encoded(histogram))[8:])) < MOST_BYTES
    assert decoded(encoded(histogram)).total_count == histogram.total_count


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AAAA",
        "no base64",
        base64.b64encode(b"12345678" + zlib.compress(b"short")).decode(),
        base64.b64encode(b"12345678" + zlib.compress(bytes(10 * MOST_BYTES))).decode(),
        HdrHistogram(1, 10**12, 5).encode().decode(),
        text_of(1)[:-8],
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="this is no histogram"):
        decoded(text)

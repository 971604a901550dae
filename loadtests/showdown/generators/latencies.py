"""Latencies as an HDR histogram: µs from 1 µs to 60 s, to three significant digits; mergeable, and kept as text."""

import base64
import binascii
import zlib
from collections.abc import Iterable
from typing import Annotated

from hdrh.codec import PayloadHeader, ext_header_size, payload_header_size
from hdrh.histogram import HdrHistogram
from pydantic import AfterValidator, Field

LOWEST_US, HIGHEST_US, DIGITS = 1, 60_000_000, 3
MOST_CHARACTERS = 256 * 1024
# What all counts of such a histogram take at most, before they are compressed.
MOST_BYTES = 512 * 1024


def new_histogram() -> HdrHistogram:
    """An empty histogram."""
    return HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)


def record(histogram: HdrHistogram, milliseconds: float, times: int = 1) -> None:
    """Add a latency."""
    histogram.record_value(min(max(LOWEST_US, round(milliseconds * 1000)), HIGHEST_US), times)


def encoded(histogram: HdrHistogram) -> str:
    """As results.json keeps it: hdrh's base64 text."""
    text: bytes = histogram.encode()
    return text.decode()


def decoded(text: str) -> HdrHistogram:
    """The histogram of such a text. Raises ValueError for any other, and takes little memory to find out."""
    try:
        packed = base64.b64decode(text, validate=True)[ext_header_size:]
        unpacked = zlib.decompressobj().decompress(packed, MOST_BYTES)
        header = PayloadHeader.from_buffer_copy(unpacked)
    except (binascii.Error, zlib.error, ValueError):
        raise ValueError("this is no histogram") from None
    shape = header.lowest_trackable_value, header.highest_trackable_value, header.significant_figures
    if shape != (LOWEST_US, HIGHEST_US, DIGITS) or header.payload_len != len(unpacked) - payload_header_size:
        raise ValueError("this is no histogram of µs from 1 µs to 60 s to three digits")
    try:
        return HdrHistogram.decode(text)
    except Exception as error:  # noqa: BLE001 - hdrh has a type of error for each part of the form
        raise ValueError(f"this is no histogram: {error}") from None


def merged(texts: Iterable[str]) -> HdrHistogram:
    """The sum of several texts' histograms."""
    whole = new_histogram()
    for text in texts:
        whole.add(decoded(text))
    return whole


def percentile_ms(histogram: HdrHistogram, percentile: float) -> float | None:
    """A percentile in ms; None if nothing was counted."""
    return histogram.get_value_at_percentile(percentile) / 1000 if histogram.total_count else None


def percentiles_ms(histogram: HdrHistogram, percentiles: Iterable[float]) -> dict[float, float]:
    """Many of them, in one walk through all counts."""
    found: dict[float, int] = histogram.get_percentile_to_value_dict(list(percentiles))
    return {percentile: value / 1000 for percentile, value in found.items()}


def _is_histogram(text: str) -> str:
    decoded(text)
    return text


Histogram = Annotated[str, Field(strict=True, max_length=MOST_CHARACTERS), AfterValidator(_is_histogram)]
"""A histogram as text."""

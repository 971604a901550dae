"""Whether planted work shows where it is, as a table and in sentences."""

from collections.abc import Iterator, Sequence

from showdown.explain.explanation import LayerFound, PlantedSlope, SlopeName
from showdown.report.figures import UNKNOWN, Figure, difference, full, hundredths, whole
from showdown.report.setting import listed

HEADINGS: dict[SlopeName, str] = {
    "service_cpu_us_per_request": "service CPU",
    "postgres_cpu_us_per_request": "Postgres CPU",
    "us_per_request": "1 ÷ throughput",
}


def planted_table(found: Sequence[LayerFound]) -> tuple[list[str], list[list[str]]]:
    """Headings and lines: what each measure grows by for each µs that was planted."""
    lines = [
        [each.layer, _microseconds(each), *(_slope(each.slopes[name]) for name in HEADINGS), _most(each)]
        for each in found
    ]
    return ["layer", "planted µs/req", *(f"{heading}, µs/µs" for heading in HEADINGS.values()), "of the most"], lines


def planted_sentences(found: Sequence[LayerFound]) -> Iterator[str]:
    """What the table says."""
    known = [each for each in found if each.slopes["service_cpu_us_per_request"]]
    if not known:
        yield "One block does not tell whether planted work shows: measure with a longer --profile."
        return
    if right := [each.layer for each in known if each.is_found and _is_right(each)]:
        yield f"Found where it was planted, and as much as was planted: {listed(right)}."
    if wrong := [each for each in known if each.is_found and not _is_right(each)]:
        told = listed(f"{each.layer} ({_slope(each.slopes['service_cpu_us_per_request'])})" for each in wrong)
        yield f"Found where it was planted, but more or less than was planted: {told} for each µs."
    if missing := [each.layer for each in known if not each.is_found]:
        yield f"Nothing was found at {listed(missing)}: a request does not get there, or the work is lost in the noise."
    for name, title in HEADINGS.items():
        if name == "service_cpu_us_per_request":
            continue
        unlike = [(each, slope) for each in known if (slope := each.slopes[name]) and not slope.is_as_expected]
        if unlike:
            told = listed(
                f"{each.layer} {_slope(slope)} instead of {hundredths(slope.expected)}" for each, slope in unlike
            )
            yield f"{title} did not grow as expected: {told}."


READING = (
    "Planted is CPU time that the service's thread burns once for each request at that layer. A slope says what a "
    "measure grows by for each µs of it: 1 in the service's CPU, 0 in Postgres's; in 1 ÷ throughput as much as one "
    "core is of the cores that bound the row, and 0 where something else binds. It is the mean of the blocks' slopes."
)


def _is_right(each: LayerFound) -> bool:
    service = each.slopes["service_cpu_us_per_request"]
    return service is not None and service.is_as_expected


def _microseconds(each: LayerFound) -> str:
    return ", ".join(f"{microseconds:,}" for microseconds in each.microseconds)


def _slope(slope: PlantedSlope | None) -> str:
    return UNKNOWN if slope is None else difference(Figure(slope.value, slope.low, slope.high), hundredths)


def _most(each: LayerFound) -> str:
    """What was seen of the most that was planted: 203 [196–210] µs of 200."""
    service, most = each.slopes["service_cpu_us_per_request"], max(each.microseconds)
    if service is None:
        return UNKNOWN
    seen = full(Figure(service.value * most, service.low * most, service.high * most), whole).replace("-", "−")
    return f"{seen} of {most:,} µs"

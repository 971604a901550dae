"""The tables are derived from results."""

import pytest
from outbound.__main__ import KEPT
from outbound.report import Load, Results, Time, markdown, read

RESULTS = Results(
    times={
        "httpx/construct/default": Time(17.0, 0.5),
        "httpx/construct/unverified": Time(1.7, 0.1),
        "httpx/one-off/default": Time(20.0, 0.5),
        "httpx/kept connection/default": Time(0.5, 0.01),
    },
    versions={"httpx": "0.28.1"},
    loads={"httpx/construct/default": Load(1, 0.9), "httpx/one-off/default": Load(1, 0.75)},
    made_on="On a machine.",
    services=[
        {
            "variant": "starlette",
            "requests": "20",
            "calls": "60",
            "handshakes": "30",
            "resumed": "0",
            "bundles": "10",
            "certificates": "0",
            "stack_ca": "0",
        }
    ],
    flames=[
        {
            "variant": "starlette",
            "requests_per_second": "8.0",
            "seconds": "10.0",
            "requests": "80",
            "cpu_seconds": "4.0",
            "samples": "100",
        }
    ],
)


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_library_has_a_line_in_each_table() -> None:
    lines = [cells(line) for line in markdown(RESULTS).splitlines() if line.startswith("| httpx 0.28.1")]
    assert lines == [
        ["httpx 0.28.1", "17.0 ± 0.5", "–", "–", "–", "1.7 ± 0.1"],
        ["httpx 0.28.1", "20.0 ± 0.5", "–", "–", "–", "–"],
        ["httpx 0.28.1", "–", "–", "0.500 ± 0.010"],
        ["httpx 0.28.1", "1", "90%", "90%", "1", "75%", "–", "–", "–"],
    ]


def test_what_services_do_is_told_for_one_request() -> None:
    counted, used = [cells(line) for line in markdown(RESULTS).splitlines() if line.startswith("| starlette")]
    assert counted == ["starlette", "1.5", "0", "0.5", "0", "0"]
    assert used == ["starlette", "8", "50.0", "40%", "100"]


@pytest.mark.parametrize("digits", [Time(1.04, 0.06), Time(0.0514, 0.0006)])
def test_small_times_have_more_digits(digits: Time) -> None:
    assert str(digits) in {"1.0 ± 0.1", "0.051 ± 0.001"}


def test_every_figure_of_the_report_that_is_kept_is_derived_from_its_results() -> None:
    assert (KEPT / "report.md").read_text() == markdown(read(KEPT))

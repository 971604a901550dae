"""A document's marks are filled in from what is kept."""

import pytest
from outbound.__main__ import DOCUMENT, KEPT
from outbound.marks import cited
from outbound.report import Load, Results, Time, read
from showdown_contract.errors import ShowdownError

RESULTS = Results(
    times={"httpx/construct/default": Time(17.0, 0.5), "httpx/kept connection/default": Time(0.5, 0.01)},
    versions={"httpx": "0.28.1"},
    loads={"httpx/construct/default": Load(1, 0.92)},
    made_on="On a machine.",
    services=[],
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


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("time httpx/construct/default", "17.0 ± 0.5"),
        ("time httpx/kept connection/default", "0.500 ± 0.010"),
        ("share httpx/construct", "92%"),
        ("flame starlette", "50.0"),
    ],
)
def test_a_mark_is_filled(words: str, text: str) -> None:
    document = f"a <!-- construct {words} -->stale<!-- end --> b"
    assert cited(document, RESULTS) == f"a <!-- construct {words} -->{text}<!-- end --> b"


def test_a_table_stands_by_itself() -> None:
    filled = cited("<!-- construct table construct --><!-- end -->", RESULTS)
    assert "| httpx 0.28.1 | 17.0 ± 0.5 |" in filled
    assert filled.startswith("<!-- construct table construct -->\n\n|")
    assert filled.endswith("|\n\n<!-- end -->")


@pytest.mark.parametrize("words", ["time none/construct/default", "share none/construct", "flame none", "no such"])
def test_a_mark_that_means_nothing_is_an_error(words: str) -> None:
    with pytest.raises(ShowdownError, match=f"construct {words} --> means nothing"):
        cited(f"<!-- construct {words} -->1<!-- end -->", RESULTS)


def test_the_page_about_outbound_calls_has_the_figures_that_are_kept() -> None:
    text = DOCUMENT.read_text()
    assert text == cited(text, read(KEPT)), "type: cd loadtests/bench && ../../.venv/bin/python -m outbound report"

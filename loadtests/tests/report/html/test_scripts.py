"""The scripts in the page run because it names their hashes, and end no element of it too early."""

import base64
import hashlib

import pytest
from showdown.report.html import scripts
from showdown.report.html.scripts import Script


def test_a_hash_is_of_the_exact_text() -> None:
    digest = base64.b64encode(hashlib.sha256(b"alert('\xc2\xb5')").digest()).decode()
    assert Script("alert('µ')").allowed == f"'sha256-{digest}'"


@pytest.mark.parametrize("script", [scripts.vega(), scripts.own("page.js"), scripts.own("live.js")])
def test_no_script_ends_its_element(script: Script) -> None:
    assert "</script" not in script.source.lower()
    assert "<!--" not in script.source


def test_vega_is_there() -> None:
    assert "window.vegaEmbed" in scripts.vega().source

"""The scripts in the page run because it names their hashes, and end no element of it too early."""

import base64
import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import vl_convert
from showdown.report.html import scripts
from showdown.report.html.scripts import Script


def test_a_hash_is_of_the_exact_text() -> None:
    digest = base64.b64encode(hashlib.sha256(b"alert('\xc2\xb5')").digest()).decode()
    assert Script("alert('µ')").allowed == f"'sha256-{digest}'"


@pytest.mark.parametrize("script", [scripts.vega, partial(scripts.own, "page.js"), partial(scripts.own, "live.js")])
def test_no_script_ends_its_element(script: Callable[[], Script]) -> None:
    assert "</script" not in script().source.lower()
    assert "<!--" not in script().source


def test_vega_is_there() -> None:
    assert "window.vegaEmbed" in scripts.vega().source


@pytest.fixture
def bundled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Bundling takes no time, and each time is counted."""
    times: list[str] = []

    def bundle(snippet: str, version: str) -> str:
        times.append(version)
        return f"{snippet} µ"

    monkeypatch.setattr(vl_convert, "javascript_bundle", bundle)
    return times


def test_vega_is_bundled_once_for_all_reports(bundled: list[str], empty_state: Path) -> None:
    once, again = (scripts.vega.__wrapped__() for _ in range(2))
    assert once == again
    assert len(bundled) == 1
    assert [path.read_text() for path in empty_state.iterdir()] == [once.source]


def test_without_a_state_folder_none_is_made(
    bundled: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOWDOWN_STATE", str(tmp_path / "none"))
    assert scripts.vega.__wrapped__().source.endswith("µ")
    assert len(bundled) == 1
    assert not (tmp_path / "none").exists()


def test_a_script_that_others_could_have_written_is_not_taken(bundled: list[str], empty_state: Path) -> None:
    ours = scripts.vega.__wrapped__()
    (kept,) = empty_state.iterdir()
    kept.write_text("alert()")
    empty_state.chmod(0o777)
    assert scripts.vega.__wrapped__() == ours
    assert len(bundled) == 2
    assert kept.read_text() == "alert()"

"""What results keep does not tell where on a machine a run was."""

from pathlib import Path

import pytest
from showdown.measure.places import without_places
from showdown_contract.files import CHECKOUT


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("see {folder}/logs/axum.log: out of memory", "see logs/axum.log: out of memory"),
        ('File "{checkout}/python_service/gunicorn.conf.py"', 'File "python_service/gunicorn.conf.py"'),
        ("{home}/.cargo/bin/oha ended", "~/.cargo/bin/oha ended"),
        (
            "/usr/sbin/haproxy ended, with {folder}-2/haproxy.cfg",
            "/usr/sbin/haproxy ended, with {folder}-2/haproxy.cfg",
        ),
    ],
)
def test_paths_are_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: str) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    places = {"folder": tmp_path / "run", "checkout": CHECKOUT, "home": "/home/ada"}
    assert without_places(text.format(**places), tmp_path / "run") == told.format(**places)


def test_a_link_to_the_folder_is_the_folder(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "run")
    for name in ("run", "link"):
        assert without_places(f"see {tmp_path}/{name}/x.log", tmp_path / "link") == "see x.log"


def test_where_home_is_the_root_other_paths_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/")
    assert without_places("https://example.org/ and /usr/bin", tmp_path) == "https://example.org/ and /usr/bin"

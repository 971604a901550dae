"""A folder to check, and the command."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from clientlint.cli import main

BAD = """\
import httpx
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
async def index() -> str:
    async with httpx.AsyncClient() as client:
        return (await client.get("https://api.example.org")).text
"""


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def clientlint(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs the command in the folder."""
    del folder

    def run(*arguments: str) -> Ran:
        try:
            code = main(arguments)
        except SystemExit as ended:  # argparse's way
            code = int(str(ended.code))
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run


@pytest.fixture
def bad_file(folder: Path) -> Path:
    """A module with CL001 and CL003 at line 9."""
    path = folder / "bad.py"
    path.write_text(BAD)
    return path

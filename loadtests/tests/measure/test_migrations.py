"""A file of each earlier version is read like one of today's."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import from_json
from showdown.measure.migrations import LOST, MIGRATIONS, VERSION, migrated
from showdown.measure.results import FILE, Run, read_run, write_run
from showdown.report.summary import summarize

FILES = Path(__file__).parent / "migrations"


def migrated_run(version: int, folder: Path) -> Run:
    (folder / FILE).write_bytes((FILES / f"{version}.json").read_bytes())
    return read_run(folder)


def test_every_version_before_todays_is_migrated_or_known_to_be_lost() -> None:
    assert {*MIGRATIONS, *LOST} == {*range(1, VERSION)}
    assert Run.model_fields["schema_version"].default == VERSION
    assert {path.stem for path in FILES.iterdir()} == {str(version) for version in MIGRATIONS}


@pytest.mark.parametrize("version", MIGRATIONS)
def test_a_file_of_that_version_is_read_reported_and_written_in_todays(version: int, tmp_path: Path) -> None:
    run = migrated_run(version, tmp_path)
    assert [row.variant for row in summarize(run).rows["recipe-detail"]] == ["starlette", "starlette-2022", None]
    write_run(run, tmp_path)
    assert json.loads((tmp_path / FILE).read_bytes())["schema_version"] == VERSION
    assert read_run(tmp_path) == run


def test_of_version_3_nothing_is_lost(tmp_path: Path) -> None:
    before: dict[str, Any] = json.loads((FILES / "3.json").read_bytes())
    run = migrated_run(3, tmp_path)
    assert run.notes == before["missing"]
    assert run.size == before["recipes"]
    assert run.faults[0].reason == before["faults"][0]["reason"]
    assert [one.requests for one in run.slices] == [one["requests"] for one in before["slices"]]


def test_a_file_of_todays_version_is_left_as_it_is(run: Run) -> None:
    content = run.model_dump_json().encode()
    assert migrated(content) is content


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b"3", b"{}", b'{"schema_version": 3, "faults": 1}',
        b'{"schema_version": 3, "faults": [1]}', b'{"schema_version": -1}', b"[" * 100_000,
        b'{"schema_version": ' + b"9" * 10_000 + b"}",
    ],
)  # fmt: skip
def test_what_is_no_result_is_left_to_be_refused(content: bytes) -> None:
    assert migrated(content) == content


def test_numbers_survive() -> None:
    before: dict[str, Any] = json.loads((FILES / "3.json").read_bytes())
    after: dict[str, Any] = from_json(migrated((FILES / "3.json").read_bytes()))
    assert after["slices"] == before["slices"]

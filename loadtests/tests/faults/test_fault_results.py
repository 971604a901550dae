"""faults.json obeys its schema."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from made_up_faults import made_up_faults
from showdown.faults.fault_results import FILE, SCHEMA, Faults, json_schema, write_faults
from showdown.measure.results import Run


@pytest.fixture
def found(run: Run) -> Faults:
    return made_up_faults(run)


def test_the_committed_schema_is_that_of_the_code() -> None:
    assert json.loads(SCHEMA.read_text()) == json_schema(), "type: python -m showdown.faults.fault_results"


def test_what_is_written_obeys_it_and_is_read(found: Faults, tmp_path: Path) -> None:
    Draft202012Validator.check_schema(json_schema())
    path = write_faults(found, tmp_path)
    assert path.name == FILE
    assert list(Draft202012Validator(json_schema()).iter_errors(json.loads(path.read_text()))) == []
    assert Faults.model_validate_json(path.read_text()) == found


def test_the_schema_refuses_what_it_does_not_know(found: Faults) -> None:
    document = json.loads(found.model_dump_json())
    document["measured"][0]["faulted"]["lost_ms"] = 1
    (error,) = Draft202012Validator(json_schema()).iter_errors(document)
    assert "lost_ms" in error.message

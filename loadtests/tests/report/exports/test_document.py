"""The JSON document obeys its schema, and says of each row what it is worth."""

import json
from typing import Any

import pytest
from exported_runs import exported
from jsonschema import Draft202012Validator
from made_up_chains import made_up_chain_run
from showdown.measure.results import Fault, Run
from showdown.report.exports.document import SCHEMA, ExportedRow, as_json, document, exported_rows, json_schema
from showdown.report.summary import summarize


@pytest.fixture(scope="module")
def rows() -> dict[str, ExportedRow]:
    return {row.variant: row for row in exported_rows(exported())}


def test_the_committed_schema_is_that_of_the_code() -> None:
    assert json.loads(SCHEMA.read_text()) == json_schema(), "type: python -m showdown.report.exports.document"


def test_the_document_obeys_its_schema() -> None:
    Draft202012Validator.check_schema(json_schema())
    assert list(Draft202012Validator(json_schema()).iter_errors(json.loads(as_json(exported())))) == []


def test_each_row_says_what_it_is(rows: dict[str, ExportedRow]) -> None:
    assert {name: row.kind for name, row in rows.items()} == {
        "slow": "variant",
        "slow-twin": "twin",
        "fast": "variant",
        "faulty": "variant",
        "wrong": "variant",
        "pgbench": "ceiling",
    }
    assert [name for name, row in rows.items() if row.is_baseline] == ["slow"]


def test_a_doubtful_row_has_no_rank_and_a_refused_one_no_figures(rows: dict[str, ExportedRow]) -> None:
    assert (rows["fast"].rank_first, rows["fast"].rank_last, rows["fast"].consequence) == (1, 1, "note")
    assert (rows["faulty"].rank_first, rows["faulty"].consequence) == (None, "unranked")
    assert rows["faulty"].figures["requests_per_second"] is not None
    assert rows["wrong"].consequence == "refused"
    assert set(rows["wrong"].figures.values()) == {None}


def test_a_figure_has_its_interval(rows: dict[str, ExportedRow]) -> None:
    ratio = rows["fast"].figures["ratio"]
    assert ratio
    assert ratio.low
    assert ratio.high
    assert ratio.low < ratio.value < ratio.high


def test_of_a_chain_the_steps_are_in_it() -> None:
    said: Any = json.loads(as_json(summarize(made_up_chain_run({"one": 1000.0, "two": 2000.0}))))
    assert [step["step"]["name"] for step in said["explanation"]["scenarios"][0]["steps"]]


def test_lost_blocks_are_in_it(run: Run) -> None:
    run.faults = [Fault(variant="fast", block=1, reason="it hangs")]
    assert [fault.reason for fault in document(summarize(run)).faults] == ["it hangs"]

"""explanation.json obeys its schema."""

import json

from jsonschema import Draft202012Validator
from made_up_chains import made_up_chain_run
from showdown.explain.explanation import SCHEMA, json_schema
from showdown.explain.factors import explain
from showdown.judge.judgement import judge


def test_the_committed_schema_is_that_of_the_code() -> None:
    assert json.loads(SCHEMA.read_text()) == json_schema(), "type: python -m showdown.explain.explanation"


def test_an_explanation_obeys_the_schema() -> None:
    explanation = explain(judge(made_up_chain_run({"a": 100.0, "b": 400.0, "c": 404.0})))
    assert explanation is not None
    Draft202012Validator.check_schema(json_schema())
    document = json.loads(explanation.model_dump_json())
    assert list(Draft202012Validator(json_schema()).iter_errors(document)) == []
    assert document["schema_version"] == 1

"""explanation.json obeys its schema."""

import json

from jsonschema import Draft202012Validator
from made_up_chains import made_up_chain_run
from made_up_runs import made_up_sampled
from showdown.explain.explanation import SCHEMA, json_schema
from showdown.explain.factors import explain
from showdown.judge.judgement import judge


def test_the_committed_schema_is_that_of_the_code() -> None:
    assert json.loads(SCHEMA.read_text()) == json_schema(), "type: python -m showdown.explain.explanation"


def test_an_explanation_obeys_the_schema() -> None:
    run = made_up_chain_run({"a": 100.0, "b": 400.0, "c": 404.0})
    run.sampled = [made_up_sampled(name, {"driver": 100.0, "other": 20.0}) for name in ("a", "b")]
    explanation = explain(judge(run))
    assert explanation is not None
    Draft202012Validator.check_schema(json_schema())
    document = json.loads(explanation.model_dump_json())
    assert list(Draft202012Validator(json_schema()).iter_errors(document)) == []
    assert document["schema_version"] == 1
    first, second = document["scenarios"][0]["steps"]
    assert [each["layer"] for each in first["layers"]] == ["driver", "other"]
    assert second["layers"] == []

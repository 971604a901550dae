"""openapi.yaml describes the golden bodies."""

import json
import re
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from showdown_contract.files import CONTRACT
from showdown_contract.golden import Case, load_cases

SPECIFICATION: dict[str, Any] = yaml.safe_load((CONTRACT / "openapi.yaml").read_text())


def test_it_is_valid_openapi() -> None:
    assert SPECIFICATION["openapi"] == "3.1.0"
    validate(SPECIFICATION)


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.name)
def test_every_golden_answer_is_described(case: Case) -> None:
    operation = find_operation(case)
    if case.status == 405 or operation is None:
        # openapi.yaml does not describe the methods that a path does not have, nor unknown paths.
        described = {"$ref": "#/components/schemas/Error"}
    else:
        described = resolve(operation["responses"][str(case.status)])["content"]["application/json"]["schema"]
    body = case.expected_body.decode().replace("<id>", "1").replace("<timestamp>", "2022-01-01T00:00:00Z")
    validator = Draft202012Validator(described | {"components": SPECIFICATION["components"]})
    assert [error.message for error in validator.iter_errors(json.loads(body))] == []


@pytest.mark.parametrize("status", ["400", "401", "404", "413", "415"])
def test_every_error_that_is_described_has_a_golden_case(status: str) -> None:
    for path, operations in SPECIFICATION["paths"].items():
        for method, operation in operations.items():
            if status in operation["responses"]:
                assert any(case.status == int(status) and find_operation(case) is operation for case in load_cases()), (
                    f"{method} {path}: {status}"
                )


def find_operation(case: Case) -> dict[str, Any] | None:
    path = case.path.partition("?")[0]
    for template, operations in SPECIFICATION["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            operation: dict[str, Any] | None = operations.get(case.method.lower().replace("head", "get"))
            return operation
    return None


def resolve(response: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in response:
        return response
    *_, kind, name = response["$ref"].split("/")
    found: dict[str, Any] = SPECIFICATION["components"][kind][name]
    return found

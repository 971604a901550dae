"""SARIF 2.1.0, which code scanning of GitHub, GitLab and others reads."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from clientlint import __version__
from clientlint.finding import Finding, Unchecked
from clientlint.outputs.result import Result
from clientlint.rules import RULES, Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
INDEX = {code: number for number, code in enumerate(RULES)}


def render(result: Result) -> str:
    run = {
        "tool": {
            "driver": {"name": "clientlint", "version": __version__, "rules": [_rule(rule) for rule in RULES.values()]}
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not result.unchecked,
                "toolExecutionNotifications": [_notification(one) for one in result.unchecked],
            }
        ],
        "results": [_result(one) for one in result.findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.explanation, "markdown": rule.explanation},
        "defaultConfiguration": {"level": "warning"},
    }


def _result(found: Finding) -> dict[str, Any]:
    region = {
        "startLine": found.line,
        "startColumn": found.column,
        "endLine": found.end_line,
        "endColumn": found.end_column,
    }
    return {
        "ruleId": found.code,
        "ruleIndex": INDEX[found.code],
        "level": "warning",
        "message": {"text": found.message},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(found.path)}, "region": region}}],
    }


def _notification(one: Unchecked) -> dict[str, Any]:
    place = {"physicalLocation": {"artifactLocation": {"uri": _uri(one.path)}}}
    return {"level": "error", "message": {"text": f"not checked: {one.message}"}, "locations": [place]}


def _uri(path: Path) -> str:
    if path.is_absolute():
        return path.as_uri()
    return quote(path.as_posix().encode(errors="surrogateescape"))

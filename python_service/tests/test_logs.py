"""Each line of the log is one JSON object."""

import json
import logging
import sys

import pytest
from python_service.logs import JsonFormatter

from tests.served import RECIPE, serve


def line(**record: object) -> dict[str, object]:
    usual = {"levelname": "ERROR", "msg": "a %s", "args": ("line\nof two",), "created": 0}
    text = JsonFormatter().format(logging.makeLogRecord(usual | record))
    assert "\n" not in text
    parsed: dict[str, object] = json.loads(text)
    return parsed


def test_a_line_has_time_level_and_message() -> None:
    assert line() == {"time": "1970-01-01T00:00:00.000+00:00", "level": "error", "message": "a line\nof two"}


def test_extra_fields_are_fields_whatever_they_hold() -> None:
    assert line(port=8000, cause=OSError("gone")).items() >= {"port": 8000, "cause": "gone"}.items()


def test_an_exception_has_its_traceback() -> None:
    try:
        int("x")
    except ValueError:
        exception = str(line(exc_info=sys.exc_info())["exception"])
    assert exception.startswith("Traceback")
    assert exception.endswith("invalid literal for int() with base 10: 'x'")


@pytest.mark.parametrize("app", ["starlette", "starlette-stock", "django"])
@pytest.mark.parametrize("wanted", [True, False])
def test_with_an_access_log_each_request_is_a_line(app: str, wanted: bool, database_url: str) -> None:
    with serve(app, database_url, ACCESS_LOG=str(wanted).lower()) as service:
        service.ask()
        # A line is written after its answer was sent.
        service.stop()
        lines = [line["message"] for line in service.lines() if RECIPE in line["message"]]
    assert len(lines) == wanted
    assert all(f'"GET {RECIPE} HTTP/1.1" 200' in line for line in lines)

"""Checks that a JSON document has a given part, whatever else it has."""

import json
import re
from typing import Any

# Placeholders for values that cannot be known, in a string of a subset and in a golden body, and their forms.
PLACEHOLDERS = {
    "<id>": r"[1-9][0-9]{0,18}",
    # A fraction has six digits, and is left out if all are zero.
    "<timestamp>": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.(?!000000)[0-9]{6})?Z",
}

# One of what each stands for.
EXAMPLES: dict[str, Any] = {"<id>": 1, "<timestamp>": "2026-01-01T00:00:00Z"}

_FORMS = {name: re.compile(form) for name, form in PLACEHOLDERS.items()}


def subset_difference(body: bytes, subset: Any) -> str | None:
    """Which part of a subset is not in a body, in words; None if all of it is."""
    try:
        document = json.loads(body)
    except ValueError:
        return f"body is not JSON: {body[:200]!r}"
    return _difference(document, subset, "body")


def _difference(actual: Any, subset: Any, place: str) -> str | None:
    """Compare the named members of objects, each element of arrays, and value and type of anything else."""
    match subset:
        case dict() if isinstance(actual, dict):
            if missing := [name for name in subset if name not in actual]:
                return f"{place} has no {missing[0]!r}"
            pairs = [(actual[name], wanted, f"{place}.{name}") for name, wanted in subset.items()]
        case list() if isinstance(actual, list):
            if len(actual) != len(subset):
                return f"{place} has {len(actual)} elements, expected {len(subset)}"
            pairs = [
                (each, wanted, f"{place}[{n}]") for n, (each, wanted) in enumerate(zip(actual, subset, strict=True))
            ]
        case str() if subset in _FORMS:
            right = not isinstance(actual, bool) and isinstance(actual, int | str)
            return None if right and _FORMS[subset].fullmatch(str(actual)) else _told(actual, subset, place)
        case _:
            return None if type(actual) is type(subset) and actual == subset else _told(actual, subset, place)
    return next((found for each in pairs if (found := _difference(*each))), None)


def _told(actual: Any, subset: Any, place: str) -> str:
    return (
        f"{place} is {json.dumps(actual, ensure_ascii=False)[:200]}, expected {json.dumps(subset, ensure_ascii=False)}"
    )

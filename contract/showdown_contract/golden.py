"""The golden cases: a request, and the exact answer."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from showdown_contract.files import GOLDEN, golden_body

# Standard libraries write these two characters as they are or escaped, and some cannot be told which.
_ESCAPED_SEPARATOR = re.compile(rb"(?<!\\)((?:\\\\)*)\\u202([89])")
_PLACEHOLDERS = {b"<id>": rb"[1-9][0-9]{0,18}", b"<timestamp>": rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?Z"}


@dataclass(frozen=True)
class Case:
    """One request and what must come back. cases.toml explains the fields."""

    name: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None
    status: int
    expected_body: bytes
    placeholders: bool
    expected_headers: Mapping[str, str] = field(default_factory=dict)
    accepts: Callable[[bytes], bool] | None = None
    """Whether a body is right, where more than one is: `expected_body` is then no more than an example."""
    others: tuple["Case", ...] = ()
    """The same request with another answer that is as right."""

    def difference(self, status: int, headers: Mapping[str, str], body: bytes) -> str | None:
        """What is wrong with an answer (header names in lower case), for people; None where nothing is."""
        fault = self._difference(status, headers, body)
        if fault and any(other.difference(status, headers, body) is None for other in self.others):
            return None
        return fault

    def _difference(self, status: int, headers: Mapping[str, str], body: bytes) -> str | None:
        if status != self.status:
            return f"status {status}, expected {self.status}: {body[:200]!r}"
        for name, value in self.expected_headers.items():
            if headers.get(name) != value:
                return f"header {name}: {headers.get(name)!r}, expected {value!r}"
        return None if self._body_matches(body) else byte_difference(body, self.expected_body)

    def _body_matches(self, body: bytes) -> bool:
        if self.accepts is not None:
            return self.accepts(body)
        body = _with_raw_separators(body)
        if not self.placeholders:
            return body == self.expected_body
        pattern = re.escape(self.expected_body)
        for placeholder, form in _PLACEHOLDERS.items():
            pattern = pattern.replace(re.escape(placeholder), form)
        return re.fullmatch(pattern, body) is not None


def _with_raw_separators(body: bytes) -> bytes:
    """With U+2028 and U+2029 as they are, where they were escaped."""
    return _ESCAPED_SEPARATOR.sub(lambda found: found[1] + chr(0x2020 + int(found[2])).encode(), body)


def byte_difference(actual: bytes, expected: bytes) -> str:
    """Where two bodies part, with what stands around that place in both."""
    offset = next(
        (i for i, (a, b) in enumerate(zip(actual, expected, strict=False)) if a != b), min(len(actual), len(expected))
    )
    start = max(0, offset - 30)
    return (
        f"body differs from byte {offset} ({len(actual)} bytes, expected {len(expected)}):\n"
        f"  expected …{expected[start : offset + 50]!r}\n"
        f"  actual   …{actual[start : offset + 50]!r}"
    )


def load_cases() -> list[Case]:
    """All cases of cases.toml, in order."""
    table = tomllib.loads((GOLDEN / "cases.toml").read_text())
    return [_case(entry) for entry in table["case"]]


def _case(entry: dict[str, Any]) -> Case:
    body = _body(entry)
    headers: dict[str, str] = {}
    if "session" in entry:
        headers["cookie"] = f"sessionid={entry['session']}"
    if body is not None:
        headers["content-type"] = "application/json"
    return Case(
        name=entry["name"],
        method=entry.get("method", "GET"),
        path=entry["path"],
        headers=headers | entry.get("headers", {}),
        body=body,
        status=entry.get("status", 200),
        expected_body=golden_body(entry["expect"]),
        placeholders=entry.get("placeholders", False),
        expected_headers={"content-type": "application/json"} | entry.get("expect_headers", {}),
        others=tuple(_case({**entry, **other, "or": []}) for other in entry.get("or", [])),
    )


def _body(entry: dict[str, Any]) -> bytes | None:
    if "body_hex" in entry:
        return bytes.fromhex(entry["body_hex"])
    if "body" not in entry:
        return None
    return str(entry["body"]).encode().ljust(entry.get("pad_to", 0))

"""The golden cases: each is a request and its exact answer."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from showdown_contract.files import GOLDEN, golden_body
from showdown_contract.subset import PLACEHOLDERS, subset_difference

# Some standard libraries write these two characters escaped, some do not, and some let nobody choose.
_ESCAPED_SEPARATOR = re.compile(rb"(?<!\\)((?:\\\\)*)\\u202([89])")
_PATTERNS = {name.encode(): re.compile(form.encode()) for name, form in PLACEHOLDERS.items()}
_PARTS = re.compile(b"(%b)" % b"|".join(map(re.escape, _PATTERNS)))


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
    upstream: bool = False
    """Whether the service has to call an upstream for it."""
    expected_headers: Mapping[str, str] = field(default_factory=dict)
    subset: Any = None
    """The part of a JSON document that must be there. Where it is given, it counts instead of `expected_body`."""
    accepts: Callable[[bytes], bool] | None = None
    """Whether a body is right, for cases with several right bodies: `expected_body` is then only an example."""
    others: tuple["Case", ...] = ()
    """The same request, with other answers that are also right."""

    def difference(self, status: int, headers: Mapping[str, str], body: bytes) -> str | None:
        """What is wrong with an answer (header names in lower case), in words; None if it is right."""
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
        return self.body_difference(body)

    def body_difference(self, body: bytes) -> str | None:
        """What is wrong with a body, in words; None if it is right."""
        if self.method == "HEAD":
            return f"a body in the answer to HEAD: {body[:200]!r}" if body else None
        if self.accepts is not None and self.accepts(body):
            return None
        if self.subset is not None:
            return subset_difference(body, self.subset)
        body = _with_raw_separators(body)
        if self.accepts is None and first_difference(body, self.expected_body, placeholders=self.placeholders) is None:
            return None
        return byte_difference(body, self.expected_body, placeholders=self.placeholders)


def _with_raw_separators(body: bytes) -> bytes:
    """The body, in which U+2028 and U+2029 are not escaped."""
    return _ESCAPED_SEPARATOR.sub(lambda found: found[1] + chr(0x2020 + int(found[2])).encode(), body)


def first_difference(actual: bytes, expected: bytes, *, placeholders: bool) -> tuple[int, int] | None:
    """Where two bodies begin to differ, as an offset in each; None if they are equal."""
    at = expected_at = 0
    for part in _PARTS.split(expected) if placeholders else [expected]:
        if placeholders and part in _PATTERNS:
            found = _PATTERNS[part].match(actual, at)
            if found is None:
                return at, expected_at
            at = found.end()
        else:
            stands = actual[at : at + len(part)]
            if stands != part:
                same = next((i for i, (a, b) in enumerate(zip(stands, part, strict=False)) if a != b), len(stands))
                return at + same, expected_at + same
            at += len(part)
        expected_at += len(part)
    return None if at == len(actual) else (at, expected_at)


def byte_difference(actual: bytes, expected: bytes, *, placeholders: bool = False) -> str:
    """Where two bodies begin to differ, with the bytes around that place in both."""
    offset, expected_offset = first_difference(actual, expected, placeholders=placeholders) or (
        len(actual),
        len(expected),
    )
    around = slice(max(0, offset - 30), offset + 50)
    expected_around = slice(max(0, expected_offset - 30), expected_offset + 50)
    size = "" if placeholders else f", expected {len(expected)}"
    return (
        f"body differs from byte {offset} ({len(actual)} bytes{size}):\n"
        f"  expected …{expected[expected_around]!r}\n"
        f"  actual   …{actual[around]!r}"
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
        upstream=entry.get("upstream", False),
        expected_headers={"content-type": "application/json"} | entry.get("expect_headers", {}),
        others=tuple(_case({**entry, **other, "or": []}) for other in entry.get("or", [])),
    )


def _body(entry: dict[str, Any]) -> bytes | None:
    if "body_hex" in entry:
        return bytes.fromhex(entry["body_hex"])
    if "body" not in entry:
        return None
    return str(entry["body"]).encode().ljust(entry.get("pad_to", 0))

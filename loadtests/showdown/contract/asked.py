"""Requests that are data: golden cases, and kinds of request, as TOML says them."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from showdown_contract.errors import ShowdownError
from showdown_contract.golden import Case
from showdown_contract.subset import EXAMPLES

from showdown.files import read_bounded
from showdown.requests.kind import MOST_PATHS, Answer, Kind, Request, Seeded, Statement
from showdown.requests.scenarios import MOST_ANSWER_BYTES
from showdown.toml_files import read_toml
from showdown.types import Line, Name

MOST_CASES, MOST_HEADERS, MOST_BODY = 10_000, 100, 2**20

Path_ = Annotated[str, StringConstraints(strict=True, pattern=r"^/[!-~]*$", max_length=8_000)]
Method = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{1,20}$")]
HeaderName = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", max_length=200)]
HeaderValue = Annotated[str, StringConstraints(strict=True, pattern=r"^[\t -~]*$", max_length=8_000)]
Status = Annotated[int, Field(strict=True, ge=200, le=599)]


class Asked(BaseModel):
    """A request and its right answer: a body of a file, to the last byte, or a part of a JSON document."""

    model_config = ConfigDict(extra="forbid")

    method: Method = "GET"
    path: Path_
    headers: Annotated[dict[HeaderName, HeaderValue], Field(max_length=MOST_HEADERS)] = {}
    body: Annotated[str, StringConstraints(strict=True, max_length=MOST_BODY)] | None = None
    status: Status = 200
    expect: Annotated[str, StringConstraints(strict=True, min_length=1)] | None = None
    """The file of the exact body, in the contract's folder."""
    placeholders: Annotated[bool, Field(strict=True)] = False
    """Whether <id> and <timestamp> in that file stand for any."""
    expect_json: Any = None
    """What must be in the body, where other members may be, too; <id> and <timestamp> stand for any.

    The answer to HEAD has no body: either says what GET's has.
    """
    expect_headers: Annotated[dict[HeaderName, HeaderValue], Field(max_length=MOST_HEADERS)] = {}
    upstream: Annotated[bool, Field(strict=True)] = False
    """Whether the service has to call an upstream for it."""

    @model_validator(mode="after")
    def _says_one_answer(self) -> Self:
        if (self.expect is None) == (self.expect_json is None):
            raise ValueError("say either expect, a file, or expect_json")
        return self

    def case(self, name: str, folder: Path) -> Case:
        """As a golden case. Raises ShowdownError where there is no such file."""
        content_type = {} if self.body is None else {"Content-Type": "application/json"}
        return Case(
            name=name,
            method=self.method,
            path=self.path,
            headers=content_type | self.headers,
            body=None if self.body is None else self.body.encode(),
            status=self.status,
            expected_body=b"" if self.expect is None else _body(folder / self.expect, name),
            placeholders=self.placeholders,
            upstream=self.upstream,
            expected_headers={key.lower(): value for key, value in self.expect_headers.items()},
            subset=self.expect_json,
        )


class AskedCase(Asked):
    """A golden case."""

    name: Line


class CaseFile(BaseModel):
    """The golden cases of a contract."""

    model_config = ConfigDict(extra="forbid")

    case: Annotated[list[AskedCase], Field(min_length=1, max_length=MOST_CASES)]


class AskedKind(Asked):
    """A kind of request."""

    numbers: Annotated[list[Annotated[int, Field(strict=True, ge=0)]], Field(min_length=2, max_length=2)] | None = None
    """The range of numbers that replace <n> in `path`. The same number replaces "<n>" in `expect_json`."""
    ceiling: Annotated[str, StringConstraints(strict=True, min_length=1)] | None = None
    """A script of pgbench's, in the contract's folder, that does the same."""

    @model_validator(mode="after")
    def _numbers_are_of_use(self) -> Self:
        if (self.numbers is None) != ("<n>" not in self.path):
            raise ValueError("<n> in path goes with numbers = [first, last]")
        if self.numbers and self.numbers[0] > self.numbers[1]:
            raise ValueError("numbers are the first and the last")
        return self

    def kind(self, name: str, folder: Path) -> Kind:
        """As a kind of request. Raises ShowdownError where a file is not there."""
        first, last = self.numbers or (0, 0)
        case = self.case(name, folder)
        script = None if self.ceiling is None else _body(folder / self.ceiling, name).decode()
        return Kind(
            name,
            lambda chance, _seeded: _request(case, chance.randint(first, last) if self.numbers else None),
            lambda _seeded: [
                _request(case, number if self.numbers else None) for number in _some_of(range(first, last + 1))
            ],
            None if script is None else Statement(lambda _size: script, {}),
            _answers(case, self.numbers),
            upstream=self.upstream,
        )


def load_cases(path: Path, folder: Path) -> list[Case]:
    """A file of golden cases. Raises ShowdownError."""
    return [each.case(each.name, folder) for each in read_toml(path, CaseFile).case]


def kinds(asked: Mapping[Name, AskedKind], folder: Path) -> dict[str, Kind]:
    return {name: each.kind(name, folder) for name, each in asked.items()}


def _some_of(numbers: range) -> range:
    """At most MOST_PATHS, evenly."""
    return numbers[:: -(-len(numbers) // MOST_PATHS)]


def _request(case: Case, number: int | None) -> Request:
    if number is not None:
        path, subset = case.path.replace("<n>", str(number)), _filled(case.subset, {"<n>": number})
        case = replace(case, path=path, subset=subset)

    def right(body: bytes) -> bool:
        return case.body_difference(body) is None

    return Request(case.path, right, case.headers, case.method, case.body, case.status)


def _answers(case: Case, numbers: list[int] | None) -> Callable[[Request, Seeded], Answer | None]:
    """What answers requests of such a kind."""
    path = re.compile(r"(\d+)".join(map(re.escape, case.path.split("<n>"))))

    def answer(request: Request, _: Seeded) -> Answer | None:
        found = path.fullmatch(request.path)
        if found is None or request.method != case.method:
            return None
        return Answer(case.status, _example(case, int(found[1]) if numbers else None))

    return answer


def _example(case: Case, number: int | None) -> bytes:
    """A right body."""
    if case.subset is not None:
        return json.dumps(_filled(case.subset, EXAMPLES | {"<n>": number})).encode()
    body = case.expected_body
    for name, example in EXAMPLES.items() if case.placeholders else ():
        body = body.replace(name.encode(), str(example).encode())
    return body


def _filled(subset: Any, values: Mapping[str, Any]) -> Any:
    """With values in place of the strings that stand for them."""
    match subset:
        case str():
            return values.get(subset, subset)
        case dict():
            return {name: _filled(each, values) for name, each in subset.items()}
        case list():
            return [_filled(each, values) for each in subset]
        case _:
            return subset


def _body(path: Path, name: str) -> bytes:
    try:
        return read_bounded(path, MOST_ANSWER_BYTES)
    except OSError as error:
        raise ShowdownError(f"{name}: {path}: {error.strerror}") from None

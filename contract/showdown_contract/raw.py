"""Raw requests: bytes that are sent, and what may come back. raw/parts.toml explains the fields."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import psycopg

from showdown_contract.files import CONTRACT, GOLDEN
from showdown_contract.lookup import Lookup, right_body

RAW = CONTRACT / "raw"
CLOSED = "closed"
FIRST_ERROR = 400
# The statuses that an HTTP server may answer by itself, with an empty body.
SERVERS_OWN = frozenset({400, 405, 408, 411, 413, 414, 415, 417, 426, 431, 501, 505})
FIELDS = frozenset({"name", "send", "expect", "haproxy", "head", "body", "unstored"})
PIECES = ({"part"}, {"repeat", "times"}, {"pause"}, {"drip", "every", "times"}, {"shut"})
# haproxy's own page, for a request that its parser refuses. Before 3.2 it ignores what is configured for these.
PROXYS_PAGE = re.compile(rb"<html><body><h1>(400|408|422|501) [\w -]+</h1>\n[\w ,.']+\n</body></html>\n*")


@dataclass(frozen=True)
class Send:
    """Bytes that are sent at once."""

    data: bytes


@dataclass(frozen=True)
class Pause:
    """A time, in seconds, in which nothing is sent."""

    seconds: float


@dataclass(frozen=True)
class Shut:
    """The end of sending: the connection is closed in that direction."""


_ASKS_FOR_A_RECIPE = re.compile(rb"(GET|HEAD) /api/v1/recipes/[0-9]+ ")

Step: TypeAlias = Send | Pause | Shut


@dataclass(frozen=True)
class RawCase:
    """What is sent, and the answers that may come back: for each, the statuses (or CLOSED) that are right."""

    name: str
    steps: Sequence[Step]
    direct: Sequence[frozenset[str]]
    haproxy: Sequence[frozenset[str]]
    head: bool
    accepts: Callable[[bytes], bool] | None
    unstored: str | None

    @property
    def seconds(self) -> float:
        """How long sending takes."""
        return sum(step.seconds for step in self.steps if isinstance(step, Pause))

    @property
    def slow(self) -> bool:
        """Whether the case waits for a deadline of the server."""
        return any("408" in answer for answer in (*self.direct, *self.haproxy))


@dataclass(frozen=True)
class RawAnswer:
    """One answer that came back."""

    status: int
    content_type: str | None
    body: bytes


def load_raw_cases(lookup: Lookup = "by-id") -> list[RawCase]:
    """All cases of raw/, by file name and then in the order of each file."""
    parts: Mapping[str, str] = tomllib.loads((RAW / "parts.toml").read_text())["part"]
    return [
        raw_case(path.stem, entry, parts, lookup)
        for path in files()
        for entry in tomllib.loads(path.read_text())["case"]
    ]


def files() -> list[Path]:
    return sorted(path for path in RAW.glob("*.toml") if path.stem != "parts")


def stored_notes(owner_dsn: str) -> set[str]:
    """The texts of the notes that clients have made since the seed."""
    with psycopg.connect(owner_dsn) as connection:
        rows = connection.execute("SELECT text FROM notes WHERE id > (SELECT last_note_id FROM seed)")
        return {str(text) for (text,) in rows}


def form_fault(case: RawCase, answer: RawAnswer, *, through_haproxy: bool) -> str | None:
    """What is wrong with the form of an answer, in words; None if it is right."""
    if case.head or (answer.status < FIRST_ERROR and (case.accepts is None or case.accepts(answer.body))):
        # Bytes after the head of an answer to HEAD cannot be parsed as an answer, so the caller reports them.
        return None
    if answer.status < FIRST_ERROR:
        return f"another body than expected: {answer.body[:100]!r}"
    own = not answer.body and answer.status in SERVERS_OWN
    page = through_haproxy and PROXYS_PAGE.fullmatch(answer.body)
    if own or page or (answer.content_type == "application/json" and _is_error(answer.body)):
        return None
    return f"status {answer.status}, not in the contract's form: {answer.content_type} {answer.body[:100]!r}"


def is_proxys_page(case: RawCase, rest: bytes) -> bool:
    """Whether bytes after the answer to a HEAD are haproxy's own page, which its parser sends to any method."""
    return case.head and PROXYS_PAGE.fullmatch(rest) is not None


def _is_error(body: bytes) -> bool:
    try:
        error = json.loads(body)["error"]
        return set(error) == {"code", "message"} and error["code"] in CODES and isinstance(error["message"], str)
    except (ValueError, TypeError, KeyError):
        return False


def _codes() -> Iterator[str]:
    """The codes of an Error: each has a golden body."""
    for path in (GOLDEN / "bodies").iterdir():
        match json.loads(path.read_bytes().replace(b"<id>", b"0")):
            case {"error": {"code": str(code)}}:
                yield code


CODES = frozenset(_codes())


def raw_case(file: str, entry: Mapping[str, Any], parts: Mapping[str, str], lookup: Lookup) -> RawCase:
    """A case as its entry says. Raises ValueError for what no case has."""
    if unknown := entry.keys() - FIELDS:
        raise ValueError(f"{file}: {entry.get('name')}: no case has the field {', '.join(sorted(unknown))}")
    pieces = [entry["send"]] if isinstance(entry["send"], str) else entry["send"]
    if others := [piece for piece in pieces if not isinstance(piece, str) and piece.keys() not in PIECES]:
        raise ValueError(f"{file}: {entry.get('name')}: unknown piece: {others[0]}")
    steps = list(_steps(pieces, parts))
    any_recipe = (
        lookup == "random" and isinstance(steps[0], Send) and _ASKS_FOR_A_RECIPE.match(steps[0].data) is not None
    )
    expect = _answers(entry["expect"], any_recipe=any_recipe)
    return RawCase(
        name=f"{file}: {entry['name']}",
        steps=steps,
        direct=expect,
        haproxy=_answers(entry["haproxy"], any_recipe=any_recipe) if "haproxy" in entry else expect,
        head=entry.get("head", False),
        accepts=right_body(entry["body"], lookup) if "body" in entry else None,
        unstored=entry.get("unstored"),
    )


def _answers(expected: str | Sequence[str], *, any_recipe: bool) -> list[frozenset[str]]:
    answers = [frozenset(each.split("|")) for each in ([expected] if isinstance(expected, str) else expected)]
    # Where any recipe is right, none is missing.
    return [frozenset({"200"}) if any_recipe and answer == {"404"} else answer for answer in answers]


def _steps(pieces: Sequence[str | Mapping[str, Any]], parts: Mapping[str, str]) -> Iterator[Step]:
    """The steps that send these pieces. Adjacent texts are sent together."""
    together = bytearray()
    for piece in pieces:
        match piece:
            case str():
                together += piece.encode("latin-1")
            case {"part": name}:
                together += parts[name].encode("latin-1")
            case {"repeat": text, "times": times}:
                together += text.encode("latin-1") * times
            case {"pause": seconds}:
                yield Send(bytes(together))
                together.clear()
                yield Pause(float(seconds))
            case {"drip": text, "every": seconds, "times": times}:
                yield Send(bytes(together))
                together.clear()
                for _ in range(times):
                    yield Pause(float(seconds))
                    yield Send(text.encode("latin-1"))
            case {"shut": True}:
                yield Send(bytes(together))
                together.clear()
                yield Shut()
            case _:
                raise ValueError(f"unknown piece: {piece}")
    if together:
        yield Send(bytes(together))

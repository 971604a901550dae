"""What a run of clientlint has to report, and the interface of a format."""

from dataclasses import dataclass
from typing import Protocol

from clientlint.finding import Finding, Unchecked


@dataclass(frozen=True)
class Result:
    findings: list[Finding]
    unchecked: list[Unchecked]
    files: int
    lines: int
    fixed: int = 0


class Format(Protocol):
    def __call__(self, result: Result, /) -> str: ...

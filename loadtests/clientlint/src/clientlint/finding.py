"""A finding: a problem with its place in a file."""

from dataclasses import dataclass, field
from pathlib import Path

from clientlint.problem import Fix, Problem
from clientlint.source import Source


@dataclass(frozen=True, order=True)
class Finding:
    """Lines and columns count from 1, columns in characters."""

    path: Path
    line: int
    column: int
    code: str
    message: str
    end_line: int
    end_column: int
    fix: Fix | None = field(default=None, compare=False)


@dataclass(frozen=True, order=True)
class Unchecked:
    """A file that could not be checked, and why."""

    path: Path
    message: str


def finding(source: Source, problem: Problem) -> Finding:
    node = problem.node
    end_line = node.end_lineno or node.lineno
    return Finding(
        path=source.path,
        line=node.lineno,
        column=source.column(node.lineno, node.col_offset),
        code=problem.code,
        message=problem.message,
        end_line=end_line,
        end_column=source.column(end_line, node.end_col_offset or node.col_offset),
        fix=problem.fix,
    )

"""Markdown that a program writes: tables, and a part of a file between two markers."""

from collections.abc import Sequence

from showdown_contract.errors import ShowdownError


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose source lines up too: the first column to the left, figures to the right."""
    cells = [heading, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heading))]
    lines = [" | ".join(_aligned(row, widths)) for row in cells]
    rule = "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])])
    return "\n".join([f"| {lines[0]} |", f"|{rule}|", *(f"| {line} |" for line in lines[1:])])


def spliced(document: str, begin: str, end: str, part: str, path: object) -> str:
    """The document with `part` between its lines `begin` and `end`.

    Raises ShowdownError, which names the `path`, where it has no such lines.
    """
    before, found_begin, rest = document.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise ShowdownError(f"{path} has no lines {begin} and {end}: add them where the tables belong")
    return f"{before}{begin}\n{part}\n{end}{after}"


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [cells[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True))]

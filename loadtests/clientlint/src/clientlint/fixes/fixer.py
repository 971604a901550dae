"""Changes a file, one finding after the other, and keeps a change only if it solves a problem and makes no other."""

import os
import tempfile
from pathlib import Path

import libcst as cst

from clientlint.errors import SourceError
from clientlint.finding import Finding
from clientlint.fixes.changes import changed
from clientlint.linter import Checked, Linter
from clientlint.source import Source, encoding_of, read_bytes

# For one file. Each change parses the file anew.
MOST_CHANGES = 200


def fix_file(checked: Checked, linter: Linter) -> tuple[Checked, int]:
    """The file's findings after the changes, and how many changes were made. Raises SourceError if it is read-only."""
    if checked.source is None or not any(found.fix for found in checked.findings):
        return checked, 0
    data = read_bytes(checked.path)
    ends = {end for end in (b"\r\n", b"\n", b"\r") if end in data.replace(b"\r\n", b"" if end != b"\r\n" else b"\r\n")}
    if len(ends) != 1:
        return checked, 0  # a text with line ends of several kinds could not be written back as it was
    source, findings, changes = _fixed(checked.source, checked.findings, linter)
    if changes:
        text = source.text.replace("\n", ends.pop().decode())
        try:
            _replace(checked.path, text.encode(encoding_of(data)))
        except OSError as error:
            raise SourceError(f"cannot be changed: {error.strerror or error}") from error
    return Checked(checked.path, checked.lines, findings, source), changes


def _fixed(source: Source, findings: list[Finding], linter: Linter) -> tuple[Source, list[Finding], int]:
    changes = 0
    skipped: set[Finding] = set()
    while changes < MOST_CHANGES:
        found = next((one for one in findings if one.fix and one not in skipped), None)
        if found is None:
            break
        after = _without(source, found, len(findings), linter)
        if after is None:
            skipped.add(found)
        else:
            source, findings = after
            skipped.clear()
            changes += 1
    return source, findings, changes


def _without(source: Source, found: Finding, before: int, linter: Linter) -> tuple[Source, list[Finding]] | None:
    try:
        text = changed(source.text, found)
        if text is None or text == source.text:
            return None
        after = Source(source.path, text)
        findings = linter.findings(after)
    except (SourceError, cst.ParserSyntaxError, RecursionError):
        return None
    return (after, findings) if len(findings) < before else None


def _replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, in place of the one that a link leads to, with its permissions."""
    real = path.resolve()
    handle, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(real.stat().st_mode)
        Path(name).replace(real)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

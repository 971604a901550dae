"""For a terminal: one line for each finding, and a sum."""

from clientlint.outputs.result import Result


def render(result: Result) -> str:
    lines = [f"{one.path}:{one.line}:{one.column}: {one.code} {one.message}" for one in result.findings]
    lines += [f"{one.path}: not checked: {one.message}" for one in result.unchecked]
    return "".join(f"{_printable(line)}\n" for line in [*lines, _sum(result)])


def _sum(result: Result) -> str:
    parts = [_count(len(result.findings), "finding")]
    if result.fixed:
        parts.append(f"{result.fixed} fixed")
    if result.unchecked:
        parts.append(f"{_count(len(result.unchecked), 'file')} not checked")
    return f"{', '.join(parts)}; {_count(result.files, 'file')} with {_count(result.lines, 'line')} checked"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _printable(line: str) -> str:
    """A path may hold anything, even what moves a terminal's cursor."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)

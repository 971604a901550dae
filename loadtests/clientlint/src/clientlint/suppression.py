"""`# noqa` and `# noqa: CL001`: findings that somebody has looked at."""

import re

from clientlint.finding import Finding

_NOQA = re.compile(r"#\s*noqa\b(?:\s*:\s*(?P<codes>[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*))?", re.IGNORECASE)


def is_suppressed(finding: Finding, lines: list[str]) -> bool:
    """Whether the first or the last line of what was found says so."""
    return any(_silences(lines[number - 1], finding.code) for number in {finding.line, finding.end_line})


def _silences(line: str, code: str) -> bool:
    comment = _NOQA.search(line)
    if comment is None:
        return False
    codes = comment["codes"]
    return codes is None or code in re.split(r"[\s,]+", codes.upper())

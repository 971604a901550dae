"""Makes text from elsewhere fit to be shown: without control characters, and short."""

from collections.abc import Iterable
from pathlib import Path

# The most that is read of a file to show its end, and the most that is shown of a line.
TAIL_BYTES = 64 * 1024
LINE_CHARACTERS = 400


def printable(text: str, keep: str = "\n\t") -> str:
    """The text with every character escaped that is not printable, except for those to `keep`."""
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable() or character in keep
        else character.encode("unicode_escape", "surrogatepass").decode()
        for character in text
    )


def shortened(text: str, characters: int = LINE_CHARACTERS) -> str:
    """The text, cut off after so many characters."""
    return text if len(text) <= characters else f"{text[: characters - 1]}…"


def tail(path: Path, lines: int) -> str:
    """The last lines of a log below its path. Reads only the end of the file."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, log.seek(0, 2) - TAIL_BYTES))
            text = log.read(TAIL_BYTES).decode(errors="replace")
    except OSError as error:
        return f"{path} cannot be read ({error.strerror})."
    return quoted(f"The end of {path}:", text.splitlines()[-lines:])


def quoted(title: str, lines: Iterable[str]) -> str:
    """Lines from elsewhere, indented below a title."""
    return "\n".join([title, *(f"  {shortened(printable(line))}" for line in lines)])

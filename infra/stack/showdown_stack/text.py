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


def end_of(path: Path, most_bytes: int = TAIL_BYTES) -> str:
    """The end of a file, which may be of any length. Raises OSError."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, 2) - most_bytes))
        return file.read(most_bytes).decode(errors="replace")


def tail(path: Path, lines: int) -> str:
    """The last lines of a log below its path. Reads only the end of the file."""
    try:
        text = end_of(path)
    except OSError as error:
        return f"{path} cannot be read ({error.strerror})."
    return quoted(f"The end of {path}:", text.splitlines()[-lines:])


def quoted(title: str, lines: Iterable[str]) -> str:
    """Lines from elsewhere, indented below a title."""
    return "\n".join([title, *(f"  {shortened(printable(line))}" for line in lines)])

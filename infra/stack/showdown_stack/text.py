"""What others have written, made fit to be shown: no control characters, and no more than a person reads."""

from collections.abc import Iterable
from pathlib import Path

# Of a file whose end is shown, however large it is; and of each of its lines.
TAIL_BYTES = 64 * 1024
LINE_CHARACTERS = 400


def printable(text: str, keep: str = "\n\t") -> str:
    """The text with each character that a terminal could obey escaped, but for those to `keep`."""
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable() or character in keep
        else character.encode("unicode_escape", "surrogatepass").decode()
        for character in text
    )


def shortened(text: str, characters: int = LINE_CHARACTERS) -> str:
    """The text's beginning, where it is longer."""
    return text if len(text) <= characters else f"{text[: characters - 1]}…"


def tail(path: Path, lines: int) -> str:
    """The last lines of a log, and where to find it all. Reads no more than its end."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, log.seek(0, 2) - TAIL_BYTES))
            text = log.read(TAIL_BYTES).decode(errors="replace")
    except OSError as error:
        return f"{path} cannot be read ({error.strerror})."
    return quoted(f"The end of {path}:", text.splitlines()[-lines:])


def quoted(title: str, lines: Iterable[str]) -> str:
    """Lines of somebody else's below a title of ours."""
    return "\n".join([title, *(f"  {shortened(printable(line))}" for line in lines)])

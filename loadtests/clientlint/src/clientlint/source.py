"""Reads and parses one file. Whatever the file holds, the answer is a tree or a SourceError."""

import ast
import io
import stat
import tokenize
import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from clientlint.errors import SourceError

# The largest module of a popular package has 0.6 MB; what is larger holds data, and takes long to check.
MOST_BYTES = 2_000_000


@dataclass(frozen=True)
class Source:
    path: Path
    text: str

    @cached_property
    def lines(self) -> list[str]:
        """As the parser counts them: a form feed or U+2028 ends no line, which str.splitlines() thinks."""
        return self.text.split("\n")

    @cached_property
    def tree(self) -> ast.Module:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about the checked code, which is not ours
                return ast.parse(self.text)
        except SyntaxError as error:
            raise SourceError(f"line {error.lineno or 1}: {error.msg}") from error
        except (RecursionError, MemoryError) as error:
            raise SourceError("nested too deeply to be parsed") from error
        except ValueError as error:
            raise SourceError(str(error)) from error

    def column(self, line: int, offset: int) -> int:
        """The column of a place whose offset the parser counts in bytes of UTF-8."""
        return len(self.lines[line - 1].encode()[:offset].decode(errors="replace")) + 1


def read_bytes(path: Path) -> bytes:
    """A regular file. Does not wait for a pipe, and does not read more than it checks."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise SourceError("not a regular file")
        if status.st_size > MOST_BYTES:
            raise SourceError(f"larger than {MOST_BYTES:,} bytes: exclude it")
        with path.open("rb") as file:
            return file.read(MOST_BYTES)
    except OSError as error:
        raise SourceError(error.strerror or str(error)) from error


def decode(path: Path, data: bytes) -> Source:
    """Text in the encoding that the file declares, as Python would read it, with its line ends made one kind."""
    try:
        text = data.decode(encoding_of(data))
    except (UnicodeError, LookupError) as error:
        raise SourceError(f"not the text that its encoding says: {error}") from error
    return Source(path, text.replace("\r\n", "\n").replace("\r", "\n"))


def encoding_of(data: bytes) -> str:
    """What the file declares in its first two lines or by its first bytes; otherwise UTF-8."""
    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except SyntaxError as error:
        raise SourceError(str(error.msg)) from error

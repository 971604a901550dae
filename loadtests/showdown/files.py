"""Reads files up to a size limit, and replaces files without following links: both may be somebody else's."""

import lzma
import os
import shutil
import stat
from pathlib import Path

from showdown_contract.errors import ShowdownError

# What unpacking takes: more than the strongest compression of xz needs.
MOST_DECOMPRESSOR_BYTES = 128 * 2**20


def read_bounded(path: Path, most_bytes: int) -> bytes:
    """The whole file. Raises OSError, or ShowdownError if it is not a regular file or is too large."""
    # Do not block on a pipe.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ShowdownError(f"{path} is not a regular file")
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise ShowdownError(f"{path} is larger than {most_bytes // 2**20} MiB")
    return content


def read_compressed(path: Path, most_bytes: int) -> bytes:
    """All that an .xz file holds. Raises OSError, or ShowdownError if it is not an .xz file or holds too much."""
    packed = read_bounded(path, most_bytes)
    decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, MOST_DECOMPRESSOR_BYTES)
    try:
        content = decompressor.decompress(packed, most_bytes + 1)
    except lzma.LZMAError as error:
        raise ShowdownError(f"{path} is not an .xz file: {error}") from None
    if len(content) > most_bytes:
        raise ShowdownError(f"{path} holds more than {most_bytes // 2**20} MiB")
    if not decompressor.eof:
        raise ShowdownError(f"{path} ends too early: part of it is missing")
    return content


def write_result(path: Path, text: str) -> Path:
    """Write what a command has found, in place of whatever has that name; returns the path. Raises ShowdownError."""
    try:
        replace_file(path, text)
    except OSError as error:
        raise ShowdownError(f"cannot write {path}: {error.strerror}") from None
    return path


def replace_file(path: Path, content: str | bytes, *, mode_of: Path | None = None) -> None:
    """Write a file atomically in place of whatever has that name. A link is replaced, not followed. Raises OSError.

    `mode_of`: a file whose permissions it gets.
    """
    unfinished = path.with_name(f".{path.name[:100]}.{os.getpid()}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        with unfinished.open("xb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        if mode_of:
            shutil.copymode(mode_of, unfinished)
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise

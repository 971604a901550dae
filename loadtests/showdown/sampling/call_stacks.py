"""Call stacks that a profiler has seen, and how often it saw each.

In a file each has a line: its frames, the outermost first, with semicolons between, then a space and the number. Flame
graphs are made of such lines ("collapsed stacks"). The file is compressed by gzip.
"""

import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from showdown_contract.errors import ShowdownError

from showdown.files import read_bounded, replace_file

SUFFIX = ".stacks.gz"
# Somebody else's file is read, too. A minute of a deep call stack has a tenth of it.
MOST_BYTES = 64 * 2**20
GZIP_WINDOW = 16 + zlib.MAX_WBITS

# A function without a name is told by its address, which is another one in each process.
ADDRESS = re.compile(r"^0x[0-9a-f]+(?= \()")
UNKNOWN = "[unknown]"

CallStack: TypeAlias = tuple[str, ...]
Samples: TypeAlias = Mapping[CallStack, int]


def call_stack(frames: Iterable[str]) -> CallStack:
    """The frames, so that stacks of two processes are alike: several in a row that have no name are one."""
    named = [ADDRESS.sub(UNKNOWN, frame) for frame in frames]
    pairs = zip(named, ["", *named], strict=False)
    return tuple(frame for frame, before in pairs if frame != before or not frame.startswith(UNKNOWN))


def total(samples: Samples) -> int:
    """How many samples there are."""
    return sum(samples.values())


def parsed(text: str) -> Samples:
    """Read the lines of a file. Raises ShowdownError."""
    found: Counter[CallStack] = Counter()
    for line in text.splitlines():
        stack, _, number = line.rpartition(" ")
        if not stack or not (number.isascii() and number.isdigit()):
            raise ShowdownError(f"a line is no call stack with a number: {line[:100]!r}")
        found[tuple(stack.split(";"))] += int(number)
    return found


def collapsed(samples: Samples) -> str:
    """The lines of a file, always in the same order."""
    return "".join(f"{';'.join(stack)} {number}\n" for stack, number in sorted(samples.items()))


def write_stacks(samples: Samples, path: Path) -> None:
    """The same samples give the same bytes. Raises OSError."""
    replace_file(path, gzip.compress(collapsed(samples).encode(), mtime=0))


def read_stacks(path: Path) -> Samples:
    """Raises OSError, or ShowdownError if it is no file of call stacks or holds too much."""
    packed, decompressor = read_bounded(path, MOST_BYTES), zlib.decompressobj(GZIP_WINDOW)
    try:
        text = decompressor.decompress(packed, MOST_BYTES).decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise ShowdownError(f"{path} is not a file of call stacks: {error}") from None
    if not decompressor.eof:
        raise ShowdownError(f"{path} ends too early, or holds more than {MOST_BYTES // 2**20} MiB")
    try:
        return parsed(text)
    except ShowdownError as error:
        raise ShowdownError(f"{path}: {error}") from None

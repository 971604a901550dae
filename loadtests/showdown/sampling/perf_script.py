"""Reads what `perf script` prints: a line for each sample that says whose it is, then its frames, the innermost first.

With --fields comm,tid,ip,sym,dso a frame is an address, a symbol, and in brackets the file: man perf-script.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import PurePath

from showdown.sampling.call_stacks import CallStack, Samples, call_stack

FIELDS = "comm,tid,ip,sym,dso"
# "tokio-runtime-w 24436": names of threads have blanks, too.
HEAD = re.compile(r"(?P<thread>\S.*?)\s+[0-9/]+\s*")
FRAME = re.compile(r"\s+[0-9a-f]+ (?P<symbol>.*) \((?P<file>[^()]*|.* \(deleted\))\)")
# What rustc appends to a name, which another build has otherwise.
RUST_HASH = re.compile(r"::h[0-9a-f]{16}$")


def read_perf_script(lines: Iterable[str]) -> Samples:
    """The call stacks; each begins with the name of its thread."""
    return Counter(_stacks(lines))


def _stacks(lines: Iterable[str]) -> Iterator[CallStack]:
    thread, frames = "", list[str]()
    for line in chain(lines, [""]):
        if frame := FRAME.fullmatch(line.rstrip("\n")):
            frames.append(_named(frame["symbol"], frame["file"]))
        else:
            if thread:
                yield call_stack([thread, *reversed(frames)])
            head = HEAD.fullmatch(line.rstrip("\n"))
            thread, frames = _clean(head["thread"]) if head else "", []


def _named(symbol: str, file: str) -> str:
    """As py-spy names a native function; of the file only its name, for the rest is this machine's."""
    return f"{_clean(RUST_HASH.sub('', symbol))} ({PurePath(file.removesuffix(' (deleted)')).name or file})"


def _clean(text: str) -> str:
    """Without what separates frames from each other: [u8; 32] is a type of Rust."""
    return text.replace(";", ",")

"""What a process keeps, as tracemalloc sees it: only with PYTHONTRACEMALLOC, for it costs time and memory itself."""

import logging
import tracemalloc
from pathlib import PurePath

_MOST, _MIB = 10, 2**20
# Neither what is imported at its first use, nor the tracer's own.
_OTHERS = (tracemalloc.Filter(False, "<frozen *"), tracemalloc.Filter(False, tracemalloc.__file__))
_log = logging.getLogger(__name__)


def begin() -> None:
    """From now on count what is kept."""
    if tracemalloc.is_tracing():
        tracemalloc.clear_traces()


def log_kept() -> None:
    """Log the lines of code that have allocated most of what is kept. Only Python's own allocators are traced."""
    if tracemalloc.is_tracing():
        largest = tracemalloc.take_snapshot().filter_traces(_OTHERS).statistics("lineno")[:_MOST]
        growers = [
            {"line": _line(each.traceback[0]), "mib": each.size / _MIB, "blocks": each.count} for each in largest
        ]
        _log.info("kept", extra={"growers": growers})


def _line(frame: tracemalloc.Frame) -> str:
    """With the module's folder, which tells the library: httpx/_client.py:1402."""
    return f"{'/'.join(PurePath(frame.filename).parts[-2:])}:{frame.lineno}"

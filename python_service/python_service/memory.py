"""What a process keeps, as tracemalloc sees it: only with PYTHONTRACEMALLOC, for it costs time and memory itself."""

import logging
import tracemalloc
from pathlib import PurePath

_MOST, _MIB = 10, 2**20
_log = logging.getLogger(__name__)


class Growth:
    """What was allocated from now on, and is still kept."""

    def __init__(self) -> None:
        self._before = tracemalloc.take_snapshot() if tracemalloc.is_tracing() else None

    def log(self) -> None:
        """Log the lines of code that have allocated most of it. Only Python's own allocators are traced."""
        if self._before is None:
            return
        grown = tracemalloc.take_snapshot().compare_to(self._before, "lineno")
        growers = [
            {"line": _line(each.traceback[0]), "mib": round(each.size_diff / _MIB, 3), "blocks": each.count_diff}
            for each in grown[:_MOST]
            if each.size_diff > 0
        ]
        _log.info("kept", extra={"growers": growers})


def _line(frame: tracemalloc.Frame) -> str:
    """With the module's folder, which tells the library: httpx/_client.py:1402."""
    return f"{'/'.join(PurePath(frame.filename).parts[-2:])}:{frame.lineno}"

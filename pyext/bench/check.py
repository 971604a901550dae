"""Compares all outputs of all contenders before anything is timed."""

from bench import contenders, document, fetches
from bench.equal import require_equal_bytes, require_equal_rows
from bench.rows import SIZES, records


def require_equal() -> None:
    """Raises UnequalOutputError."""
    for count in SIZES:
        rows = records(count)
        require_equal_bytes(f"{count} records", {name: way(rows) for name, way in contenders.CONTENDERS.items()})
    sessions = {name: fetches.Session(way) for name, way in fetches.WAYS.items()}
    for count in SIZES:
        fetched = {name: session.answer(count) for name, session in sessions.items()}
        require_equal_rows(f"{count} rows fetched", fetched)
    require_equal_bytes("the recipe document", {name: way(document.rows()) for name, way in document.WAYS.items()})

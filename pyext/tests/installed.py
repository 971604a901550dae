"""Uses an installed rowjson as its users do: what it says has to be right, and its files have to be there.

test_wheel.py and .github/workflows/rowjson.yml run it in an environment that holds nothing else.
"""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import rowjson

WRITTEN = (
    b'[{"id":1,"name":"cr\xc3\xa8me","price":1.10,"made_at":"2024-01-31T00:00:00Z","tags":["a","b"]},'
    b'{"id":2,"name":"\\"","price":-0.5,"made_at":null,"tags":[]}]'
)


def main() -> None:
    """Raises AssertionError where it does not do what it should."""
    shape = rowjson.Shape(["id", "name", "price", "made_at", "tags"])
    made_at = datetime(2024, 1, 31, tzinfo=UTC)
    rows = [(1, "crème", Decimal("1.10"), made_at, ["a", "b"]), (2, '"', -0.5, None, [])]
    written = rowjson.dumps(shape.rows(rows))
    if written != WRITTEN:
        raise AssertionError(written)
    if rowjson.dumps({"id": UUID(int=1)}) != b'{"id":"00000000-0000-0000-0000-000000000001"}':
        raise AssertionError("a UUID is not written as it should be")
    folder = Path(rowjson.__file__).parent
    if missing := [name for name in ("py.typed", "_rowjson.pyi", "starlette.py") if not (folder / name).is_file()]:
        raise AssertionError(f"the wheel lacks {missing}")
    print(f"rowjson {rowjson.__version__} works")  # noqa: T201 - a program


if __name__ == "__main__":
    main()

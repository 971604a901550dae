"""Only the main interpreter of a usual build can import it. Others are refused, which harms nothing."""

import subprocess
import sys

import pytest

VALUES = """
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID
import rowjson
written = rowjson.dumps([datetime(2024, 1, 31, tzinfo=UTC), Decimal("1.10"), UUID(int=1), rowjson.Fragment("[]")])
assert written == b'["2024-01-31T00:00:00Z",1.10,"00000000-0000-0000-0000-000000000001",[]]', written
assert rowjson.dumps(rowjson.Shape(["a"]).rows([(1,)])) == b'[{"a":1}]'
"""
# Creates a subinterpreter that shares the GIL, which each version of Python does differently.
CREATE = """
import sys
if sys.version_info >= (3, 13):
    import _interpreters as interpreters
    create = lambda: interpreters.create("legacy")
    def run(one, source):
        failed = interpreters.exec(one, source)
        return None if failed is None else failed.msg
else:
    import _xxsubinterpreters as interpreters
    create = lambda: interpreters.create(isolated=False)
    def run(one, source):
        try:
            interpreters.run_string(one, source)
        except interpreters.RunFailedError as failed:
            return str(failed)
"""
REFUSED = """
for _ in range(3):
    one = create()
    message = run(one, "import rowjson")
    assert message is not None and "rowjson works in the main interpreter only" in message, message
    assert "ImportError" in message or sys.version_info >= (3, 13), message
    interpreters.destroy(one)
"""


@pytest.mark.parametrize(
    "program",
    [REFUSED + VALUES, VALUES + REFUSED + VALUES, REFUSED + VALUES + REFUSED + VALUES],
    ids=["the subinterpreter first", "the main one first", "in turn"],
)
def test_a_subinterpreter_is_refused_and_the_main_one_unharmed(program: str) -> None:
    done = subprocess.run([sys.executable, "-c", CREATE + program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_free_threaded_build_is_refused() -> None:
    program = """
import sys
sys.abiflags += "t"
try:
    import rowjson
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("rowjson does not support free-threaded Python yet"), done.stderr[-2000:]

"""What is measured of each library."""

from outbound.benchmarks import POSSIBLE, Operation, Trust, plan
from outbound.libraries import LIBRARIES


def test_a_library_that_takes_no_context_shares_none() -> None:
    assert plan("pyreqwest") == [
        (Operation.CONSTRUCT, Trust.DEFAULT),
        (Operation.CONSTRUCT, Trust.UNVERIFIED),
        (Operation.ONE_OFF, Trust.DEFAULT),
        (Operation.ONE_OFF, Trust.UNVERIFIED),
        (Operation.NEW_CONNECTION, Trust.DEFAULT),
        (Operation.KEPT_CONNECTION, Trust.DEFAULT),
    ]


def test_each_library_is_known() -> None:
    assert {library.module for library in LIBRARIES.values()} == set(POSSIBLE)

"""What is measured of each library."""

from outbound.libraries import LIBRARIES
from outbound.strategies import POSSIBLE, Operation, Strategy, plan


def test_a_library_that_takes_no_context_shares_none() -> None:
    assert plan("pyreqwest") == [
        (Operation.CONSTRUCT, Strategy.DEFAULT),
        (Operation.CONSTRUCT, Strategy.UNVERIFIED),
        (Operation.ONE_OFF, Strategy.DEFAULT),
        (Operation.ONE_OFF, Strategy.UNVERIFIED),
        (Operation.NEW_CONNECTION, Strategy.DEFAULT),
        (Operation.KEPT_CONNECTION, Strategy.DEFAULT),
    ]


def test_each_library_is_known() -> None:
    assert {library.module for library in LIBRARIES.values()} == set(POSSIBLE)

"""What ends the benchmark with a message."""


class BenchError(Exception):
    """The message says what is wrong, where, and what to do."""


class UnequalOutputError(BenchError):
    """Two contenders say different things: whose time is compared to whose would mean nothing."""

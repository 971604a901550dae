"""Errors that end the benchmark with a message."""


class BenchError(Exception):
    """The message says what is wrong, where, and what to do."""


class UnequalOutputError(BenchError):
    """Two contenders have different outputs, so that comparing their times would mean nothing."""

"""The error that test hosts raise."""


class LabError(Exception):
    """A test host cannot do what was asked. The message says which host, what happened, and where to look."""

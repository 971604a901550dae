"""What can go wrong with test hosts."""


class LabError(Exception):
    """A test host cannot do what was asked; the message says which, what happened, and where to look."""

"""What can go wrong with a run, said so that a person can act on it."""


class ShowdownError(Exception):
    """What was asked cannot be done; the message says what happened, where, and what to do."""

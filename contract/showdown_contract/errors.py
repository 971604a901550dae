"""What can go wrong, said so that the reader can act on it."""


class ShowdownError(Exception):
    """What was asked cannot be done; the message says what happened, where, and what to do."""


class NotEmptyError(Exception):
    """The database holds something else than this data set."""

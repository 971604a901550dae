"""What can go wrong, said so that the reader can act on it."""


class ShowdownError(Exception):
    """What was asked cannot be done; the message says what happened, where, and what to do."""


class OtherDataError(ShowdownError):
    """The database holds other data than the data set that was asked for."""

"""Errors, with messages that tell users what they can do."""


class ShowdownError(Exception):
    """A request that cannot be carried out; the message says what happened, where, and what to do."""


class OtherDataError(ShowdownError):
    """The database holds other data than the data set that was asked for."""

"""Errors, with messages that tell users what they can do."""


class ShowdownError(Exception):
    """A request that cannot be carried out; the message says what happened, where, and what to do."""


class NotEmptyError(Exception):
    """The database already holds something other than this data set."""

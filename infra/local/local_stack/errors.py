"""What can go wrong with a stack, said so that a person can act on it."""


class StackError(Exception):
    """The stack cannot do what was asked; the message says what happened, where, and what to do."""

"""What a check has to say about a place in a module."""

import ast
from dataclasses import dataclass
from enum import Enum


class Fix(Enum):
    """A change that leaves what the code does as it is."""

    SHARE_CONTEXT = "give the client a TLS context that is built once"
    REUSE_CONTEXT = "build the TLS context once"
    WITH = "close the client at the end of a with block"
    ASYNC_WITH = "close the client at the end of an async with block"
    IN_THREAD = "wait in a thread"


@dataclass(frozen=True)
class Problem:
    code: str
    node: ast.expr
    message: str
    fix: Fix | None = None

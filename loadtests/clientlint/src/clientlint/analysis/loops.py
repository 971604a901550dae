"""What a loop is for: whether one client could serve all of its turns."""

import ast
import re
from dataclasses import dataclass

from clientlint.analysis.memo import Memo
from clientlint.analysis.names import dotted
from clientlint.analysis.scopes import COMPREHENSIONS, Loop

PAUSES = frozenset({"sleep", "wait", "delay", "pause", "throttle"})
RETRIES = re.compile(r"attempt|retr|tries|trial|backoff", re.IGNORECASE)


@dataclass(frozen=True)
class Purpose:
    waits: bool  # between its turns
    tries_again: bool  # its turns are attempts at one thing
    changing: frozenset[str]  # the names that get another value in each turn


class Loops:
    def __init__(self) -> None:
        self._purposes: Memo[Purpose] = Memo()

    def purpose(self, loop: Loop) -> Purpose:
        found = self._purposes.of(loop, lambda: _purpose(loop))
        return found or Purpose(waits=False, tries_again=False, changing=frozenset())


def _purpose(loop: Loop) -> Purpose:
    if isinstance(loop, COMPREHENSIONS):
        changing = [name for part in loop.generators for name in _stored(part.target)]
        return Purpose(waits=False, tries_again=False, changing=frozenset(changing))
    head = loop.test if isinstance(loop, ast.While) else loop.target
    calls = {dotted(node.func).rpartition(".")[2] for node in ast.walk(loop) if isinstance(node, ast.Call)}
    attempts = any(isinstance(node, ast.Name) and RETRIES.search(node.id) for node in ast.walk(head))
    return Purpose(
        waits=bool(calls & PAUSES),
        tries_again=attempts or any(_ends_loop(statement) for statement in loop.body),
        changing=frozenset(_stored(loop)),
    )


def _ends_loop(statement: ast.stmt) -> bool:
    """Whether a statement ends the loop in its first turn, unless something goes wrong."""
    match statement:
        case ast.Return() | ast.Break():
            return True
        case ast.Try(body=body, orelse=orelse):
            return _ends_loop((orelse or body)[-1])
        case ast.With(body=body) | ast.AsyncWith(body=body):
            return _ends_loop(body[-1])
        case _:
            return False


def _stored(node: ast.AST) -> list[str]:
    return [child.id for child in ast.walk(node) if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store)]

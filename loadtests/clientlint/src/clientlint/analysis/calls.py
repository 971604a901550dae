"""Which functions of a module call which."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from clientlint.analysis.names import Names
from clientlint.analysis.scopes import Scope


@dataclass(frozen=True)
class Caller:
    scope: Scope
    call: ast.Call


class Calls:
    """The calls of a module whose target is one of its own functions, directly or by the name of a class."""

    def __init__(self, names: Names) -> None:
        self._names = names

    @cached_property
    def callers(self) -> dict[Scope, list[Caller]]:
        found: dict[Scope, list[Caller]] = {}
        for scope in self._names.module.scopes.values():
            for call in scope.calls:
                for callee in self.callees(call, scope):
                    found.setdefault(callee, []).append(Caller(scope, call))
        return found

    def callees(self, call: ast.Call, scope: Scope) -> Iterator[Scope]:
        """What a call runs: a function, the __init__ of a class, and functions that are handed on to be run."""
        for node in (call.func, *call.args):
            # A function that stands among the arguments is somebody's to call: gather, create_task, to_thread, run.
            if node is not call.func and not isinstance(node, ast.Name | ast.Attribute):
                continue
            target = self._names.target(node, scope)
            if not isinstance(target, Scope):
                continue
            if target.is_function:
                yield target
            elif node is call.func:
                initial = self._names.member(target, ["__init__"])
                if isinstance(initial, Scope):
                    yield initial

"""How often a function runs: for each request, once in the life of a program, or nobody knows."""

import ast
from collections import deque
from dataclasses import dataclass
from functools import cached_property

from clientlint.analysis.calls import Calls
from clientlint.analysis.handlers import Handlers
from clientlint.analysis.names import Names, decorator_name, dotted
from clientlint.analysis.scopes import Scope
from clientlint.frameworks import Frameworks


@dataclass(frozen=True)
class Reason:
    """Why a function runs for each request. `direct`: a framework calls it; otherwise another function does."""

    text: str
    direct: bool


class Contexts:
    def __init__(self, names: Names, calls: Calls, frameworks: Frameworks) -> None:
        self._names = names
        self._calls = calls
        self._frameworks = frameworks
        self._keeping: dict[Scope, bool] = {}

    @cached_property
    def is_script(self) -> bool:
        """Whether the module is a program: its functions then serve that one run, unless they are handlers."""
        return any(
            isinstance(statement, ast.If)
            and isinstance(statement.test, ast.Compare)
            and dotted(statement.test.left) == "__name__"
            for statement in self._names.module.tree.body
        )

    def per_request(self, scope: Scope) -> Reason | None:
        return self._per_request.get(scope)

    def is_end_of_life(self, function: Scope) -> bool:
        """Whether a function is there to begin or end something, although it may be called for a request, too."""
        reason = self._per_request.get(function)
        return self._frameworks.is_once(function.name) and (reason is None or not reason.direct)

    def is_once(self, function: Scope) -> bool:
        """Whether a function begins or ends something, is cached, or is called only by such functions."""
        return function in self._once

    @cached_property
    def _once(self) -> set[Scope]:
        open_ones = {function for function in self._names.module.functions if function not in self._per_request}
        found = {function for function in open_ones if self._begins_or_ends(function)}
        added = found
        while added:
            added = {function for function in open_ones - found if self._is_called_by(function, found)}
            found |= added
        return found

    def _is_called_by(self, function: Scope, once: set[Scope]) -> bool:
        """Whether it stands in a function that runs once, or is called by nothing else, and in no loop."""
        if function.parent in once:
            return True
        callers = self._calls.callers.get(function, [])
        return bool(callers) and all(
            (caller.scope in once or not caller.scope.is_function) and not self._in_loop(caller.call)
            for caller in callers
        )

    def _begins_or_ends(self, function: Scope) -> bool:
        if self._frameworks.is_once(function.name) or self.keeps_answers(function):
            return True
        names = [decorator_name(node) for node in function.decorators]
        return any(
            self._frameworks.is_cache(name) or name.rpartition(".")[2] in self._frameworks.once_decorators
            for name in names
        )

    def keeps_answers(self, function: Scope) -> bool:
        """Whether a function looks into a cache, or asks for what changes once a month."""
        if function not in self._keeping:
            self._keeping[function] = self._mentions_cache(function)
        return self._keeping[function]

    @staticmethod
    def _mentions_cache(function: Scope) -> bool:
        names = {node.attr for node in ast.walk(function.node) if isinstance(node, ast.Attribute)}
        names |= {node.id for node in ast.walk(function.node) if isinstance(node, ast.Name)}
        names.add(function.name)
        return any("cache" in name.lower() for name in names) or "version" in function.name

    def _in_loop(self, call: ast.Call) -> bool:
        return any(
            isinstance(parent, ast.For | ast.AsyncFor | ast.While | ast.ListComp | ast.GeneratorExp | ast.SetComp)
            for _, parent in self._names.module.ancestors(call)
        )

    @cached_property
    def _per_request(self) -> dict[Scope, Reason]:
        found: dict[Scope, Reason] = {}
        handlers = Handlers(self._names, self._frameworks).found()
        pending = deque((function, Reason(text, direct=True)) for function, text in handlers)
        while pending:
            function, reason = pending.popleft()
            if function in found or self._is_cached(function) or (not reason.direct and self.keeps_answers(function)):
                continue
            found[function] = reason
            told = (
                f"`{function.name}`, which is {reason.text}"
                if reason.direct
                else f"`{function.name}`, for each request"
            )
            indirect = Reason(f"called by {told}", direct=False)
            for call in function.calls:
                pending.extend((callee, indirect) for callee in self._calls.callees(call, function))
            pending.extend((child, indirect) for child in function.children if child.is_function)
        return found

    def _is_cached(self, function: Scope) -> bool:
        return any(self._frameworks.is_cache(decorator_name(node)) for node in function.decorators)

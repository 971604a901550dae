"""Whether a place in a function is reached again and again: for each request, in a loop, or by each of many calls."""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass

from clientlint.analysis.calls import Calls
from clientlint.analysis.contexts import Contexts
from clientlint.analysis.fates import Fate, Fates
from clientlint.analysis.hosts import asked, has_fixed_host
from clientlint.analysis.makings import Making
from clientlint.analysis.names import Names, dotted
from clientlint.analysis.scopes import COMPREHENSIONS, Loop, Scope
from clientlint.clients import Kind

PAUSES = frozenset({"sleep", "wait", "delay", "pause", "throttle"})
RETRIES = re.compile(r"attempt|retr|tries|trial|backoff", re.IGNORECASE)


@dataclass(frozen=True)
class Repetition:
    names: Names
    fates: Fates
    calls: Calls
    contexts: Contexts
    kind: Callable[[str | Scope | None], Kind | None]

    def of(self, making: Making, fate: Fate) -> str | None:
        """Why a client is made again and again, as the end of a message. None if it is not, or if nobody can tell."""
        return self.in_loop(making, fate) or self.by_request(making, fate) or self._by_call(making, fate)

    def by_request(self, making: Making, fate: Fate) -> str | None:
        if making.is_dependency:
            return "for each request: it is a dependency"
        reason = self.contexts.per_request(making.scope)
        if reason is None or (fate.kept and fate.branched):
            return None
        if not reason.direct and (fate.returned or fate.yielded or fate.kept):
            return None  # its callers are told
        return f"for each request: `{making.scope.name}` is {reason.text}"

    def in_loop(self, making: Making, fate: Fate) -> str | None:
        loop = self.fates.loop_around(making.call)
        if loop is not None:
            if fate.escapes or fate.looped or self.is_excused(loop, making.call, making.scope):
                return None
            return f"in each turn of the loop at line {loop.lineno}"
        if (
            not making.scope.is_function
            or fate.escapes
            or fate.looped
            or fate.optional
            or self._depends_on_parameters(making)
        ):
            return None
        for caller in self.calls.callers.get(making.scope, ()):
            loop = self.fates.loop_around(caller.call)
            if loop is not None and not self.is_excused(loop, caller.call, caller.scope):
                return f"at each call of {_callable(making.scope)}, which the loop at line {loop.lineno} calls"
        return None

    def is_excused(self, loop: Loop, node: ast.Call, scope: Scope) -> bool:
        """Whether the loop tries again, waits between its turns, or needs a client of its own for each turn."""
        if isinstance(loop, COMPREHENSIONS):
            return self._needs_its_own(node, scope, {name for part in loop.generators for name in _stored(part.target)})
        inside = [child for statement in loop.body for child in ast.walk(statement)]
        if any(isinstance(child, ast.Call) and dotted(child.func).rpartition(".")[2] in PAUSES for child in inside):
            return True
        if self._tries_again(loop) or self._ends_after_success(loop):
            return True
        changing = {name for child in (_head(loop), *inside) for name in _stored(child)}
        return self._needs_its_own(node, scope, changing)

    def _needs_its_own(self, call: ast.Call, scope: Scope, changing: set[str]) -> bool:
        """Whether what a call is given changes with each turn, so that one client could not serve all."""
        kind = self.kind(self.names.target(call.func, scope))
        if kind is None:
            return False  # a helper: its own arguments say nothing about the client that it makes
        if kind.one_off:
            return not has_fixed_host(asked(call, kind), changing, scope)
        return _mentions(call, changing)

    @staticmethod
    def _tries_again(loop: Loop) -> bool:
        if isinstance(loop, COMPREHENSIONS):
            return False
        return any(RETRIES.search(name.id) for name in ast.walk(_head(loop)) if isinstance(name, ast.Name))

    def _ends_after_success(self, loop: ast.For | ast.AsyncFor | ast.While) -> bool:
        """Whether each turn ends the loop unless something went wrong."""
        for statement in loop.body:
            if isinstance(statement, ast.Return | ast.Break):
                return True
            if isinstance(statement, ast.Try) and _leaves(statement.body + statement.orelse):
                return True
            if isinstance(statement, ast.With | ast.AsyncWith) and _leaves(statement.body):
                return True
        return False

    def _by_call(self, making: Making, fate: Fate) -> str | None:
        """Whether an async function makes a client for its own request only, so that each call pays for it."""
        scope = making.scope
        if not making.kind.everywhere or making.kind.one_off or not scope.is_async or self.contexts.is_script:
            return None
        if making.via is not None and making.via.is_class:
            return None
        if (
            self.fates.loop_around(making.call) is not None
            or self.contexts.is_once(scope)
            or fate.looped
            or fate.escapes
            or fate.optional
        ):
            return None
        if not any(isinstance(self.names.module.parents.get(use), ast.Call) for use in fate.methods):
            return None
        return f"at each call of `{scope.name}`, for that call alone"

    def _depends_on_parameters(self, making: Making) -> bool:
        return self._needs_its_own(
            making.call, making.scope, {arg.arg for arg in making.scope.parameters} - {"self", "cls"}
        )


def _callable(function: Scope) -> str:
    """How a message names a function: a constructor by its class."""
    owner = function.parent
    return f"`{owner.name}()`" if function.name == "__init__" and owner is not None else f"`{function.name}`"


def _head(loop: ast.For | ast.AsyncFor | ast.While) -> ast.expr:
    return loop.test if isinstance(loop, ast.While) else loop.target


def _stored(node: ast.AST) -> set[str]:
    return {child.id for child in ast.walk(node) if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store)}


def _mentions(call: ast.Call, names: set[str]) -> bool:
    """Whether the arguments of a call mention one of these names."""
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(
        isinstance(child, ast.Name) and child.id in names for argument in arguments for child in ast.walk(argument)
    )


def _leaves(body: list[ast.stmt]) -> bool:
    """Whether a block returns from its loop or breaks out of it at its end."""
    if not body:
        return False
    last = body[-1]
    if isinstance(last, ast.With | ast.AsyncWith | ast.Try):
        return _leaves(last.body)
    return isinstance(last, ast.Return | ast.Break)

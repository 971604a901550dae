"""Whether a place in a function is reached again and again: for each request, in a loop, or by each of many calls."""

import ast
from collections.abc import Callable
from dataclasses import dataclass

from clientlint.analysis.calls import Calls
from clientlint.analysis.contexts import Contexts
from clientlint.analysis.fates import Fate, Fates
from clientlint.analysis.hosts import asked, has_fixed_host
from clientlint.analysis.loops import Loops
from clientlint.analysis.makings import Making
from clientlint.analysis.names import Names
from clientlint.analysis.scopes import Loop, Scope
from clientlint.clients import Kind


@dataclass(frozen=True)
class Repetition:
    names: Names
    fates: Fates
    calls: Calls
    contexts: Contexts
    loops: Loops
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
        is_own = not (fate.escapes or fate.looped or fate.optional or self._depends_on_parameters(making))
        if not making.scope.is_function or not is_own or self.contexts.keeps_answers(making.scope):
            return None
        for caller in self.calls.callers.get(making.scope, ()):
            loop = self.fates.loop_around(caller.call)
            if loop is not None and not self.is_excused(loop, caller.call, caller.scope):
                return f"at each call of {_callable(making.scope)}, which the loop at line {loop.lineno} calls"
        return None

    def is_excused(self, loop: Loop, call: ast.Call, scope: Scope) -> bool:
        """Whether the loop tries again, waits between its turns, or needs a client of its own for each turn."""
        purpose = self.loops.purpose(loop)
        return purpose.waits or purpose.tries_again or self._needs_its_own(call, scope, purpose.changing)

    def _needs_its_own(self, call: ast.Call, scope: Scope, changing: frozenset[str]) -> bool:
        """Whether what a call is given changes with each turn, so that one client could not serve all."""
        kind = self.kind(self.names.target(call.func, scope))
        if kind is None:
            return False  # a helper: its own arguments say nothing about the client that it makes
        if kind.one_off:
            return not has_fixed_host(asked(call, kind), changing, scope)
        return _mentions(call, changing)

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
        parameters = frozenset(arg.arg for arg in making.scope.parameters) - {"self", "cls"}
        return self._needs_its_own(making.call, making.scope, parameters)


def _callable(function: Scope) -> str:
    """How a message names a function: a constructor by its class."""
    owner = function.parent
    return f"`{owner.name}()`" if function.name == "__init__" and owner is not None else f"`{function.name}`"


def _mentions(call: ast.Call, names: frozenset[str]) -> bool:
    """Whether the arguments of a call mention one of these names."""
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(
        isinstance(child, ast.Name) and child.id in names for argument in arguments for child in ast.walk(argument)
    )

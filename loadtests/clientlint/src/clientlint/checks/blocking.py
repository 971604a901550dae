"""CL004: a sync client in async code, where waiting for it stops every other task."""

import ast
from collections.abc import Iterator

from clientlint.analysis.analysis import Analysis
from clientlint.analysis.makings import article
from clientlint.analysis.scopes import Imported, Scope
from clientlint.problem import Fix, Problem

CODE = "CL004"
DEPTH = 6


def check(analysis: Analysis) -> Iterator[Problem]:
    waits = Waits(analysis)
    for scope in analysis.module.functions:
        if not scope.is_async:
            continue
        for call in scope.calls:
            if isinstance(analysis.module.parents.get(call), ast.Await):
                continue  # what can be awaited is not sync, whatever it looks like
            waited = waits.by(call, scope)
            if waited is not None:
                message = f"{waited} blocks the event loop in `{scope.name}`. Use an async client."
                yield Problem(CODE, call, message, _in_thread(call, scope, analysis))


def _in_thread(call: ast.Call, scope: Scope, analysis: Analysis) -> Fix | None:
    """A one-off request shares nothing with other threads, and asyncio is sure to run what imports it."""
    kind = analysis.values.constructor(call, scope)
    imported = Imported("asyncio") in analysis.module.top.bindings.get("asyncio", [])
    if kind is None or not kind.one_off or not imported or any(keyword.arg == "stream" for keyword in call.keywords):
        return None
    inside_generator = any(isinstance(parent, ast.GeneratorExp) for _, parent in analysis.module.ancestors(call))
    return None if inside_generator or kind.name.endswith(".stream") else Fix.IN_THREAD


class Waits:
    """Which calls wait for a sync client, directly or through functions of this module."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._functions: dict[Scope, str | None] = {}

    def by(self, call: ast.Call, scope: Scope, depth: int = DEPTH) -> str | None:
        """What makes this call wait, as the subject of a sentence."""
        directly = self._directly(call, scope)
        if directly is not None:
            return directly
        callee = self._analysis.names.target(call.func, scope)
        if not isinstance(callee, Scope) or not callee.is_function or callee.is_async or depth == 0:
            return None
        within = self._function(callee, depth - 1)
        return f"{callee.name}(), which calls {within}," if within is not None else None

    def _directly(self, call: ast.Call, scope: Scope) -> str | None:
        values = self._analysis.values
        kind = values.constructor(call, scope)
        if kind is not None:
            return kind.name if kind.one_off else None
        if not isinstance(call.func, ast.Attribute):
            return None
        client = values.of(call.func.value, scope)
        if client is None or not client.kind.blocks(call.func.attr):
            return None
        return f"{call.func.attr}() of {article(client.kind.name)}"

    def _function(self, function: Scope, depth: int) -> str | None:
        """The first call of a sync function that waits. A generator waits only when somebody goes through it."""
        if function not in self._functions:
            self._functions[function] = None
            for call in function.calls:
                waited = self._directly(call, function) or self.by(call, function, depth)
                if waited is not None:
                    self._functions[function] = waited.partition("(), which")[0] if ", which" in waited else waited
                    break
        return self._functions[function]

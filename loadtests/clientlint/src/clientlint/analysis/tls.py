"""Where TLS contexts are built, by a call or inside a client's constructor."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from clientlint.analysis.fates import Fates
from clientlint.analysis.makings import Making
from clientlint.analysis.names import Names
from clientlint.analysis.scopes import Scope
from clientlint.analysis.values import Values
from clientlint.clients import Clients

DEPTH = 4


@dataclass(frozen=True)
class Building:
    """A call that builds a TLS context."""

    call: ast.Call
    scope: Scope
    name: str


@dataclass(frozen=True)
class TlsContexts:
    names: Names
    fates: Fates
    values: Values
    clients: Clients

    def buildings(self) -> Iterator[Building]:
        for scope in self.names.module.scopes.values():
            for call in scope.calls:
                name = self.builds(call, scope)
                if name is not None:
                    yield Building(call, scope, name)

    def builds(self, call: ast.Call, scope: Scope, depth: int = DEPTH) -> str | None:
        """What this call builds a context with: a library's function, or one of this module that calls it."""
        target = self.names.target(call.func, scope)
        if isinstance(target, str):
            return target if target in self.clients.tls_contexts else None
        if target is None or not target.is_function or self.values.is_cached(target) or depth == 0:
            return None
        for result in target.results:
            for value in _values(result, target):
                if isinstance(value, ast.Call) and self.builds(value, target, depth - 1):
                    kept = self.fates.of(value, target, frozenset()).kept
                    return None if kept else f"{target.name}()"
        return None

    @staticmethod
    def loads_bundle(making: Making) -> bool:
        """Whether a client's constructor loads the CA bundle, because it is given no context."""
        if making.kind.verify is None:
            return False
        keywords = making.constructor.keywords
        if any(keyword.arg is None or keyword.arg in {"transport", "app"} for keyword in keywords):
            return False
        given = next((keyword.value for keyword in keywords if keyword.arg == making.kind.verify), None)
        if given is None:
            return True
        return isinstance(given, ast.Constant) and given.value is not False


def _values(result: ast.expr, function: Scope) -> list[ast.expr]:
    """What a function returns: an expression, or what was assigned to the name that it returns."""
    if isinstance(result, ast.Name):
        bindings = function.bindings.get(result.id, ())
        return [value for binding in bindings if isinstance(value := getattr(binding, "value", None), ast.expr)]
    return [result]

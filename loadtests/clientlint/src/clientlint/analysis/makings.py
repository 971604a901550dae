"""The places of a module where a client is made: by its constructor, by a helper function, or inside an object."""

import ast
from dataclasses import dataclass

from clientlint.analysis.names import dotted
from clientlint.analysis.scopes import Scope
from clientlint.analysis.values import Owner, Values
from clientlint.clients import Kind

# Transports that reach no network.
IN_PROCESS = ("ASGITransport", "WSGITransport", "MockTransport")


@dataclass(frozen=True)
class Making:
    call: ast.Call
    scope: Scope
    kind: Kind
    constructor: ast.Call  # the same call, or the one of the helper that makes it
    via: Scope | None = None
    is_dependency: bool = False  # Depends(httpx.AsyncClient), whose framework calls the constructor

    @property
    def what(self) -> str:
        """How a message names it: the constructor, and the helper if one calls it."""
        if self.via is None:
            return f"{self.kind.name}"
        made = "which holds" if self.via.is_class else "which makes"
        return f"{self.via.name}(), {made} {article(self.kind.name)},"


def article(name: str) -> str:
    """A or an, as the name is spoken."""
    return f"an {name}" if name[:1] in "aeio" or name.startswith("httpx") else f"a {name}"


def find_makings(values: Values) -> list[Making]:
    made = []
    for scope in values.names.module.scopes.values():
        for call in scope.calls:
            making = _making(call, scope, values)
            if making is not None:
                made.append(making)
    inner = {argument for making in made for argument in _arguments(making.call)}
    return [making for making in made if making.call not in inner and not is_lent(making, values)]


def is_lent(making: Making, values: Values) -> bool:
    """Whether it gets the expensive part from its caller, such as a shared pool, or reaches no network."""
    for keyword in making.call.keywords if making.via is None else ():
        if keyword.arg not in making.kind.lent:
            continue
        given = _local_value(keyword.value, making.scope)
        if isinstance(given, ast.Constant):
            return given.value is False
        if not isinstance(given, ast.Call):
            return True
        name = dotted(given.func)
        return name.endswith(IN_PROCESS) or (
            values.kind(values.names.target(given.func, making.scope)) is None and (not name.endswith("HTTPTransport"))
        )
    return False


def _making(call: ast.Call, scope: Scope, values: Values) -> Making | None:
    target = values.names.target(call.func, scope)
    if target is None:
        return None
    kind = values.kind(target)
    if kind is not None:
        return Making(call, scope, kind, call)
    if isinstance(target, str):
        if target.rpartition(".")[2] in values.frameworks.dependencies and call.args:
            kind = values.kind(values.names.target(call.args[0], scope))
            return None if kind is None or kind.one_off else Making(call, scope, kind, call, is_dependency=True)
        return None
    client = values.held_by(target) if target.is_class else values.product(target)
    if client is None or client.owner is not Owner.CALL or client.made is None:
        return None
    return Making(call, scope, client.kind, client.made, target)


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _local_value(node: ast.expr, scope: Scope) -> ast.expr:
    """What a name of this function was assigned, if that is one thing."""
    if not isinstance(node, ast.Name) or not scope.is_function:
        return node
    values = [getattr(binding, "value", None) for binding in scope.bindings.get(node.id, ())]
    return values[0] if len(values) == 1 and isinstance(values[0], ast.expr) else node

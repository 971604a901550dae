"""CL005: a client that others use is closed."""

import ast
from collections.abc import Iterator

from clientlint.analysis.analysis import Analysis
from clientlint.analysis.fates import argument_name
from clientlint.analysis.makings import article
from clientlint.analysis.names import dotted
from clientlint.analysis.scopes import Scope
from clientlint.analysis.values import Client, Owner
from clientlint.problem import Problem

CODE = "CL005"


def check(analysis: Analysis) -> Iterator[Problem]:
    for parent in _with_items(analysis):
        scope = analysis.module.scope_of(parent.context_expr)
        client = _shared(parent.context_expr, scope, analysis)
        if client is not None and _is_one_of_many(scope, parent.context_expr, analysis):
            yield _problem(parent.context_expr, client, "The end of this block closes", scope)
    for scope in analysis.module.functions:
        for call in scope.calls:
            yield from _closed_by_call(call, scope, analysis)


def _with_items(analysis: Analysis) -> Iterator[ast.withitem]:
    for node in analysis.module.parents:
        if isinstance(node, ast.withitem):
            yield node


def _closed_by_call(call: ast.Call, scope: Scope, analysis: Analysis) -> Iterator[Problem]:
    if isinstance(call.func, ast.Attribute):
        client = _shared(call.func.value, scope, analysis)
        if client is not None and call.func.attr in client.kind.close:
            used = analysis.contexts.per_request(scope) is not None or _is_used(call.func.value, call, scope)
            if used and _is_one_of_many(scope, call.func.value, analysis):
                yield _problem(call, client, "This closes", scope)
            return
    callee = analysis.names.target(call.func, scope)
    if not isinstance(callee, Scope) or not callee.is_function:
        return
    arguments: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    for argument in arguments:
        given = argument.value if isinstance(argument, ast.keyword) else argument
        client = _shared(given, scope, analysis)
        if client is None:
            continue
        name = argument_name(call, argument, callee)
        fate = analysis.fates.of_parameter(callee, name, client.kind.close) if name else None
        if fate is not None and (fate.closed or fate.managed) and _is_one_of_many(scope, call.func, analysis):
            yield _problem(call, client, f"`{callee.name}` closes", scope)


def _shared(node: ast.expr, scope: Scope, analysis: Analysis) -> Client | None:
    if isinstance(node, ast.Constant) or not scope.is_function:
        return None
    client = analysis.values.of(node, scope)
    if client is None or (
        isinstance(node, ast.Call) and client.via is not None and analysis.values.is_generator(client.via)
    ):
        return None  # what a context manager of this module closes, its own code says
    if client.owner is Owner.AROUND:
        around = scope.parent
        return client if around is not None and analysis.contexts.per_request(around) is None else None
    return client if client.owner is Owner.SHARED else None


def _is_one_of_many(scope: Scope, node: ast.expr, analysis: Analysis) -> bool:
    """Whether the function is one of those that use the client, and not the one that begins or ends its life."""
    if analysis.contexts.is_end_of_life(scope):
        return False
    contexts = analysis.contexts
    lives_long = contexts.is_once(scope) or contexts.is_script or _is_context_manager(scope)
    if lives_long and contexts.per_request(scope) is None:
        return False
    return not (isinstance(node, ast.Attribute) and _is_stored_by(scope, node.attr, analysis))


def _is_context_manager(scope: Scope) -> bool:
    return any(dotted(node).endswith("contextmanager") for node in scope.decorators)


def _is_stored_by(scope: Scope, name: str, analysis: Analysis) -> bool:
    """Whether the function puts another client, or none, at the attribute itself."""
    owner = scope.of_class
    stores = [*(owner.attributes.get(name, []) if owner is not None else []), *analysis.module.stored.get(name, [])]
    return any(stored.stored_by is scope for stored in stores)


def _is_used(client: ast.expr, closing: ast.Call, scope: Scope) -> bool:
    """Whether the function that closes a client has made a request with it."""
    written = dotted(client)
    return any(
        call is not closing and isinstance(call.func, ast.Attribute) and dotted(call.func.value) == written
        for call in scope.calls
    )


def _problem(node: ast.expr, client: Client, closes: str, scope: Scope) -> Problem:
    message = f"{closes} {article(client.kind.name)} that others use: `{scope.name}` does not own it."
    return Problem(CODE, node, f"{message} Close it where it was made.")

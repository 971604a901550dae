"""Whether the rest of a block can go into a `with` statement that closes a client, without changing what it does."""

import ast

from clientlint.analysis.analysis import Analysis
from clientlint.analysis.fates import Fate
from clientlint.analysis.makings import Making
from clientlint.analysis.scopes import Scope
from clientlint.problem import Fix

# Calls whose answer has been read when they return.
READ = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"})
SETTINGS = frozenset(
    {"headers", "cookies", "params", "auth", "verify", "cert", "timeout", "proxies", "max_redirects", "mount"}
)


def wrapping(making: Making, fate: Fate, analysis: Analysis) -> Fix | None:
    statement = analysis.module.parents.get(making.call)
    if making.via is not None or not isinstance(statement, ast.Assign) or making.kind.role not in {"client", "session"}:
        return None
    match statement.targets:
        case [ast.Name(id=name)] if fate.names == {name} and len(making.scope.bindings.get(name, ())) == 1:
            pass
        case _:
            return None
    if making.kind.is_async and not making.scope.is_async:
        return None
    if not _is_plain(making.scope) or not _is_used_only_below(name, statement, making.scope, analysis):
        return None
    if not all(_is_over(use, making, analysis) for use in fate.methods):
        return None
    return Fix.ASYNC_WITH if making.kind.is_async else Fix.WITH


def _is_plain(scope: Scope) -> bool:
    """A generator stands still between its turns, and would hold the block open."""
    return not any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(scope.node))


def _is_used_only_below(name: str, statement: ast.Assign, scope: Scope, analysis: Analysis) -> bool:
    """Whether each use stands in a later statement of the same block."""
    block = _block_of(statement, analysis)
    for _, use in scope.uses(name):
        node: ast.AST = use
        while node not in block:
            parent = analysis.module.parents.get(node)
            if parent is None or parent is scope.node:
                return False
            node = parent
        if block.index(node) <= block.index(statement) or not isinstance(analysis.module.parent(use), ast.Attribute):
            return False  # what others do with it may go on after the block
    return True


def _block_of(statement: ast.stmt, analysis: Analysis) -> list[ast.AST]:
    """The statements among which one stands."""
    parent = analysis.module.parents[statement]
    blocks = (value for _, value in ast.iter_fields(parent) if isinstance(value, list))
    return next(block for block in blocks if statement in block)


def _is_over(use: ast.Attribute, making: Making, analysis: Analysis) -> bool:
    """Whether a call of the client has ended, and its answer is read, before the block ends."""
    call = analysis.module.parents.get(use)
    if use.attr in SETTINGS:
        return True
    if not isinstance(call, ast.Call) or call.func is not use:
        return False
    if any(keyword.arg in {"stream", None} for keyword in call.keywords):
        return False
    parent = analysis.module.parents.get(call)
    if isinstance(parent, ast.withitem):
        return True
    if use.attr not in READ or making.kind.library == "aiohttp":
        return False  # aiohttp's answers are read later, through the session
    return isinstance(parent, ast.Await) if making.kind.is_async else True

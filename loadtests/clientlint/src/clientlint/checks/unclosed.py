"""CL002: a client is neither closed nor used as a context manager."""

import ast
from collections.abc import Iterator

from clientlint.analysis.analysis import Analysis
from clientlint.analysis.fates import Fate
from clientlint.analysis.makings import Making
from clientlint.analysis.scopes import Scope
from clientlint.analysis.values import Owner
from clientlint.checks.wrapping import wrapping
from clientlint.problem import Problem

CODE = "CL002"


def check(analysis: Analysis) -> Iterator[Problem]:
    yield from _in_functions(analysis)
    yield from _in_objects(analysis)


def _in_functions(analysis: Analysis) -> Iterator[Problem]:
    for making in analysis.makings:
        if making.kind.one_off or making.kind.closes_itself or not making.scope.is_function:
            continue
        if analysis.contexts.is_once(making.scope) or _closes_by_itself(making, analysis):
            continue
        fate = analysis.fate(making)
        if fate.managed or fate.closed or fate.escapes or not (fate.names or fate.methods):
            continue
        message = f"{making.what} is never closed. {_advice(making)}"
        yield Problem(CODE, making.call, message, wrapping(making, fate, analysis))


def _closes_by_itself(making: Making, analysis: Analysis) -> bool:
    """Whether a generator of this module makes it, such as a context manager, or an object that may close it."""
    via = making.via
    return via is not None and (via.is_class or analysis.values.is_generator(via))


def _advice(making: Making) -> str:
    with_ = "async with" if making.kind.is_async else "with"
    return f"Use `{with_}`, or close the {making.kind.role}."


def _in_objects(analysis: Analysis) -> Iterator[Problem]:
    """Async clients that an object makes for itself and that nothing in the module closes or hands out."""
    for owner in analysis.module.classes:
        if not _is_whole(owner, analysis):
            continue
        for name, stores in owner.attributes.items():
            for stored in stores:
                client = analysis.values.of(stored.value, stored.stored_by)
                if client is None or not client.kind.is_async or client.owner is not Owner.CALL or client.made is None:
                    continue
                if client.via is not None or not _is_left_open(name, client.kind.close, analysis):
                    continue
                message = f"{client.kind.name} is kept as self.{name}, and nothing in {owner.name} closes it."
                yield Problem(CODE, client.made, f"{message} Give {owner.name} a method that does.")


def _is_whole(owner: Scope, analysis: Analysis, depth: int = 8) -> bool:
    """Whether all of a class is in this module, so that no base class can close its clients."""
    for base in analysis.names.bases(owner):
        if isinstance(base, Scope):
            if depth == 0 or not _is_whole(base, analysis, depth - 1):
                return False
        elif base not in {"abc.ABC", "typing.Generic", "typing.Protocol"}:
            return False
    return True


def _is_left_open(name: str, close: frozenset[str], analysis: Analysis) -> bool:
    fate = Fate()
    for use in analysis.module.attributes.get(name, ()):
        if isinstance(use.ctx, ast.Load):
            analysis.fates.follow(use, analysis.module.scope_of(use), close, fate)
    return not (fate.managed or fate.closed or fate.escapes or fate.names)

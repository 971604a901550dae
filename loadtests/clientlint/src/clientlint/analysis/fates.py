"""What becomes of a value in the function that makes it: it is closed, kept, returned, or passed on."""

import ast
import re
from dataclasses import dataclass, field, fields

from clientlint.analysis.loops import Loops
from clientlint.analysis.names import Names
from clientlint.analysis.scopes import COMPREHENSIONS, Loop, Scope

MANAGERS = frozenset({"closing", "aclosing", "enter_context", "enter_async_context"})
ENTERED = frozenset({"__enter__", "__aenter__"})
CONTAINERS = (ast.Tuple, ast.List, ast.Set, ast.Dict, ast.Starred, *COMPREHENSIONS)
DEPTH = 4


# A branch on one of these is about whether there is a client already.
OPTIONAL = re.compile(r"client|session|pool|conn|redis|http|cache", re.IGNORECASE)


@dataclass(eq=False)
class Fate:
    """All that happens to a value. Several of these can be true at once."""

    managed: bool = False  # a `with` statement or an exit stack closes it
    closed: bool = False
    returned: bool = False
    yielded: bool = False
    kept: bool = False  # stored at something that outlives the call
    passed: bool = False  # to code that may keep or close it
    branched: bool = False  # made in one branch only
    optional: bool = False  # made only if there is none yet, such as `if self._client is None`
    captured: bool = False  # used by a function inside
    looped: bool = False  # used for each turn of a loop
    names: set[str] = field(default_factory=set)
    methods: list[ast.Attribute] = field(default_factory=list)

    @property
    def escapes(self) -> bool:
        """Whether other code gets hold of it."""
        return self.returned or self.yielded or self.kept or self.passed or self.captured

    def add(self, other: "Fate") -> None:
        for flag in FLAGS:
            setattr(self, flag, getattr(self, flag) or getattr(other, flag))
        self.names |= other.names
        # Not copied where it need not be: a name may have thousands of uses, and as many values.
        self.methods = self.methods + other.methods if self.methods else other.methods


@dataclass(frozen=True)
class _Trail:
    """Where a value is followed, and what has been found."""

    scope: Scope
    close: frozenset[str]
    fate: Fate
    depth: int


FLAGS = [entry.name for entry in fields(Fate) if entry.default is False]


class Fates:
    def __init__(self, names: Names, loops: Loops) -> None:
        self.names = names
        self._loops = loops
        self._by_name: dict[tuple[Scope, str, frozenset[str], Loop | None], Fate] = {}

    def of(self, made: ast.expr, scope: Scope, close: frozenset[str]) -> Fate:
        """The fate of what an expression makes."""
        fate = Fate()
        self._branches(made, fate)
        self.follow(made, scope, close, fate)
        self._uses(fate, scope, close, self.loop_around(made), DEPTH)
        return fate

    def of_parameter(self, scope: Scope, name: str, close: frozenset[str], depth: int = DEPTH) -> Fate:
        """What a function does with an argument."""
        fate = Fate(names={name})
        self._uses(fate, scope, close, None, depth)
        return fate

    def loop_around(self, node: ast.AST) -> Loop | None:
        """The innermost loop whose body runs this node again and again."""
        for child, parent in self.names.module.ancestors(node):
            if (
                isinstance(parent, ast.For | ast.AsyncFor)
                and isinstance(child, ast.stmt)
                and child not in parent.orelse
            ):
                return parent
            if isinstance(parent, ast.While) and child not in parent.orelse:
                return parent
            if isinstance(parent, COMPREHENSIONS) and child is not parent.generators[0]:
                return parent  # what the first `for` goes through is evaluated once
        return None

    def _uses(self, fate: Fate, scope: Scope, close: frozenset[str], outer_loop: Loop | None, depth: int) -> None:
        """Follow every use of the names that hold it. Following may find further names."""
        done: set[str] = set()
        while fate.names - done:
            name = min(fate.names - done)
            done.add(name)
            key = (scope, name, close, outer_loop)
            if key not in self._by_name:
                self._by_name[key] = Fate()  # for a function that hands it to itself
                inner = Fate()
                for where, use in scope.uses(name):
                    inner.captured = inner.captured or where is not scope
                    inner.looped = inner.looped or self._serves_turns(self.loop_around(use), outer_loop)
                    self.follow(use, scope, close, inner, depth)
                self._by_name[key] = inner
            fate.add(self._by_name[key])

    def _serves_turns(self, loop: Loop | None, outer_loop: Loop | None) -> bool:
        """Whether a use in this loop is one of many: not if the loop only tries again what went wrong."""
        return loop is not None and loop is not outer_loop and not self._loops.purpose(loop).tries_again

    def follow(self, node: ast.expr, scope: Scope, close: frozenset[str], fate: Fate, depth: int = DEPTH) -> None:
        """Go up from an expression to the statement that decides what becomes of its value."""
        trail = _Trail(scope, close, fate, depth)
        child: ast.AST | None = node
        while child is not None:
            child = self._up(child, trail)

    def _up(self, child: ast.AST, trail: _Trail) -> ast.AST | None:
        """The expression around this one that has the same value. None where the way ends."""
        parent = self.names.module.parents.get(child)
        match parent:
            case ast.Await() | ast.keyword() | ast.BoolOp():
                return parent
            case ast.IfExp():
                return None if child is parent.test else parent
            case ast.NamedExpr(target=target):
                self._stored(target, trail)
                return parent
            case ast.Attribute():
                return self._accessed(parent, trail)
            case ast.Call():
                return self._given(parent, child, trail)
            case _:
                self._end(parent, trail)
                return None

    def _end(self, parent: ast.AST | None, trail: _Trail) -> None:
        match parent:
            case ast.withitem(optional_vars=target):
                trail.fate.managed = True
                if target is not None:
                    self._stored(target, trail)
            case ast.Assign(targets=targets):
                for target in targets:
                    self._stored(target, trail)
            case ast.AnnAssign(target=target):
                self._stored(target, trail)
            case ast.Return() | ast.Lambda():
                trail.fate.returned = True
            case ast.Yield() | ast.YieldFrom():
                trail.fate.yielded = True
            case _ if isinstance(parent, CONTAINERS):
                trail.fate.kept = True
            case _:
                pass

    def _accessed(self, attribute: ast.Attribute, trail: _Trail) -> ast.AST | None:
        call = self.names.module.parents.get(attribute)
        if attribute.attr in ENTERED and isinstance(call, ast.Call):
            trail.fate.managed = True
            return call
        if attribute.attr in trail.close:
            trail.fate.closed = True
        else:
            trail.fate.methods.append(attribute)
        return None

    @staticmethod
    def _stored(target: ast.expr, trail: _Trail) -> None:
        if isinstance(target, ast.Name) and trail.scope.is_function and target.id not in trail.scope.outer:
            trail.fate.names.add(target.id)
        else:
            trail.fate.kept = True

    def _given(self, call: ast.Call, argument: ast.AST, trail: _Trail) -> ast.AST | None:
        if argument is call.func:
            return None
        if _last_name(call.func) in MANAGERS:
            trail.fate.managed = True
            return call
        self._passed(call, argument, trail)
        return None

    def _passed(self, call: ast.Call, argument: ast.AST, trail: _Trail) -> None:
        """A function of this module that only uses it leaves it to its caller. Of any other nothing is known."""
        callee = self.names.target(call.func, trail.scope)
        is_known = isinstance(callee, Scope) and callee.is_function and trail.depth > 0
        parameter = argument_name(call, argument, callee) if is_known and isinstance(callee, Scope) else None
        if parameter is None or not isinstance(callee, Scope):
            trail.fate.passed = True
            return
        inner = self.of_parameter(callee, parameter, trail.close, trail.depth - 1)
        trail.fate.closed = trail.fate.closed or inner.closed or inner.managed
        trail.fate.passed = trail.fate.passed or inner.escapes
        trail.fate.looped = trail.fate.looped or inner.looped
        trail.fate.methods += inner.methods

    def _branches(self, node: ast.AST, fate: Fate) -> None:
        """Note in what branches of its function an expression stands."""
        for child, parent in self.names.module.ancestors(node):
            match parent:
                case ast.If(test=test) | ast.IfExp(test=test) if child is not test:
                    fate.branched = True
                    fate.optional = fate.optional or _is_about_client(test)
                case ast.BoolOp():
                    fate.branched = fate.optional = True
                case ast.ExceptHandler():
                    fate.branched = fate.optional = True  # what went wrong may be that there is none
                case ast.match_case():
                    fate.branched = True
                case _:
                    pass


def _is_about_client(test: ast.expr) -> bool:
    names = (getattr(node, "attr", getattr(node, "id", "")) for node in ast.walk(test))
    return any(OPTIONAL.search(name) for name in names)


def _last_name(func: ast.expr) -> str:
    if isinstance(func, ast.Attribute):
        return func.attr
    return func.id if isinstance(func, ast.Name) else ""


def argument_name(call: ast.Call, argument: ast.AST, callee: Scope) -> str | None:
    """The name that a function of this module has for an argument."""
    names = [arg.arg for arg in callee.parameters]
    if isinstance(argument, ast.keyword):
        return argument.arg if argument.arg in names else None
    if any(isinstance(arg, ast.Starred) for arg in call.args):
        return None
    position = next(number for number, arg in enumerate(call.args) if arg is argument)
    if names[:1] in (["self"], ["cls"]):
        position += 1
    return names[position] if position < len(names) else None

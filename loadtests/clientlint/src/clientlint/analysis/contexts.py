"""How often a function runs: for each request, once in the life of a program, or nobody knows."""

import ast
from collections import deque
from dataclasses import dataclass
from functools import cached_property

from clientlint.analysis.calls import Calls
from clientlint.analysis.names import Names, dotted
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
        names = [dotted(node.func if isinstance(node, ast.Call) else node) for node in function.decorators]
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
        pending: deque[tuple[Scope, Reason]] = deque(self._directly())
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
        return any(
            self._frameworks.is_cache(dotted(node.func if isinstance(node, ast.Call) else node))
            for node in function.decorators
        )

    def _directly(self) -> list[tuple[Scope, Reason]]:
        found: list[tuple[Scope, Reason]] = []
        for function in self._names.module.functions:
            text = self._by_decorator(function) or self._by_class(function) or self._by_signature(function)
            if text:
                found.append((function, Reason(text, direct=True)))
        for scope in self._names.module.scopes.values():
            for call in scope.calls:
                found.extend((function, Reason(text, direct=True)) for function, text in self._registered(call, scope))
        return found

    def _by_decorator(self, function: Scope) -> str:
        known = self._frameworks
        for decorator in function.decorators:
            name = dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
            last = name.rpartition(".")[2]
            has_path = isinstance(decorator, ast.Call) and _has_path(decorator)
            is_route = has_path and "." in name and last in known.path_decorators
            is_named = last in known.decorators and last not in known.once_decorators
            if is_route or is_named or ".".join(name.split(".")[-2:]) in known.object_decorators:
                return f"decorated with @{name}"
        return ""

    def _by_class(self, function: Scope) -> str:
        owner = function.parent
        if owner is None or not isinstance(owner.node, ast.ClassDef) or function.name not in self._frameworks.methods:
            return ""
        for base in owner.node.bases:
            name = dotted(base.value if isinstance(base, ast.Subscript) else base)
            if name.endswith(self._frameworks.base_suffixes):
                return f"a method of a {name.rpartition('.')[2]}"
        return ""

    def _by_signature(self, function: Scope) -> str:
        parameters = [arg for arg in function.parameters if arg.arg not in {"self", "cls"}]
        names = tuple(arg.arg for arg in parameters)
        if names in self._frameworks.signatures and function.name != "__init__":
            return f"called with ({', '.join(names)})"
        for arg in parameters:
            if isinstance(arg.annotation, ast.Name | ast.Attribute):
                annotation = self._names.qualified(arg.annotation, function.parent or function)
                if annotation is not None and self._frameworks.is_request(annotation):
                    return f"called with a {annotation.rpartition('.')[2]}"
        first = parameters[0] if parameters else None
        if first is not None and first.arg == "request" and first.annotation is None and self._imports_framework:
            return "called with a request"
        return ""

    @cached_property
    def _imports_framework(self) -> bool:
        """Whether the module imports a web framework, and not pytest, whose fixtures have a `request` too."""
        modules = set()
        for statement in ast.walk(self._names.module.tree):
            if isinstance(statement, ast.ImportFrom):
                modules.add(statement.module or "")
            elif isinstance(statement, ast.Import):
                modules.update(alias.name for alias in statement.names)
        web = (*self._frameworks.request_modules, "aiohttp")
        return any(module.startswith(web) for module in modules) and "pytest" not in modules

    def _registered(self, call: ast.Call, scope: Scope) -> list[tuple[Scope, str]]:
        """The functions that a call registers as handlers or dependencies."""
        name = dotted(call.func)
        owner, _, last = name.rpartition(".")
        known = self._frameworks
        if last in known.dependencies:
            text = "a dependency"
        elif last in known.registrations or last in known.registrations_of.get(owner, frozenset()):
            text = f"registered with {last}"
        else:
            return []
        found = []
        for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
            target = self._names.target(_viewed(argument), scope)
            if isinstance(target, Scope) and target.is_class:
                target = self._names.member(target, ["__init__" if text == "a dependency" else "__call__"])
            if isinstance(target, Scope) and target.is_function:
                found.append((target, text))
        return found


def _has_path(decorator: ast.Call) -> bool:
    """Whether the decorator has a path as its first argument, or none at all but keywords."""
    if not decorator.args:
        return any(keyword.arg in {"path", "rule", "response_model", "tags"} for keyword in decorator.keywords)
    first = decorator.args[0]
    if isinstance(first, ast.Constant):
        return isinstance(first.value, str) and (first.value.startswith(("/", "<", "{")) or not first.value)
    return isinstance(first, ast.JoinedStr | ast.Name | ast.Attribute | ast.BinOp)


def _viewed(node: ast.expr) -> ast.expr:
    """Django's View.as_view() stands for the class."""
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr="as_view")):
            return owner
        case _:
            return node

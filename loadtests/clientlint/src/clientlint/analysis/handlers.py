"""Which functions a framework calls for each request: handlers, dependencies, tasks."""

import ast
from collections.abc import Iterator
from functools import cached_property

from clientlint.analysis.names import Names, decorator_name, dotted
from clientlint.analysis.scopes import Scope
from clientlint.frameworks import Frameworks


class Handlers:
    def __init__(self, names: Names, frameworks: Frameworks) -> None:
        self._names = names
        self._frameworks = frameworks

    def found(self) -> Iterator[tuple[Scope, str]]:
        """Each such function, with how that is known, as the end of a sentence."""
        for function in self._names.module.functions:
            text = self._by_decorator(function) or self._by_class(function) or self._by_signature(function)
            if text:
                yield function, text
        for scope in self._names.module.scopes.values():
            for call in scope.calls:
                yield from self._registered(call, scope)

    def _by_decorator(self, function: Scope) -> str:
        known = self._frameworks
        for decorator in function.decorators:
            name = decorator_name(decorator)
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

"""What an expression refers to: a name of another module, or a function or class of this one."""

import ast

from clientlint.analysis.memo import Memo
from clientlint.analysis.scopes import Assigned, Binding, Defined, Imported, ParsedModule, Scope

Target = str | Scope  # the qualified name of something imported, or a function or class of this module


class Names:
    def __init__(self, module: ParsedModule) -> None:
        self.module = module
        self._targets: Memo[Target] = Memo()
        self._members: Memo[Target] = Memo()
        self._instances: Memo[Scope] = Memo()
        self._bases: dict[Scope, list[Target | None]] = {}

    def qualified(self, node: ast.expr, scope: Scope) -> str | None:
        """The name of something imported, such as httpx.AsyncClient, whatever it is called here."""
        found = self.target(node, scope)
        return found if isinstance(found, str) else None

    def target(self, node: ast.expr, scope: Scope) -> Target | None:
        """What a call of this expression calls: a qualified name, or a function or class of this module."""
        rest: list[str] = []
        while isinstance(node, ast.Attribute):
            rest.append(node.attr)
            node = node.value
        rest.reverse()
        match node:
            case ast.Call():
                return self._of_call(node, rest, scope)
            case ast.Lambda():
                return None if rest else self.module.scopes[node]
            case ast.Name(id="self" | "cls") if scope.of_class is not None:
                return self.member(scope.of_class, rest)
            case ast.Name(id=name):
                return self._of_name(name, rest, scope)
            case _:
                return None

    def member(self, owner: Scope, path: list[str]) -> Target | None:
        """A method of a class of this module, or of its base classes in this module."""
        if len(path) != 1:
            return None
        return self._members.of((owner, path[0]), lambda: self._member(owner, path))

    def _member(self, owner: Scope, path: list[str]) -> Target | None:
        for binding in owner.bindings.get(path[0], ()):
            match binding:
                case Defined(inner):
                    return inner
                case Assigned(value):
                    return self.target(value, owner)
                case _:
                    pass
        for stored in owner.attributes.get(path[0], ()):
            if isinstance(stored.value, ast.Name | ast.Attribute | ast.Lambda) or self._is_partial(stored.value, owner):
                return self.target(stored.value, stored.stored_by)
        for base in self.local_bases(owner):
            found = self.member(base, path)
            if found is not None:
                return found
        return None

    def bases(self, owner: Scope) -> list[Target | None]:
        if owner not in self._bases:
            self._bases[owner] = []
            self._bases[owner] = self._find_bases(owner)
        return self._bases[owner]

    def _find_bases(self, owner: Scope) -> list[Target | None]:
        if not isinstance(owner.node, ast.ClassDef) or owner.parent is None:
            return []
        found = [self.target(_unsubscripted(base), owner.parent) for base in owner.node.bases]
        return [None if base is owner else base for base in found]  # class A(A): the other A is not followed

    def local_bases(self, owner: Scope) -> list[Scope]:
        return [base for base in self.bases(owner) if isinstance(base, Scope)]

    def instance_class(self, node: ast.expr, scope: Scope) -> Scope | None:
        """The class of this module that an expression is an instance of."""
        return self._instances.of((node, scope), lambda: self._instance_class(node, scope))

    def _instance_class(self, node: ast.expr, scope: Scope) -> Scope | None:
        match node:
            case ast.Call(func=func):
                found = self.target(func, scope)
                return found if isinstance(found, Scope) and found.is_class else None
            case ast.Name(id=name):
                for binding in scope.lookup(name):
                    if isinstance(binding, Assigned):
                        return self.instance_class(binding.value, binding.stored_by)
            case ast.Attribute(value=ast.Name(id="self"), attr=name) if scope.of_class is not None:
                for stored in scope.of_class.attributes.get(name, ()):
                    return self.instance_class(stored.value, stored.stored_by)
            case _:
                pass
        return None

    def _of_name(self, name: str, rest: list[str], scope: Scope) -> Target | None:
        bindings = scope.lookup(name)
        return self._targets.of((id(bindings), *rest), lambda: self._of_bindings(bindings, rest))

    def _of_bindings(self, bindings: list[Binding], rest: list[str]) -> Target | None:
        for binding in bindings:
            found = self._of_binding(binding, rest)
            if found is not None:
                return found
        return None

    def _of_binding(self, binding: Binding, rest: list[str]) -> Target | None:
        match binding:
            case Imported(imported):
                return ".".join([imported, *rest])
            case Defined(inner):
                owner = inner if inner.is_class else None
                return inner if not rest else owner and self.member(owner, rest)
            case Assigned(value, stored_by):
                return self._of_value(value, rest, stored_by)
            case _:
                return None

    def _of_value(self, value: ast.expr, rest: list[str], scope: Scope) -> Target | None:
        """What a name refers to that has been assigned this value: an alias, a partial, or an instance's method."""
        instance = self.instance_class(value, scope) if rest else None
        if instance is not None:
            return self.member(instance, rest)
        if isinstance(value, ast.Call) and (rest or not self._is_partial(value, scope)):
            return None
        base = self.target(value, scope)
        if not rest:
            return base
        return ".".join([base, *rest]) if isinstance(base, str) else None

    def _of_call(self, call: ast.Call, rest: list[str], scope: Scope) -> Target | None:
        if not rest:
            return self.target(call.args[0], scope) if self._is_partial(call, scope) else None
        owner = self.instance_class(call, scope)
        return self.member(owner, rest) if owner is not None else None

    def _is_partial(self, node: ast.expr, scope: Scope) -> bool:
        """functools.partial(f, …), which is f with some arguments given."""
        if not isinstance(node, ast.Call) or not node.args:
            return False
        match node.func:
            case ast.Name(id=name):
                return Imported("functools.partial") in scope.lookup(name)
            case ast.Attribute(value=ast.Name(id=name), attr="partial"):
                return Imported("functools") in scope.lookup(name)
            case _:
                return False


def _unsubscripted(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Subscript) else node


def dotted(node: ast.expr) -> str:
    """An expression such as `app.state.client`, as it is written; empty if it is something else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Call):
        inner = dotted(node.func)
        return ".".join([f"{inner}()", *reversed(parts)]) if inner else ""
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def decorator_name(node: ast.expr) -> str:
    """A decorator as it is written, without its arguments: app.get of @app.get("/")."""
    return dotted(node.func if isinstance(node, ast.Call) else node)

"""One parsed module: its scopes, what their names are bound to, and where each node stands."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
ScopeNode = ast.Module | ast.ClassDef | FunctionNode
Loop = ast.For | ast.AsyncFor | ast.While | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True)
class Imported:
    name: str


@dataclass(frozen=True)
class Defined:
    scope: "Scope"


@dataclass(frozen=True)
class Assigned:
    value: ast.expr
    stored_by: "Scope"


@dataclass(frozen=True)
class Parameter:
    arg: ast.arg
    default: ast.expr | None


@dataclass(frozen=True)
class Opaque:
    """Bound to something that is not followed, such as the items of a loop."""


NOTHING: list["Binding"] = []  # what an unknown name is bound to
Binding = Imported | Defined | Assigned | Parameter | Opaque


@dataclass(eq=False)
class Scope:
    """A module, a class, a function or a lambda."""

    node: ScopeNode
    parent: "Scope | None"
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    outer: dict[str, "Scope"] = field(default_factory=dict)  # where names declared `global` or `nonlocal` belong
    attributes: dict[str, list[Assigned]] = field(default_factory=dict)  # of a class: what is stored at self.…
    calls: list[ast.Call] = field(default_factory=list)
    loads: dict[str, list[ast.Name]] = field(default_factory=dict)  # where it uses which name
    results: list[ast.expr] = field(default_factory=list)  # what it returns or yields
    children: list["Scope"] = field(default_factory=list)

    @property
    def name(self) -> str:
        if isinstance(self.node, ast.Module):
            return "the module"
        return "a lambda" if isinstance(self.node, ast.Lambda) else self.node.name

    @property
    def is_function(self) -> bool:
        return isinstance(self.node, FunctionNode)

    @property
    def is_class(self) -> bool:
        return isinstance(self.node, ast.ClassDef)

    @property
    def is_async(self) -> bool:
        return isinstance(self.node, ast.AsyncFunctionDef)

    @property
    def decorators(self) -> list[ast.expr]:
        return [] if isinstance(self.node, ast.Module | ast.Lambda) else self.node.decorator_list

    @property
    def parameters(self) -> list[ast.arg]:
        if not isinstance(self.node, FunctionNode):
            return []
        arguments = self.node.args
        return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]

    @property
    def module(self) -> "Scope":
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    @property
    def of_class(self) -> "Scope | None":
        """The class whose method this is, or in whose method it stands."""
        scope: Scope | None = self
        while scope is not None and not scope.is_class:
            scope = scope.parent
        return scope

    def lookup(self, name: str) -> list[Binding]:
        """What a name that is used in this scope may be bound to."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.bindings and (scope is self or not scope.is_class):
                return scope.bindings[name]
            scope = scope.parent
        return NOTHING

    def uses(self, name: str) -> Iterator[tuple["Scope", ast.Name]]:
        """Where this scope, and those inside it for which it means the same, use a name."""
        pending = [self]
        while pending:
            scope = pending.pop()
            for use in scope.loads.get(name, ()):
                yield scope, use
            pending.extend(child for child in scope.children if name not in child.bindings)


class ParsedModule:
    """A module with its scopes. Walks without recursion, for a file may be nested as deeply as the parser allows."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.top = Scope(tree, None)
        self.parents: dict[ast.AST, ast.AST] = {}
        self.scopes: dict[ast.AST, Scope] = {tree: self.top}
        self.attributes: dict[str, list[ast.Attribute]] = {}
        self.stored: dict[str, list[Assigned]] = {}  # at attributes of something other than self
        self._read(tree)

    def parent(self, node: ast.AST) -> ast.AST:
        return self.parents[node]

    def scope_of(self, node: ast.AST) -> Scope:
        """The scope that runs a node. A decorator or a default value belongs to the scope around its function."""
        child, parent = node, self.parents.get(node)
        while parent is not None:
            if parent in self.scopes and self._is_body(child, parent):
                return self.scopes[parent]
            child, parent = parent, self.parents.get(parent)
        return self.top

    def ancestors(self, node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
        """Pairs of a child and its parent, upwards, as far as the scope of `node` reaches."""
        child, parent = node, self.parents.get(node)
        while parent is not None:
            yield child, parent
            if parent in self.scopes and self._is_body(child, parent):
                return
            child, parent = parent, self.parents.get(parent)

    @property
    def functions(self) -> list[Scope]:
        return [scope for scope in self.scopes.values() if scope.is_function]

    @property
    def classes(self) -> list[Scope]:
        return [scope for scope in self.scopes.values() if scope.is_class]

    @staticmethod
    def _is_body(child: ast.AST, parent: ast.AST) -> bool:
        if isinstance(parent, ast.Lambda):
            return not isinstance(child, ast.arguments)
        return isinstance(child, ast.stmt)

    def _read(self, tree: ast.Module) -> None:
        pending: list[tuple[ast.AST, Scope]] = [(tree, self.top)]
        while pending:
            node, scope = pending.pop()
            inner = scope
            if isinstance(node, FunctionNode | ast.ClassDef):
                inner = self._enter(node, scope)
            else:
                self._note(node, scope)
            children = list(ast.iter_child_nodes(node))
            for child in reversed(children):
                self.parents[child] = node
                pending.append((child, inner if self._is_body(child, node) else scope))

    def _enter(self, node: FunctionNode | ast.ClassDef, scope: Scope) -> Scope:
        inner = self.scopes[node] = Scope(node, scope)
        scope.children.append(inner)
        if not isinstance(node, ast.Lambda):
            self._add(scope, node.name, Defined(inner))
        if isinstance(node, ast.Lambda):
            inner.results.append(node.body)
        if isinstance(node, FunctionNode):
            for arg, default in _parameters(node.args):
                self._add(inner, arg.arg, Parameter(arg, default))
        return inner

    def _note(self, node: ast.AST, scope: Scope) -> None:
        """Note what a node uses, imports, declares or binds."""
        match node:
            case ast.Call():
                scope.calls.append(node)
            case ast.Name(id=name, ctx=ast.Load()):
                scope.loads.setdefault(name, []).append(node)
            case ast.Attribute(attr=name):
                self.attributes.setdefault(name, []).append(node)
            case ast.Return(value=value) | ast.Yield(value=value) if value is not None:
                scope.results.append(value)
            case ast.Import() | ast.ImportFrom():
                for name, imported in _imports(node):
                    self._add(scope, name, Imported(imported))
            case ast.Global(names=names):
                scope.outer.update(dict.fromkeys(names, self.top))
            case ast.Nonlocal(names=names):
                scope.outer.update({name: _home(scope, name) for name in names})
            case _:
                self._bind(node, scope)

    def _bind(self, node: ast.AST, scope: Scope) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._store(target, value, scope)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                self._store(target, value, scope)
            case ast.NamedExpr(target=target, value=value):
                self._store(target, value, scope)
            case ast.withitem(context_expr=value, optional_vars=target) if target is not None:
                self._store(target, value, scope)
            case ast.For(target=target) | ast.AsyncFor(target=target) | ast.comprehension(target=target):
                for name in _names(target):
                    self._add(scope, name, Opaque())
            case _:
                pass

    def _store(self, target: ast.expr, value: ast.expr, scope: Scope) -> None:
        match target, value:
            case ast.Name(id=name), _:
                self._add(scope, name, Assigned(value, scope))
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name), _ if scope.of_class is not None:
                scope.of_class.attributes.setdefault(name, []).append(Assigned(value, scope))
            case ast.Attribute(attr=name), _:
                self.stored.setdefault(name, []).append(Assigned(value, scope))
            case ((ast.Tuple(elts=targets) | ast.List(elts=targets)), (ast.Tuple(elts=values) | ast.List(elts=values))):
                if len(targets) == len(values):
                    for one, its_value in zip(targets, values, strict=True):
                        self._store(one, its_value, scope)
            case ((ast.Tuple() | ast.List()), _):
                for name in _names(target):
                    self._add(scope, name, Opaque())
            case _:
                pass

    @staticmethod
    def _add(scope: Scope, name: str, binding: Binding) -> None:
        scope.outer.get(name, scope).bindings.setdefault(name, []).append(binding)


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Names that an import binds, with what they stand for."""
    if isinstance(node, ast.ImportFrom):
        base = "." * node.level + (node.module or "")
        yield from ((alias.asname or alias.name, f"{base}.{alias.name}") for alias in node.names)
        return
    for alias in node.names:
        first = alias.name.partition(".")[0]
        yield alias.asname or first, alias.name if alias.asname else first


def _home(scope: Scope, name: str) -> Scope:
    outer = scope.parent
    while outer is not None and not (outer.is_function and name in outer.bindings):
        outer = outer.parent
    return outer or scope.module


def _parameters(arguments: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    missing = len(positional) - len(arguments.defaults)
    yield from zip(positional, [*[None] * missing, *arguments.defaults], strict=True)
    yield from zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    for arg in (arguments.vararg, arguments.kwarg):
        if arg is not None:
            yield arg, None


def _names(target: ast.expr) -> list[str]:
    return [node.id for node in ast.walk(target) if isinstance(node, ast.Name)]

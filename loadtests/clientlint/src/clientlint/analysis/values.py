"""Which expressions make a client, and which hold one that others use as well."""

import ast
from dataclasses import dataclass, replace
from enum import Enum

from clientlint.analysis.fates import ENTERED, MANAGERS, Fates
from clientlint.analysis.memo import Memo
from clientlint.analysis.names import Names, Target, decorator_name
from clientlint.analysis.scopes import Assigned, Binding, Imported, Parameter, Scope
from clientlint.clients import Clients, Kind
from clientlint.frameworks import Frameworks

# Classes of classes of this module: a circle of base classes ends.
DEPTH = 8


class Owner(Enum):
    """Who is responsible for a client."""

    CALL = "made by this call"
    SHARED = "used by others too"
    CALLER = "handed in as an argument"
    AROUND = "made by the function around this one"


@dataclass(frozen=True)
class Client:
    """A client that an expression stands for."""

    kind: Kind
    owner: Owner
    via: Scope | None = None  # the function or class of this module that makes it
    made: ast.Call | None = None  # the constructor's call


class Values:
    def __init__(self, names: Names, fates: Fates, clients: Clients, frameworks: Frameworks) -> None:
        self.names = names
        self.fates = fates
        self.clients = clients
        self.frameworks = frameworks
        self._products: Memo[Client] = Memo()
        self._attributes: Memo[Client] = Memo()
        self._stored: Memo[Client] = Memo()
        self._bound: Memo[Client] = Memo()

    def constructor(self, call: ast.Call, scope: Scope) -> Kind | None:
        """The kind of client that this call constructs, if it calls a constructor or a subclass of one."""
        return self.kind(self.names.target(call.func, scope))

    def kind(self, target: Target | None, depth: int = DEPTH) -> Kind | None:
        if isinstance(target, str):
            return self.clients.kinds.get(target)
        if target is not None and target.is_class and depth:
            for base in self.names.bases(target):
                kind = self.kind(base, depth - 1)
                if kind is not None and not kind.one_off:
                    return kind
        return None

    def of(self, node: ast.expr | None, scope: Scope) -> Client | None:
        """The client that an expression stands for."""
        match node:
            case ast.Await() | ast.NamedExpr() | ast.IfExp() | ast.BoolOp():
                return _agreed([self.of(value, scope) for value in _alternatives(node)])
            case ast.Call():
                return self._of_call(node, scope)
            case ast.Name(id=name):
                bindings = scope.lookup(name)
                return self._bound.of((id(bindings), scope), lambda: self._of_bindings(name, bindings, scope))
            case ast.Attribute():
                return self._of_attribute(node, scope)
            case _:
                return None

    def _of_attribute(self, node: ast.Attribute, scope: Scope) -> Client | None:
        if isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}:
            owner = scope.of_class
        else:
            owner = self.names.instance_class(node.value, scope)
        if owner is not None:
            return self.attribute(owner, node.attr)
        stored = self.names.module.stored.get(node.attr, [])
        return self._stored.of(node.attr, lambda: self._shared_by(stored))

    def product(self, function: Scope) -> Client | None:
        """What a function of this module returns or yields, if it is a client."""
        return self._products.of(function, lambda: self._product(function))

    def is_cached(self, function: Scope) -> bool:
        return any(self.frameworks.is_cache(decorator_name(node)) for node in function.decorators)

    def is_generator(self, function: Scope) -> bool:
        """Whether a function yields what it makes, so that it goes on when its caller has finished."""
        return any(isinstance(self.names.module.parents.get(result), ast.Yield) for result in function.results)

    def held_by(self, owner: Scope) -> Client | None:
        """The client that each instance of a class of this module makes for itself."""
        for stores in owner.attributes.values():
            for stored in stores:
                if stored.stored_by.name not in {"__init__", "__post_init__"} or stored.stored_by.parent is not owner:
                    continue
                client = self.of(stored.value, stored.stored_by)
                if client is None or client.owner is not Owner.CALL or client.made is None:
                    continue
                if not self.fates.of(stored.value, stored.stored_by, client.kind.close).branched and isinstance(
                    stored.value, ast.Call | ast.Await
                ):
                    return Client(client.kind, Owner.CALL, owner, client.made)
        return None

    def attribute(self, owner: Scope, name: str) -> Client | None:
        """The client that a class stores at one of its attributes. All its methods share it."""
        return self._attributes.of((owner, name), lambda: self._attribute(owner, name))

    def _attribute(self, owner: Scope, name: str) -> Client | None:
        found = self._shared_by(owner.attributes.get(name, []))
        if found is None:
            found = self._of_bindings(name, owner.bindings.get(name, []), owner)
        method = self.names.member(owner, [name])
        if found is None and isinstance(method, Scope) and method.is_function and _is_property(method):
            found = self.product(method)
        for base in self.names.local_bases(owner):
            found = found or self.attribute(base, name)
        return found

    def _shared_by(self, stores: list[Assigned]) -> Client | None:
        client = _agreed([self.of(stored.value, stored.stored_by) for stored in stores])
        return Client(client.kind, Owner.SHARED, client.via, client.made) if client is not None else None

    def _of_bindings(self, name: str, bindings: list[Binding], scope: Scope) -> Client | None:
        found: list[Client | None] = []
        for binding in bindings:
            match binding:
                case Assigned(value, stored_by):
                    client = self.of(value, stored_by)
                    if client is not None:
                        found.append(replace(client, owner=self._owner(name, client, stored_by, scope)))
                case Parameter(arg, default):
                    found.append(self._of_parameter(arg, default, scope))
                case Imported():
                    return None
                case _:
                    pass
        return _agreed(found)

    @staticmethod
    def _owner(name: str, client: Client, stored_by: Scope, scope: Scope) -> Owner:
        """Who owns a client that has a name: a global is everybody's, a function's own name is not."""
        if client.owner is Owner.SHARED or not stored_by.is_function or name in stored_by.outer:
            return Owner.SHARED
        return client.owner if stored_by is scope else Owner.AROUND

    def _of_parameter(self, arg: ast.arg, default: ast.expr | None, scope: Scope) -> Client | None:
        for wish in (default, *_metadata(arg.annotation)):
            if isinstance(wish, ast.Call) and wish.args and _last(wish.func) in self.frameworks.dependencies:
                provider = self.names.target(wish.args[0], scope)
                client = self.product(provider) if isinstance(provider, Scope) and provider.is_function else None
                if client is not None:
                    return client if client.owner is Owner.SHARED else Client(client.kind, Owner.CALLER, client.via)
        annotation = next((part for part in _classes(arg.annotation)), None)
        kind = self.kind(self.names.target(annotation, scope)) if annotation is not None else None
        return Client(kind, Owner.CALLER) if kind is not None and not kind.one_off else None

    def _of_call(self, call: ast.Call, scope: Scope) -> Client | None:
        target = self.names.target(call.func, scope)
        kind = self.kind(target)
        if kind is not None:
            return None if kind.one_off else Client(kind, Owner.CALL, None, call)
        if isinstance(target, Scope) and target.is_function:
            return self.product(target)
        if isinstance(call.func, ast.Attribute) and call.func.attr in ENTERED:
            return self.of(call.func.value, scope)
        if call.args and _last(call.func) in MANAGERS:
            return self.of(call.args[0], scope)
        return None

    def _product(self, function: Scope) -> Client | None:
        results = [result for result in function.results if not _is_none(result)]
        clients = [self.of(result, function) for result in results]
        if None in clients:
            return None  # at times it returns something else, such as what somebody keeps
        for client in clients:
            if client is None or client.owner in {Owner.CALLER, Owner.AROUND}:
                continue
            shared = client.owner is Owner.SHARED or self.is_cached(function)
            if not shared and client.made is not None and self.names.module.scope_of(client.made) is function:
                fate = self.fates.of(client.made, function, client.kind.close)
                shared = fate.kept
            return Client(client.kind, Owner.SHARED if shared else Owner.CALL, function, client.made)
        return None


def _alternatives(node: ast.Await | ast.NamedExpr | ast.IfExp | ast.BoolOp) -> list[ast.expr]:
    """The expressions whose value this one may have."""
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            return [body, orelse]
        case ast.BoolOp(values=values):
            return values
        case ast.Await(value=value) | ast.NamedExpr(value=value):
            return [value]


def _agreed(clients: list[Client | None]) -> Client | None:
    """The first of them that is not shared, for the code around will know which it has to close.

    None if some are sync and some async, for then it depends on what cannot be seen here.
    """
    found = [client for client in clients if client is not None]
    if len({client.kind.is_async for client in found}) != 1:
        return None
    return next((client for client in found if client.owner is not Owner.SHARED), found[0])


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_property(function: Scope) -> bool:
    return any(
        decorator_name(node).rpartition(".")[2] in {"property", "cached_property"} for node in function.decorators
    )


def _metadata(annotation: ast.expr | None) -> list[ast.expr]:
    """The further arguments of Annotated[…]."""
    if isinstance(annotation, ast.Subscript) and isinstance(annotation.slice, ast.Tuple):
        return annotation.slice.elts[1:]
    return []


def _classes(annotation: ast.expr | None) -> list[ast.expr]:
    """The classes that an annotation names: X of X, of X | None, of Optional[X] and of Annotated[X, …]."""
    match annotation:
        case ast.Name() | ast.Attribute():
            return [annotation]
        case (
            ast.BinOp(left=one, op=ast.BitOr(), right=ast.Constant(value=None))
            | ast.BinOp(left=ast.Constant(value=None), op=ast.BitOr(), right=one)
        ):
            return _classes(one)
        case ast.Subscript(
            value=ast.Name(id="Optional" | "Annotated") | ast.Attribute(attr="Optional" | "Annotated"), slice=inner
        ):
            return _classes(inner.elts[0] if isinstance(inner, ast.Tuple) else inner)
        case _:
            return []

"""Whether the requests of a loop go to one host, so that one connection could serve them all."""

import ast

from clientlint.analysis.scopes import Assigned, Scope
from clientlint.clients import Kind

DEPTH = 5
# What stands before the host in a URL, and ends it.
SCHEME, END = "://", "/"


def asked(call: ast.Call, kind: Kind) -> ast.expr | None:
    """The URL of a one-off request."""
    position = 1 if kind.name.endswith(".request") or kind.name.endswith(".stream") else 0
    if len(call.args) > position:
        return call.args[position]
    return next((keyword.value for keyword in call.keywords if keyword.arg == "url"), None)


def has_fixed_host(url: ast.expr | None, changing: frozenset[str], scope: Scope, depth: int = DEPTH) -> bool:
    """Whether a URL begins with something that no turn of the loop changes."""
    if depth == 0:
        return False
    match _beginning(url):
        case ast.Constant(value=str(text)) as beginning:
            return beginning is url or _names_host(text)
        case ast.Attribute(value=ast.Name(id=name)):
            return name not in changing
        case ast.Name(id=name) if name in changing:
            bindings = scope.bindings.get(name, ())
            values = [binding.value for binding in bindings if isinstance(binding, Assigned)]
            known = bool(values) and len(values) == len(bindings)
            return known and all(has_fixed_host(value, changing - {name}, scope, depth - 1) for value in values)
        case ast.Name():
            return True
        case _:
            return False


def _beginning(url: ast.expr | None) -> ast.expr | None:
    """The part that a URL is built on."""
    while True:
        match url:
            case ast.BinOp(left=part) | ast.FormattedValue(value=part) | ast.JoinedStr(values=[part, *_]):
                url = part
            case ast.Call(func=ast.Name(id="urljoin") | ast.Attribute(attr="urljoin"), args=[part, *_]):
                url = part
            case ast.Call(func=ast.Attribute(value=ast.Constant() as part, attr="format")):
                return ast.Constant(str(part.value).partition("{")[0])
            case _:
                return url


def _names_host(text: str) -> bool:
    """Whether the beginning of a URL has its host in full."""
    _, scheme, rest = text.partition(SCHEME)
    return bool(scheme) and END in rest

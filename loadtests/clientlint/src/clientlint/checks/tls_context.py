"""CL003: a TLS context is built again and again, where one could serve all."""

import ast
from collections.abc import Iterator

from clientlint.analysis.analysis import Analysis
from clientlint.analysis.makings import Making
from clientlint.analysis.tls import Building
from clientlint.problem import Fix, Problem

CODE = "CL003"
ADVICE = "Build one and share it"
# Arguments that have a part in the context which a constructor builds.
OWN_CONTEXT = frozenset({"verify", "cert", "trust_env", "http2", "mounts"})
SAME_EACH_TIME = frozenset({"ssl.create_default_context", "httpx.create_ssl_context", "httpx2.create_ssl_context"})


def check(analysis: Analysis) -> Iterator[Problem]:
    for making in analysis.makings:
        if not analysis.tls.loads_bundle(making) or (making.kind.one_off and making.scope.is_async):
            continue
        again = analysis.repeats(making)
        if again is not None:
            message = f"{making.what} builds a TLS context, about 17 ms of CPU, {again}."
            yield Problem(CODE, making.call, f"{message} {ADVICE}: {making.kind.verify}=….", _sharing(making))
    for building in analysis.tls.buildings():
        again = _repeats(building, analysis)
        if again is not None:
            message = f"{building.name} builds a TLS context {again}. {ADVICE}."
            yield Problem(CODE, building.call, message, _reusing(building, analysis))


def _repeats(building: Building, analysis: Analysis) -> str | None:
    fate = analysis.fates.of(building.call, building.scope, frozenset())
    if fate.kept or fate.returned or fate.yielded:
        return None
    reason = analysis.contexts.per_request(building.scope)
    if reason is not None:
        return f"for each request: `{building.scope.name}` is {reason.text}"
    loop = analysis.fates.loop_around(building.call)
    if loop is not None and not analysis.repetition.is_excused(loop, building.call, building.scope):
        return f"in each turn of the loop at line {loop.lineno}"
    return _with_client(building, analysis)


def _with_client(building: Building, analysis: Analysis) -> str | None:
    """A context for a client that is itself made again and again."""
    names = analysis.fates.of(building.call, building.scope, frozenset()).names
    for making in analysis.makings:
        if making.scope is building.scope and _is_given(making, building, names):
            return analysis.repeats(making)
    return None


def _sharing(making: Making) -> Fix | None:
    """The context that the constructor would build is create_ssl_context()'s, unless it is told more about TLS."""
    if (
        making.via is not None
        or not making.scope.is_function
        or any(keyword.arg in OWN_CONTEXT for keyword in making.call.keywords)
    ):
        return None
    return Fix.SHARE_CONTEXT


def _reusing(building: Building, analysis: Analysis) -> Fix | None:
    """Only a context without settings of its own, that nothing here changes, is the same each time."""
    if (
        building.name not in SAME_EACH_TIME
        or building.call.args
        or building.call.keywords
        or not building.scope.is_function
    ):
        return None
    fate = analysis.fates.of(building.call, building.scope, frozenset())
    parents = [analysis.module.parent(use) for name in fate.names for _, use in building.scope.uses(name)]
    if not fate.names:
        parents.append(analysis.module.parent(building.call))
    given = all(isinstance(parent, ast.keyword) and parent.arg in analysis.clients.tls_parameters for parent in parents)
    return Fix.REUSE_CONTEXT if given else None


def _is_given(making: Making, building: Building, names: set[str]) -> bool:
    for keyword in making.call.keywords:
        for node in ast.walk(keyword.value):
            if node is building.call or (isinstance(node, ast.Name) and node.id in names):
                return True
    return False

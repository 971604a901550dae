"""CL001: a client is constructed again and again, where one could serve all."""

from collections.abc import Iterator

from clientlint.analysis.analysis import Analysis
from clientlint.analysis.makings import Making
from clientlint.problem import Problem

CODE = "CL001"
# Constructors that are functions by name.
FUNCTIONS = (".connect", ".create_pool", ".from_url")


def check(analysis: Analysis) -> Iterator[Problem]:
    for making in analysis.makings:
        if making.kind.one_off and making.scope.is_async:
            continue  # CL004 says the worse
        again = analysis.repeats(making)
        if again is not None:
            yield Problem(CODE, making.call, _message(making, again))


def _message(making: Making, again: str) -> str:
    role = making.kind.role
    if making.kind.one_off:
        return f"{making.kind.name} makes a {role} and a connection {again}. Share one {role}."
    is_function = making.via is not None or making.kind.name.endswith(FUNCTIONS)
    return f"{making.what} is {'called' if is_function else 'constructed'} {again}. Share one {role}."

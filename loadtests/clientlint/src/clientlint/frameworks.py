"""How frameworks call functions, as frameworks.toml says."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

_WORD = re.compile(r"^_*(?:async_|aio_)?([a-z]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Frameworks:
    path_decorators: frozenset[str]
    decorators: frozenset[str]
    object_decorators: frozenset[str]
    registrations: frozenset[str]
    registrations_of: Mapping[str, frozenset[str]]
    dependencies: frozenset[str]
    base_suffixes: tuple[str, ...]
    methods: frozenset[str]
    request_modules: tuple[str, ...]
    request_names: frozenset[str]
    signatures: frozenset[tuple[str, ...]]
    caches: frozenset[str]
    once_names: frozenset[str]
    once_first_words: frozenset[str]
    once_decorators: frozenset[str]

    def with_decorators(self, names: frozenset[str]) -> "Frameworks":
        """With decorators of one's own that mark functions which run for each request."""
        return replace(self, decorators=self.decorators | names)

    def is_once(self, name: str) -> bool:
        """Whether a function of this name begins or ends something, so that it runs once."""
        if name in self.once_names or name.lstrip("_") in self.once_names:
            return True
        word = _WORD.match(name)
        return word is not None and word[1].lower() in self.once_first_words

    def is_cache(self, decorator: str) -> bool:
        last = decorator.rpartition(".")[2]
        return last in self.caches or last.endswith("_cache")

    def is_request(self, annotation: str) -> bool:
        """Whether this class, by its qualified name, is the request of a framework."""
        return annotation.rpartition(".")[2] in self.request_names and annotation.startswith(self.request_modules)


@cache
def known_frameworks() -> Frameworks:
    data = tomllib.loads(resources.files("clientlint").joinpath("frameworks.toml").read_text(encoding="utf-8"))
    per_request, once = data["per_request"], data["once"]
    return Frameworks(
        path_decorators=frozenset(per_request["path_decorators"]),
        decorators=frozenset(per_request["decorators"]),
        object_decorators=frozenset(per_request["object_decorators"]),
        registrations=frozenset(per_request["registrations"]),
        registrations_of={module: frozenset(names) for module, names in per_request["registrations_of"].items()},
        dependencies=frozenset(per_request["dependencies"]),
        base_suffixes=tuple(per_request["base_suffixes"]),
        methods=frozenset(per_request["methods"]),
        request_modules=tuple(per_request["request_modules"]),
        request_names=frozenset(per_request["request_names"]),
        signatures=frozenset(tuple(names) for names in per_request["signatures"]),
        caches=frozenset(once["caches"]),
        once_names=frozenset(once["names"]),
        once_first_words=frozenset(once["first_words"]),
        once_decorators=frozenset(once["decorators"]),
    )

"""[tool.clientlint] of pyproject.toml."""

import difflib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from clientlint.clients import known_clients
from clientlint.errors import ClientlintError
from clientlint.rules import RULES

# A client that lives as long as a test is right.
TESTS = ("tests", "test", "testing", "test_*.py", "*_test.py", "conftest.py")


@dataclass(frozen=True)
class Config:
    root: Path
    select: frozenset[str] = frozenset(RULES)
    ignore: frozenset[str] = frozenset()
    exclude: tuple[str, ...] = TESTS
    per_file_ignores: Mapping[str, frozenset[str]] = field(default_factory=dict)
    handler_decorators: frozenset[str] = frozenset()
    clients: Mapping[str, str] = field(default_factory=dict)

    @property
    def codes(self) -> frozenset[str]:
        return self.select - self.ignore


def find_config(start: Path) -> Config:
    """The configuration of the nearest pyproject.toml that has one, upwards from a folder."""
    folder = start.resolve()
    for parent in (folder, *folder.parents):
        path = parent / "pyproject.toml"
        if path.is_file() and "clientlint" in _read(path).get("tool", {}):
            return read_config(path)
    return Config(folder)


def read_config(path: Path) -> Config:
    table = _read(path).get("tool", {}).get("clientlint", {})
    if not isinstance(table, dict):
        raise ClientlintError(f"{path}: tool.clientlint must be a table")
    config = Config(path.resolve().parent)
    for key, value in table.items():
        reader = _READERS.get(key)
        if reader is None:
            raise ClientlintError(f"{path}: tool.clientlint has no key {key}.{_nearest(key, _READERS)}")
        try:
            config = reader(config, value)
        except (TypeError, ValueError) as error:
            raise ClientlintError(f"{path}: tool.clientlint.{key} {error}") from error
    return config


def rule_codes(values: Any) -> frozenset[str]:
    """Codes of rules. Raises ValueError for others."""
    codes = frozenset(code.upper() for code in _strings(values))
    unknown = sorted(codes - RULES.keys())
    if unknown:
        raise ValueError(f"names {unknown[0]}, which is not a rule: {', '.join(RULES)} are")
    return codes


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ClientlintError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ClientlintError(f"{path} is not TOML: {error}") from error


def _strings(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise TypeError("must be a list of strings")
    return value


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("must be a table")
    return value


def _clients(value: Any) -> dict[str, str]:
    known = known_clients().kinds
    for name, like in _table(value).items():
        if like not in known:
            raise ValueError(
                f"says that {name} is like {like}, which is not a known client.{_nearest(str(like), known)}"
            )
    return dict(value)


def _nearest(name: str, names: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(name, names, n=1)
    return f" Do you mean {near[0]}?" if near else f" Known are: {', '.join(sorted(names)[:12])}"


_READERS: dict[str, Callable[[Config, Any], Config]] = {
    "select": lambda config, value: replace(config, select=rule_codes(value)),
    "ignore": lambda config, value: replace(config, ignore=rule_codes(value)),
    "exclude": lambda config, value: replace(config, exclude=tuple(_strings(value))),
    "extend-exclude": lambda config, value: replace(config, exclude=(*config.exclude, *_strings(value))),
    "per-file-ignores": lambda config, value: replace(
        config, per_file_ignores={pattern: rule_codes(codes) for pattern, codes in _table(value).items()}
    ),
    "handler-decorators": lambda config, value: replace(config, handler_decorators=frozenset(_strings(value))),
    "clients": lambda config, value: replace(config, clients=_clients(value)),
}

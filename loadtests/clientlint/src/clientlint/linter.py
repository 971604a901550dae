"""Checks files, one after the other."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from clientlint.analysis.analysis import Analysis
from clientlint.checks import blocking, closed_while_shared, per_call, tls_context, unclosed
from clientlint.clients import Clients, known_clients
from clientlint.config import Config
from clientlint.errors import SourceError
from clientlint.files import inner_path, is_excluded
from clientlint.finding import Finding, Unchecked, finding
from clientlint.frameworks import Frameworks, known_frameworks
from clientlint.problem import Problem
from clientlint.source import Source, decode, read_bytes
from clientlint.suppression import is_suppressed

CHECKS = (per_call, unclosed, tls_context, blocking, closed_while_shared)


@dataclass(frozen=True)
class Checked:
    """A file that was checked. `source` is None for one that mentions no client, which is not even parsed."""

    path: Path
    lines: int
    findings: list[Finding]
    source: Source | None = None


@dataclass(frozen=True)
class Linter:
    config: Config

    @cached_property
    def clients(self) -> Clients:
        return known_clients().with_others(self.config.clients)

    @cached_property
    def frameworks(self) -> Frameworks:
        return known_frameworks().with_decorators(self.config.handler_decorators)

    def check(self, paths: Iterable[Path]) -> Iterator[Checked | Unchecked]:
        for path in paths:
            try:
                yield self.check_file(path)
            except SourceError as error:
                yield Unchecked(path, str(error))

    def check_file(self, path: Path) -> Checked:
        """The findings in one file. Raises SourceError if it cannot be checked."""
        data = read_bytes(path)
        lines = data.count(b"\n")
        if self._mention.search(data) is None:
            return Checked(path, lines, [])
        source = decode(path, data)
        return Checked(path, lines, self.findings(source), source)

    def findings(self, source: Source) -> list[Finding]:
        """The findings in a text that the configuration and the text's own comments do not silence."""
        try:
            problems = problems_of(source.tree, self.clients, self.frameworks)
        except RecursionError as error:
            raise SourceError("nested too deeply to be checked") from error
        codes = self._codes(source.path)
        found = {finding(source, problem) for problem in problems if problem.code in codes}
        return sorted(one for one in found if not is_suppressed(one, source.lines))

    @cached_property
    def _mention(self) -> re.Pattern[bytes]:
        return re.compile(rb"\b(?:" + "|".join(sorted(self.clients.packages)).encode() + rb")\b")

    def _codes(self, path: Path) -> frozenset[str]:
        codes = self.config.codes
        for pattern, ignored in self.config.per_file_ignores.items():
            if is_excluded(inner_path(path, self.config.root, path), [pattern]):
                codes -= ignored
        return codes


def problems_of(tree: ast.Module, clients: Clients, frameworks: Frameworks) -> list[Problem]:
    """What every check finds in a module."""
    analysis = Analysis(tree, clients, frameworks)
    return [problem for check in CHECKS for problem in check.check(analysis)]

"""All that the checks ask about one module."""

import ast
from dataclasses import dataclass
from functools import cached_property

from clientlint.analysis.calls import Calls
from clientlint.analysis.contexts import Contexts
from clientlint.analysis.fates import Fate, Fates
from clientlint.analysis.loops import Loops
from clientlint.analysis.makings import Making, find_makings
from clientlint.analysis.names import Names
from clientlint.analysis.repetition import Repetition
from clientlint.analysis.scopes import ParsedModule
from clientlint.analysis.tls import TlsContexts
from clientlint.analysis.values import Values
from clientlint.clients import Clients
from clientlint.frameworks import Frameworks


@dataclass
class Analysis:
    """The parts are made when they are first asked for: most modules need only some of them."""

    tree: ast.Module
    clients: Clients
    frameworks: Frameworks

    @cached_property
    def module(self) -> ParsedModule:
        return ParsedModule(self.tree)

    @cached_property
    def names(self) -> Names:
        return Names(self.module)

    @cached_property
    def loops(self) -> Loops:
        return Loops()

    @cached_property
    def fates(self) -> Fates:
        return Fates(self.names, self.loops)

    @cached_property
    def values(self) -> Values:
        return Values(self.names, self.fates, self.clients, self.frameworks)

    @cached_property
    def calls(self) -> Calls:
        return Calls(self.names)

    @cached_property
    def contexts(self) -> Contexts:
        return Contexts(self.names, self.calls, self.frameworks)

    @cached_property
    def repetition(self) -> Repetition:
        return Repetition(self.names, self.fates, self.calls, self.contexts, self.loops, self.values.kind)

    @cached_property
    def tls(self) -> TlsContexts:
        return TlsContexts(self.names, self.fates, self.values, self.clients)

    @cached_property
    def makings(self) -> list[Making]:
        return find_makings(self.values)

    def fate(self, making: Making) -> Fate:
        """What becomes of the client. A one-off function returns a response, whose fate says nothing about it."""
        if making.kind.one_off:
            return Fate()
        return self.fates.of(making.call, making.scope, making.kind.close)

    def repeats(self, making: Making) -> str | None:
        """Why a client is made again and again; None if it is not."""
        return self.repetition.of(making, self.fate(making))

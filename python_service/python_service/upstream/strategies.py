"""How long a client for the upstream lives: the values of CLIENT."""

import ssl
from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

from python_service.upstream.knobs import ClientStrategy
from python_service.upstream.target import Target

_Client = TypeVar("_Client")
Context: TypeAlias = Callable[[], ssl.SSLContext]
Open: TypeAlias = Callable[[Target, Context], _Client]


class Clients(Generic[_Client]):
    """Gives each call a client.

    Clients are opened with a target and a way to get a TLS context, which a library that makes its own does not use.
    """

    def __init__(self, strategy: ClientStrategy, open_client: Open[_Client], target: Target) -> None:
        """`strategy` SHARED opens its client here: where the event loop runs that it belongs to."""
        self._strategy = strategy
        self._open = open_client
        self._target = target
        self._context: Context = target.context
        if strategy is ClientStrategy.PER_CALL_SHARED_TLS:
            shared = target.context()
            self._context = lambda: shared
        self.kept: list[_Client] = [self._new()] if strategy is ClientStrategy.SHARED else []
        """Those that outlive a call."""

    def take(self) -> _Client:
        """A client for one call."""
        if self._strategy is ClientStrategy.SHARED:
            return self.kept[0]
        client = self._new()
        if self._strategy is ClientStrategy.LEAKY:
            # As the references that a service has to its clients: without them the garbage collector would close some.
            self.kept.append(client)
        return client

    def is_for_one_call(self) -> bool:
        """Whether a client is to be closed after its call. A leaky service forgets that: this is the fault."""
        return self._strategy in {ClientStrategy.PER_CALL, ClientStrategy.PER_CALL_SHARED_TLS}

    def to_close(self) -> list[_Client]:
        """What is to be closed at the end. What has leaked is left to the system."""
        return self.kept if self._strategy is ClientStrategy.SHARED else []

    def _new(self) -> _Client:
        return self._open(self._target, self._context)

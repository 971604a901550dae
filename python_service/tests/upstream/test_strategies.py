"""How long clients live."""

import ssl

import pytest
from python_service.upstream.knobs import ClientStrategy
from python_service.upstream.strategies import Clients, Context
from python_service.upstream.target import Target

TARGET = Target("https://127.0.0.1:1", None, 1.0, http2=False)


class Client:
    def __init__(self, target: Target, context: Context) -> None:
        assert target is TARGET
        self.context = context()


def clients(strategy: ClientStrategy) -> Clients[Client]:
    return Clients(strategy, Client, TARGET)


def test_a_shared_client_is_one_until_the_end() -> None:
    shared = clients(ClientStrategy.SHARED)
    (one,) = {shared.take() for _ in range(3)}
    assert not shared.is_for_one_call()
    assert shared.to_close() == [one]


@pytest.mark.parametrize("strategy", [ClientStrategy.PER_CALL, ClientStrategy.PER_CALL_SHARED_TLS])
def test_a_client_for_each_call_is_closed_after_it(strategy: ClientStrategy) -> None:
    each = clients(strategy)
    first, second = each.take(), each.take()
    assert first is not second
    assert each.is_for_one_call()
    assert each.kept == each.to_close() == []
    assert (first.context is second.context) == (strategy is ClientStrategy.PER_CALL_SHARED_TLS)


def test_leaky_clients_are_kept_and_never_closed() -> None:
    leaky = clients(ClientStrategy.LEAKY)
    taken = [leaky.take() for _ in range(3)]
    assert leaky.kept == taken
    assert len(set(taken)) == 3
    assert len({id(client.context) for client in taken}) == 3
    assert not leaky.is_for_one_call()
    assert leaky.to_close() == []


def test_a_context_is_loaded_anew_unless_it_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    loads = []
    made = ssl.create_default_context

    def counting() -> ssl.SSLContext:
        loads.append(1)
        return made()

    monkeypatch.setattr(ssl, "create_default_context", counting)
    for strategy, expected in [
        (ClientStrategy.PER_CALL, 3),
        (ClientStrategy.PER_CALL_SHARED_TLS, 1),
        (ClientStrategy.LEAKY, 3),
        (ClientStrategy.SHARED, 1),
    ]:
        loads.clear()
        some = clients(strategy)
        for _ in range(3):
            some.take()
        assert len(loads) == expected, strategy

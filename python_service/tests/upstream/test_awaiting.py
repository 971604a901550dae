"""Three calls side by side, with a client that does as a test says."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NoReturn

import pytest
from python_service.errors import ApiError, ErrorKind
from python_service.upstream.awaiting import answers
from python_service.upstream.calls import CallError, LostError, StatusError, Upstream
from python_service.upstream.knobs import ClientStrategy
from python_service.upstream.strategies import Clients
from python_service.upstream.target import Target

pytestmark = pytest.mark.anyio
LONG = 60.0


class Fake:
    """`says` is what each resource does, by its name, at its turn."""

    def __init__(self, **says: Callable[[int], Awaitable[bytes]]) -> None:
        self.says = says
        self.asked: dict[str, int] = {}
        self.cancelled: set[str] = set()
        self.closed = 0
        self.started = asyncio.Event()

    async def get(self, path: str) -> bytes:
        name = path.split("/")[1]
        self.asked[name] = self.asked.get(name, 0) + 1
        self.started.set()
        try:
            return await self.says.get(name, right)(self.asked[name])
        except asyncio.CancelledError:
            self.cancelled.add(name)
            raise

    async def close(self) -> None:
        self.closed += 1


def clients(fake: Fake, strategy: ClientStrategy = ClientStrategy.SHARED) -> Clients[Upstream]:
    return Clients(strategy, lambda _target, _context: fake, Target("https://127.0.0.1:1", None, 1.0, http2=False))


async def right(_: int) -> bytes:
    return b"{}"


async def hangs(_: int) -> NoReturn:
    await asyncio.Event().wait()
    raise AssertionError


async def lost(_: int) -> NoReturn:
    raise LostError


async def busy_once(turn: int) -> bytes:
    if turn == 1:
        raise StatusError(503)
    return b"late"


async def stays() -> None:
    await asyncio.Event().wait()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
async def _no_call_is_left() -> AsyncIterator[None]:
    yield
    assert [task for task in asyncio.all_tasks() if "upstream/awaiting.py" in repr(task)] == []


async def test_bodies_come_in_the_order_of_the_resources() -> None:
    async def named(name: str, seconds: float) -> bytes:
        await asyncio.sleep(seconds)
        return name.encode()

    fake = Fake(analysis=lambda _: named("a", 0.02), facts=lambda _: named("f", 0.01), price=lambda _: named("p", 0))
    assert await answers(clients(fake), 1, LONG, stays) == [b"a", b"f", b"p"]
    assert fake.asked == {"analysis": 1, "facts": 1, "price": 1}


async def test_a_busy_price_is_asked_for_again() -> None:
    fake = Fake(price=busy_once)
    assert await answers(clients(fake), 1, LONG, stays) == [b"{}", b"{}", b"late"]
    assert fake.asked == {"analysis": 1, "facts": 1, "price": 2}


@pytest.mark.parametrize(("name", "asked"), [("analysis", 1), ("facts", 2), ("price", 3)])
async def test_one_that_fails_for_good_cancels_the_others(name: str, asked: int) -> None:
    others = {"analysis", "facts", "price"} - {name}
    fake = Fake(**dict.fromkeys(others, hangs), **{name: lost})
    with pytest.raises(ApiError) as error:
        await answers(clients(fake), 1, LONG, stays)
    assert error.value.kind is ErrorKind.BAD_UPSTREAM
    assert isinstance(error.value.__cause__, LostError)
    assert fake.asked[name] == asked
    assert fake.cancelled == others


async def test_all_calls_have_one_deadline() -> None:
    fake = Fake(analysis=hangs, price=hangs)
    with pytest.raises(ApiError) as error:
        await answers(clients(fake), 1, 0.05, stays)
    assert error.value.kind is ErrorKind.UPSTREAM_TIMEOUT
    assert fake.cancelled == {"analysis", "price"}


async def test_a_library_that_is_late_is_a_timeout() -> None:
    async def late(_: int) -> NoReturn:
        raise TimeoutError

    with pytest.raises(ApiError) as error:
        await answers(clients(Fake(facts=late)), 1, LONG, stays)
    assert error.value.kind is ErrorKind.UPSTREAM_TIMEOUT


async def test_calls_are_cancelled_when_the_client_goes() -> None:
    fake = Fake(analysis=hangs, facts=hangs)
    with pytest.raises(ApiError) as error:
        await answers(clients(fake), 1, LONG, lambda: asyncio.sleep(0.02))
    # So it is not logged: a client may go.
    assert error.value.__cause__ is None
    assert fake.cancelled == {"analysis", "facts"}


async def test_calls_are_cancelled_with_the_request() -> None:
    fake = Fake(analysis=hangs)
    request = asyncio.create_task(answers(clients(fake), 1, LONG, stays))
    await fake.started.wait()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    assert fake.cancelled == {"analysis"}


async def test_a_fault_of_ours_is_not_the_upstreams() -> None:
    async def wrong(_: int) -> NoReturn:
        raise KeyError

    with pytest.raises(KeyError):
        await answers(clients(Fake(facts=wrong)), 1, LONG, stays)


@pytest.mark.parametrize("price", [right, lost, hangs], ids=lambda does: does.__name__)
async def test_a_client_of_one_call_is_closed_whatever_comes(price: Callable[[int], Awaitable[bytes]]) -> None:
    fake = Fake(price=price)
    try:
        await answers(clients(fake, ClientStrategy.PER_CALL), 1, 0.05, stays)
    except ApiError as error:
        assert isinstance(error.__cause__, CallError | TimeoutError)  # noqa: PT017
    assert fake.closed == sum(fake.asked.values()) >= 3

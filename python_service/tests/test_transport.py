"""What is written in one turn is sent together and in order, and nothing is lost."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import cast

from python_service.starlette_app.transport import LINGER_BYTES, CoalescingTransport


class Fake:
    """The part of a transport that CoalescingTransport uses; it lists its calls in order."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self.gone = False
        self.protocol: asyncio.Protocol = Listener(self)

    def write(self, data: bytes) -> None:
        self.told.append(data)

    def writelines(self, data: Iterable[bytes]) -> None:
        self.told.append(list(data))

    def close(self) -> None:
        self.told.append("close")
        self.gone = True

    def abort(self) -> None:
        self.told.append("abort")
        self.gone = True

    def write_eof(self) -> None:
        self.told.append("eof")

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self.protocol

    def set_protocol(self, protocol: asyncio.Protocol) -> None:
        self.protocol = protocol

    def is_closing(self) -> bool:
        return self.gone

    def pause_reading(self) -> None:
        self.told.append("pause")

    def resume_reading(self) -> None:
        self.told.append("resume")


class Listener(asyncio.Protocol):
    """A transport's first protocol, which adds the end of the connection to the transport's list."""

    def __init__(self, transport: Fake) -> None:
        self._told = transport.told

    def connection_lost(self, exc: Exception | None) -> None:
        self._told.append(("lost", exc))


def with_transport(test: Callable[[CoalescingTransport, Fake], Awaitable[None]]) -> None:
    async def run() -> None:
        fake = Fake()
        await test(CoalescingTransport(cast("asyncio.Transport", fake), asyncio.get_running_loop()), fake)

    asyncio.run(run())


def test_two_writes_of_a_turn_are_one() -> None:
    async def test(transport: CoalescingTransport, fake: Fake) -> None:
        transport.write(b"head")
        assert fake.told == []
        transport.write(b"body")
        assert fake.told == [[b"head", b"body"]]
        await asyncio.sleep(0)
        assert fake.told == [[b"head", b"body"]]

    with_transport(test)


def test_a_single_write_goes_out_at_the_end_of_the_turn() -> None:
    async def test(transport: CoalescingTransport, fake: Fake) -> None:
        for word in (b"100 Continue", b"200 OK"):
            transport.write(word)
            await asyncio.sleep(0)
        assert fake.told == [b"100 Continue", b"200 OK"]

    with_transport(test)


def test_no_more_than_one_write_is_kept() -> None:
    async def test(transport: CoalescingTransport, fake: Fake) -> None:
        for word in (b"1", b"2", b"3", b"4", b"5"):
            transport.write(word)
        assert fake.told == [[b"1", b"2"], [b"3", b"4"]]
        await asyncio.sleep(0)
        assert fake.told == [[b"1", b"2"], [b"3", b"4"], b"5"]

    with_transport(test)


def test_what_is_kept_goes_out_before_the_end() -> None:
    async def test(transport: CoalescingTransport, fake: Fake) -> None:
        transport.write(b"400")
        transport.close()
        assert fake.told == [b"400", "close"]
        await asyncio.sleep(0)
        assert fake.told == [b"400", "close"]

    with_transport(test)


def test_nothing_is_sent_to_a_client_that_has_gone() -> None:
    async def test(transport: CoalescingTransport, fake: Fake) -> None:
        transport.write(b"head")
        fake.gone = True
        await asyncio.sleep(0)
        assert fake.told == []
        assert transport.is_closing()

    with_transport(test)


def test_everything_else_is_left_to_the_transport() -> None:
    async def test(transport: CoalescingTransport, fake: Fake) -> None:
        transport.pause_reading()
        assert fake.told == ["pause"]

    with_transport(test)


def test_the_end_waits_for_a_client_that_is_still_sending() -> None:
    async def test(transport: CoalescingTransport, fake: Fake) -> None:
        transport.unread = True
        transport.write(b"413")
        transport.close()
        assert fake.told == [b"413", "eof", "resume"]
        assert transport.is_closing()
        fake.protocol.data_received(b"x" * LINGER_BYTES)
        assert not fake.gone
        fake.protocol.connection_lost(None)
        assert fake.told[3:] == [("lost", None)]

    with_transport(test)


def test_the_end_waits_for_a_bounded_amount() -> None:
    async def test(transport: CoalescingTransport, fake: Fake) -> None:
        transport.unread = True
        transport.close()
        fake.protocol.data_received(b"x" * (LINGER_BYTES + 1))
        assert fake.told == ["eof", "resume", "abort"]

    with_transport(test)


def test_a_second_end_waits_for_nobody() -> None:
    async def test(transport: CoalescingTransport, fake: Fake) -> None:
        transport.unread = True
        transport.close()
        transport.close()
        assert fake.told == ["eof", "resume", "close"]

    with_transport(test)

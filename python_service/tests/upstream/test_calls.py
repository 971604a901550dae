"""Which calls there are, which may be made again and when, and how much is read."""

from collections.abc import AsyncIterator
from random import SystemRandom

import pytest
from python_service.upstream.calls import (
    ANALYSIS,
    FACTS,
    MOST_BYTES,
    PRICE,
    CallError,
    LostError,
    Resource,
    StatusError,
    read,
    read_blocking,
)

BUSY = StatusError(503)
ENDS = [b"{", b"}"]


@pytest.mark.parametrize(
    ("resource", "error", "most_repeats"),
    [
        (ANALYSIS, LostError(), 0),
        (ANALYSIS, BUSY, 0),
        (FACTS, LostError(), 1),
        (FACTS, BUSY, 0),
        (PRICE, LostError(), 2),
        (PRICE, BUSY, 2),
        (PRICE, StatusError(502), 0),
        (PRICE, CallError(), 0),
    ],
    ids=repr,
)
def test_how_often_a_call_may_be_made_again(resource: Resource, error: CallError, most_repeats: int) -> None:
    allowed = [resource.pause(error, repeats, SystemRandom()) is not None for repeats in range(4)]
    assert allowed == [repeats < most_repeats for repeats in range(4)]


def test_pauses_are_random_and_grow() -> None:
    patient = Resource("any", most_repeats=9)
    for repeats, most in [(0, 0.010), (1, 0.020), (2, 0.040), (3, 0.080), (4, 0.100), (8, 0.100)]:
        pauses = {patient.pause(LostError(), repeats, SystemRandom()) for _ in range(200)}
        assert len(pauses) > 190
        assert all(pause is not None and 0 <= pause <= most for pause in pauses)
        assert max(pause or 0 for pause in pauses) > most / 2


def test_a_path_names_the_recipe() -> None:
    assert [resource.path(7) for resource in (ANALYSIS, FACTS, PRICE)] == ["/analysis/7", "/facts/7", "/price/7"]


async def pieces(*sizes: int) -> AsyncIterator[bytes]:
    for size in sizes:
        yield b" " * size


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_body_is_read_up_to_its_largest_size(anyio_backend: str) -> None:  # noqa: ARG001
    assert len(await read(200, pieces(MOST_BYTES - 1, 1))) == MOST_BYTES
    with pytest.raises(CallError, match="more than 65536 bytes"):
        await read(200, pieces(MOST_BYTES, 1))


def test_a_body_is_read_up_to_its_largest_size_in_synchronous_code() -> None:
    assert read_blocking(200, iter(ENDS)) == b"{}"
    with pytest.raises(CallError, match="more than 65536 bytes"):
        read_blocking(200, iter([b" " * MOST_BYTES, b" "]))


def test_a_status_is_an_error_after_its_body() -> None:
    unread = iter(ENDS)
    with pytest.raises(StatusError) as error:
        read_blocking(503, unread)
    assert error.value.status == 503
    assert list(unread) == []

"""What a sweep is asked for."""

import pytest
from showdown.sweep.swept import Asked, parsed
from showdown_contract.errors import ShowdownError


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("pool=20,5,10", Asked("pool", ["5", "10", "20"])),
        (" users = 1, 2 ,16", Asked("users", ["1", "2", "16"])),
        ("size=1000000,300", Asked("size", ["300", "1000000"])),
        ("latency=8ms,0,0.5", Asked("latency", ["0", "0.5", "8"])),
        # Words are in the order in which they were named, and may have anything but commas.
        ("SERIALIZER=rowjson,orjson", Asked("SERIALIZER", ["rowjson", "orjson"])),
        ("GREETING=a=b,c d", Asked("GREETING", ["a=b", "c d"])),
    ],
)
def test_numbers_grow_and_words_stay_in_order(text: str, asked: Asked) -> None:
    assert parsed(text) == asked


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pool", "'pool' is no sweep: say a knob or users, rows, latency or size, and its values: pool=2,5,10"),
        ("=1,2", "'=1,2' is no sweep"),
        ("pool=1,,2", "'pool=1,,2' is no sweep"),
        ("pool=", "'pool=' is no sweep"),
        ("pool=1,many", "pool=many: 'many' is no whole number from 1 on"),
        ("users=0,1", "users=0: '0' is no whole number from 1 on"),
        ("users=-1,1", "users=-1: '-1' is no whole number"),
        ("users=²,1", "users=²: '²' is no whole number"),
        (f"users=1,{'9' * 9999}", "is no whole number from 1 on"),
        ("GREETING=a\nb,c", "has characters that cannot be shown"),
        ("GREETING=a\0,c", "has characters that cannot be shown"),
        ("pool=5", "a sweep has 2 to 20 values, and pool=5 names 1"),
        (f"users={','.join(map(str, range(1, 22)))}", "a sweep has 2 to 20 values, and .* names 21"),
        ("pool=5,5", "pool=5 is named twice"),
        ("latency=2,2ms", "latency=2 is named twice"),
        ("latency=-1,2", "latency=-1: -1 is no latency from 0 to 1000 ms"),
        ("latency=nan,2", "latency=nan: nan is no latency"),
        ("latency=1,1001", "latency=1001: 1001 is no latency"),
        ("pool=5,05", "pool=5 is named twice"),
    ],
)
def test_what_is_no_sweep_is_explained(text: str, message: str) -> None:
    with pytest.raises(ShowdownError, match=message):
        parsed(text)

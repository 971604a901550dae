"""The document that is made of three answers."""

import pytest
from python_service.upstream.answers import nutrition
from python_service.upstream.calls import CallError

ANALYSIS = rb'{"id":7,"summary":"\u00bd salt","confidence":0.50}'
FACTS = b'{"id":7,"energy_kcal":1e2,"protein_g":-0.0,"fat_g":1,"carbohydrate_g":12.0,"more":[]}'
PRICE = b' {"currency":"EUR","price_cents":199,"id":7}\n'


def test_numbers_are_carried_as_they_were_written() -> None:
    assert (
        nutrition(7, 'a "b"', [ANALYSIS, FACTS, PRICE])
        == (
            '{"id":7,"name":"a \\"b\\"","summary":"½ salt","confidence":0.50,"energy_kcal":1e2,"protein_g":-0.0,'
            '"fat_g":1,"carbohydrate_g":12.0,"price_cents":199,"currency":"EUR"}'
        ).encode()
    )


@pytest.mark.parametrize(
    "price",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"id":7,"price_cents":199}',
        b'{"id":7,"price_cents":"199","currency":"EUR"}',
        b'{"id":7,"price_cents":null,"currency":"EUR"}',
        b'{"id":7,"price_cents":199,"currency":5}',
        b'{"id":7,"price_cents":01,"currency":"EUR"}',
        b'{"id":7,"price_cents":NaN,"currency":"EUR"}',
        b'{"id":"7","price_cents":199,"currency":"EUR"}',
        b'{"id":8,"price_cents":199,"currency":"EUR"}',
        b'{"id":7,"price_cents":199,"currency":"EUR"} {}',
        b'{"id":7,"price_cents":199,"currency":"EUR"',
        b'{"id":7,"price_cents":199,"currency":"\xff"}',
        rb'{"id":7,"price_cents":199,"currency":"\ud800"}',
        b"[" * 60_000,
    ],
    ids=lambda body: repr(body[:50]),
)
def test_what_is_not_the_resource_is_refused(price: bytes) -> None:
    with pytest.raises(CallError):
        nutrition(7, "x", [ANALYSIS, FACTS, price])

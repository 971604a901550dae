"""What the upstream says of an id, for load generators to compare with: infra/upstream/src/documents.rs in Python."""

from collections.abc import Sequence
from typing import Any

_64_BITS = 2**64 - 1

_KINDS = (
    "A light dish",
    "A hearty stew",
    "An everyday lunch",
    "A rich dessert",
    "A crème brûlée of the old school",
    "A fiery curry",
    'A dish for "meal prep"',
)
_STRENGTHS = (
    "plenty of fibre",
    "a lot of protein",
    "little salt",
    "slow carbohydrates",
    "unsaturated fats",
    "vitamin C from fresh herbs",
    "iron from lentils and spinach",
    "few additives",
)
_ADVICE = (
    "Serve it with a green salad.",
    "Half a portion is enough for a child.",
    "It keeps for three days in the fridge.",
    "Use less butter than the recipe says; nobody will notice.",
    "Those who avoid gluten take rice instead.",
    "A squeeze of lemon makes up for the salt that is left out.",
    "It is better on the second day.",
    "Add a handful of nuts for those who train.",
    "Drink water with it – the sauce is salty.",
)


def analysis(id_: int) -> dict[str, Any]:
    kind, strength, other, advice, tens, ones = _numbers(id_, 1, 6)
    first = strength % len(_STRENGTHS)
    second = (strength + 1 + other % (len(_STRENGTHS) - 1)) % len(_STRENGTHS)
    summary = f"{_pick(_KINDS, kind)} with {_STRENGTHS[first]} and {_STRENGTHS[second]}. {_pick(_ADVICE, advice)}"
    return {"id": id_, "summary": summary, "confidence": (50 + 10 * (tens % 5) + 1 + ones % 9) / 100}


def facts(id_: int) -> dict[str, Any]:
    energy, protein, fat, carbohydrate = _numbers(id_, 2, 4)
    return {
        "id": id_,
        "energy_kcal": 80 + energy % 820,
        "protein_g": _tenths(protein, 40),
        "fat_g": _tenths(fat, 50),
        "carbohydrate_g": _tenths(carbohydrate, 90),
    }


def price(id_: int) -> dict[str, Any]:
    (cents,) = _numbers(id_, 3, 1)
    return {"id": id_, "price_cents": 99 + cents % 2_400, "currency": "EUR"}


def nutrition(id_: int, name: str) -> dict[str, Any]:
    """The document that a service makes of all three."""
    return {"id": id_, "name": name} | analysis(id_) | facts(id_) | price(id_)


def _numbers(id_: int, kind: int, count: int) -> list[int]:
    """Numbers that look random and are always the same: SplitMix64, begun with an id."""
    state = (id_ & _64_BITS) ^ kind << 56
    numbers = []
    for _ in range(count):
        state = (state + 0x9E37_79B9_7F4A_7C15) & _64_BITS
        mixed = (state ^ state >> 30) * 0xBF58_476D_1CE4_E5B9 & _64_BITS
        mixed = (mixed ^ mixed >> 27) * 0x94D0_49BB_1331_11EB & _64_BITS
        numbers.append(mixed ^ mixed >> 31)
    return numbers


def _pick(texts: Sequence[str], number: int) -> str:
    return texts[number % len(texts)]


def _tenths(number: int, below: int) -> float:
    """Less than `below`, with one decimal, which is not 0."""
    return (10 * (number % below) + 1 + number // below % 9) / 10

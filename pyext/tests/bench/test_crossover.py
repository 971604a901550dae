"""From how many rows on a contender takes the least, in words."""

from collections.abc import Callable

import pytest
from bench import contenders
from bench.crossover import crossover
from bench.results import Results

OTHERS = (contenders.STRUCT, contenders.PYDANTIC)


@pytest.mark.parametrize(
    ("costs", "words"),
    [
        ({}, "takes the least at every size measured. The best other takes 3.0 × at 1 row (msgspec, Struct), 3.0 ×"),
        ({"records/1/msgspec, Struct": 90}, "takes the least from 10 rows on. The best other takes 0.9 × at 1 row"),
        ({"records/1/pydantic": 90}, "takes the least from 10 rows on. The best other takes 0.9 × at 1 row (pydantic)"),
        ({"records/100/pydantic": 10_000}, "takes the least from 1,000 rows on."),
        ({"records/1000/pydantic": 90}, "does not take the least at 1,000 rows."),
    ],
)
def test_who_takes_least_and_from_where_on(
    results: Callable[..., Results], costs: dict[str, float], words: str
) -> None:
    said = crossover(results(costs), contenders.ROWJSON, OTHERS, lambda size, name: [f"records/{size}/{name}"])
    assert said.startswith(f"`rowjson` {words}")

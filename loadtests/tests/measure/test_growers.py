"""What a service's processes logged of their memory is added up."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from showdown.contenders.variants import Variant
from showdown.measure.growers import growers
from showdown.measure.results import MOST_GROWERS, Grower

TWO_WORKERS = Variant(description="d", command=["d"], workers=2, pool=2)


@pytest.fixture
def logged(tmp_path: Path) -> Callable[..., list[Grower]]:
    """What is read of a log with these lines."""

    def call(*lines: str) -> list[Grower]:
        (tmp_path / "leaky.log").write_text("\n".join(lines))
        return growers(tmp_path, "leaky", TWO_WORKERS)

    return call


def said(mib_by_line: Mapping[str, float]) -> str:
    told = [{"line": line, "mib": mib, "blocks": 10} for line, mib in mib_by_line.items()]
    return json.dumps({"message": "kept", "growers": told})


def test_processes_are_added_up_and_the_largest_is_the_first(logged: Callable[..., list[Grower]]) -> None:
    assert logged("started", said({"a.py:1": 1.0, "b.py:2": 2.5}), said({"a.py:1": 2.0}), "stopped") == [
        Grower(line="a.py:1", mib=3.0, blocks=20),
        Grower(line="b.py:2", mib=2.5, blocks=10),
    ]


def test_a_service_that_was_started_again_is_taken_as_it_stopped_last(logged: Callable[..., list[Grower]]) -> None:
    earlier = [said({"a.py:1": 9.0})] * 2
    assert logged(*earlier, said({"a.py:1": 1.0}), said({"a.py:1": 1.0})) == [Grower(line="a.py:1", mib=2.0, blocks=20)]


def test_no_more_than_the_largest_are_kept(logged: Callable[..., list[Grower]]) -> None:
    both = [said({f"{name}.py:{n}": float(n) for n in range(1, MOST_GROWERS + 1)}) for name in "ab"]
    assert len(logged(*both)) == MOST_GROWERS


@pytest.mark.parametrize("line", ['{"growers"', '{"growers": 1}', '{"growers": [{"line": "a"}]}', said({"a": -1.0})])
def test_what_is_no_such_line_says_nothing(line: str, logged: Callable[..., list[Grower]]) -> None:
    assert logged(line, "other") == []


def test_a_service_without_a_log_says_nothing(tmp_path: Path) -> None:
    assert growers(tmp_path, "leaky", TWO_WORKERS) == []

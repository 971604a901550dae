"""Results from pyperf's runs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from bench.errors import BenchError
from bench.results import Ratio, Results, load


def test_a_sum_is_taken_round_by_round(results: Callable[..., Results]) -> None:
    measured = results({"document/orjson": 3_000})
    assert measured.rounds("document/orjson") == pytest.approx([3e-6, 6e-6])
    assert measured.rounds("document/orjson", "document/orjson") == pytest.approx([6e-6, 12e-6])


def test_a_ratio_compares_what_one_round_measured(results: Callable[..., Results]) -> None:
    measured = results({"document/orjson": 3_000, "document/rowjson, Shape": 1_000})
    # The second round is twice as slow for all contenders.
    assert measured.ratio(["document/orjson"], ["document/rowjson, Shape"]) == pytest.approx(Ratio(3, 3, 3))


def test_a_missing_benchmark_is_named(results: Callable[..., Results]) -> None:
    with pytest.raises(BenchError, match="no benchmark document/xml"):
        results().rounds("document/xml")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=r"result\.json does not exist: measure first"):
        load(tmp_path / "result.json")

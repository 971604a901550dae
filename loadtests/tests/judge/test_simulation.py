"""Whether intervals hold, with noise of a known kind and with the one that was recorded."""

import gzip
import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from made_up_runs import made_up_run
from showdown.judge.simulation import (
    RECORDED,
    Noise,
    noise_of,
    of_recording,
    of_run,
    simulate,
    simulate_stopped,
    table,
)
from showdown_contract.files import CHECKOUT

METHODOLOGY = CHECKOUT / "docs" / "methodology.md"
# The shares of so many runs are within 2% of the truth.
RUNS = 400


@pytest.fixture
def noise() -> Noise:
    """Of three contenders, one of which varies three times as much as the others, within blocks and between them."""
    random = np.random.default_rng(7)
    spread = np.array([0.01, 0.01, 0.03])
    within = [random.standard_t(5, (6, 3)) * spread for _ in range(50)]
    return Noise(within, random.normal(size=(50, 3)) * spread)


def test_intervals_hold_for_each_comparison(noise: Noise) -> None:
    coverage = simulate(noise, blocks=5, laps=2, runs=RUNS)

    assert coverage.blocks == 5
    assert 0.92 < coverage.lowest <= coverage.mean <= coverage.highest < 0.98
    assert coverage.false_ranks < 0.08


def test_a_run_that_may_stop_early_holds_its_intervals_too(noise: Noise) -> None:
    stopped = simulate_stopped(noise.only(2), laps=2, half_width=0.015, runs=RUNS)

    assert 4 < stopped.blocks < 20
    assert stopped.mean > 0.93


def test_what_was_recorded_is_centred_by_block() -> None:
    levels = {("one", "a"): 5.0, ("one", "b"): 7.0, ("two", "a"): 6.0, ("two", "b"): 7.0}
    steps = [-0.1, 0.0, 0.1]
    slices = [
        ((block, lap), name, levels[block, name] + steps[lap]) for (block, name), lap in product(levels, range(3))
    ]
    # A lap in which one is missing is no lap.
    slices.append((("two", 3), "a", 99.0))

    noise = noise_of(slices)

    assert [block.tolist() for block in noise.blocks] == [pytest.approx(np.array([steps, steps]).T)] * 2
    assert noise.means == pytest.approx(np.array([[-0.5, 0.0], [0.5, 0.0]]))


def test_noise_can_be_taken_from_a_run() -> None:
    by_measure = of_run(made_up_run({"a": 100.0, "b": 200.0}, blocks=6, laps=4, spread=0.05))

    assert list(by_measure) == ["req/s", "service CPU a request"]
    for noise in by_measure.values():
        assert [block.shape for block in noise.blocks] == [(4, 2)] * 6


def test_a_recording_has_slices_of_one_length(tmp_path: Path) -> None:
    head = "run,block,seconds,lap,variant,requests_per_second,service_cpu_us_per_request\n"
    lines = [
        f"1,{block},{seconds},{lap},{variant},{100 + block + lap},200\n"
        for block, seconds, lap, variant in product((1, 2), (1, 2), (1, 2, 3), "ab")
    ]
    path = tmp_path / "noise.csv.gz"
    path.write_bytes(gzip.compress((head + "".join(lines)).encode()))

    noise = of_recording(path, 2)["req/s"]

    assert [block.shape for block in noise.blocks] == [(3, 2), (3, 2)]


@pytest.mark.timeout(900)
def test_the_published_figures_can_be_computed_again() -> None:
    published = re.findall(r"^\| ((?:quick|full|--until) .*%) \|$", METHODOLOGY.read_text(), re.MULTILINE)

    _, _, *lines = table(of_recording(RECORDED, 1))

    assert published == [re.sub(r"  +", " | ", line) for line in lines]

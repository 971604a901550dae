"""What scenarios may say of the upstream is what the upstream takes."""

from pathlib import Path

import pytest
from showdown.requests.upstream import MOST_MS, MOST_SIGMA, Behaviour
from showdown_stack import upstream
from showdown_stack.upstream import running_upstream


@pytest.mark.skipif(upstream.program() is None, reason=upstream.NOT_BUILT)
def test_the_upstream_takes_the_most_of_everything(reachable_folder: Path, tmp_path: Path) -> None:
    most = Behaviour(latency_ms=MOST_MS, latency_sigma=MOST_SIGMA, failure_share=1, body_ms=MOST_MS)
    with running_upstream(upstream.PROGRAM, reachable_folder, tmp_path) as running:
        running.set({name: most.model_dump() for name in ("analysis", "facts", "price")})


def test_the_mean_of_times_that_differ_is_above_their_median() -> None:
    assert Behaviour(latency_ms=50, latency_sigma=0.5).mean_ms == pytest.approx(56.66, abs=0.01)
    assert Behaviour(latency_ms=2, body_ms=3).mean_ms == 5

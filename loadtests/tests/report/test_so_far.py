"""What a run has found is told while it goes on, and nothing is told that is not known."""

from made_up_runs import SCENARIO, made_up_run
from showdown.measure.rates import Rate
from showdown.measure.results import Run
from showdown.report.so_far import after, heading, precision, sentence, so_far


def part(blocks: int) -> Run:
    """A run of six blocks of which some are over."""
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    run.slices = [each for each in run.slices if each.block <= blocks]
    run.finished_blocks = blocks
    return run


def test_before_a_block_is_over_nothing_is_known() -> None:
    assert {(each.level, each.ratio) for each in so_far(part(0), SCENARIO, 1)[1:]} == {("–", "–")}
    assert after(part(0)) == "after 0 of 6 blocks"


def test_after_one_block_there_are_figures_and_after_two_their_intervals() -> None:
    (_, fast), (_, later) = so_far(part(1), SCENARIO, 1), so_far(part(2), SCENARIO, 1)
    assert fast.level.endswith(" –")
    assert "±" in later.level
    assert "±" in later.ratio


def test_a_line_has_all_variants() -> None:
    line = sentence(part(2), SCENARIO, 1)
    assert line.startswith("recipe-detail after 2 of 6 blocks, req/s: slow ")
    assert ", fast 2,0" in line or ", fast 1,9" in line


def test_at_a_rate_cpu_tells_variants_apart() -> None:
    run = part(2)
    assert heading(run) == "req/s"
    run.rate = Rate(requests_per_second=500)
    assert heading(run) == "CPU µs/req"
    assert so_far(run, SCENARIO, 1)[1].level.startswith("5")


def test_until_says_how_far_it_is() -> None:
    run = part(3)
    assert precision(run) is None
    run.until_half_width = 0.03
    assert precision(run) == "until every interval is within ±3.0%: the widest is not known yet"
    assert after(run) == "after 3 blocks"
    run = part(5)
    run.until_half_width = 0.03
    assert "the widest is ±" in (precision(run) or "")


def test_on_several_hosts_each_number_is_told_apart(grown: Run) -> None:
    assert [each.name for each in so_far(grown, SCENARIO, 2)] == ["slow, 2 hosts", "fast, 2 hosts"]

"""Slices become rows: the fastest first, with ranks, verdicts and figures."""

import pytest
from made_up_runs import SCENARIO, made_up_run
from showdown.generators.latencies import encoded, new_histogram, record
from showdown.generators.measurement import Arrivals
from showdown.measure.rates import Rate
from showdown.measure.results import GeneratorCeiling, Run, Slice
from showdown.report.figures import Figure
from showdown.report.prices import load_prices
from showdown.report.summary import Row, summarize


def rows(run: Run) -> list[Row]:
    return summarize(run).rows[SCENARIO]


def row(run: Run, name: str) -> Row:
    return next(row for row in rows(run) if row.name == name)


def test_the_fastest_comes_first_and_the_ceiling_last(run: Run) -> None:
    assert [(row.name, row.is_ceiling) for row in rows(run)] == [("fast", False), ("slow", False), ("pgbench", True)]


def test_at_a_rate_the_cheapest_comes_first_and_ranks_are_by_cost() -> None:
    run = made_up_run({"cheap": 2000.0, "dear": 1000.0}, spread=0.001)
    run.rate = Rate(requests_per_second=500)
    for one in run.slices:
        one.requests_per_second = 500.0 if one.variant == "cheap" else 501.0
    assert [(row.name, row.rank_text) for row in rows(run)] == [("cheap", "1"), ("dear", "2")]


def test_who_had_to_wait_is_counted_over_all_slices(run: Run) -> None:
    assert row(run, "fast")["waited"] is None
    for one in of(run, "fast"):
        one.arrivals = Arrivals(due=100, waited=7)
    assert row(run, "fast")["waited"] == 21


def test_speed_is_the_mean_over_the_blocks_with_its_interval(run: Run) -> None:
    speed = row(run, "slow").figure("requests_per_second")
    assert speed
    assert speed.value == pytest.approx((100 * 200 * 300) ** (1 / 3))
    assert speed.low is not None
    assert speed.high is not None
    assert speed.low < speed.value < speed.high


def test_latencies_are_of_all_slices_together(run: Run) -> None:
    fast = row(run, "fast")
    assert (fast["p50_ms"], fast["p95_ms"], fast["p99_ms"]) == pytest.approx((20.0, 60.0, 300.8), rel=1e-3)
    # One slow slice of three is a third of all requests, whatever the others' own percentiles are.
    histogram = new_histogram()
    for _ in range(100):
        record(histogram, 500.0)
    of(run, "fast")[0].histogram = encoded(histogram)
    assert row(run, "fast")["p95_ms"] == pytest.approx(500.0, rel=1e-3)


def test_a_ratio_is_of_slices_side_by_side(run: Run) -> None:
    # 5, 1 and 1.5, and not the one of means of all that was measured.
    assert row(run, "fast")["ratio"] == pytest.approx(7.5 ** (1 / 3))
    assert row(run, "pgbench")["ratio"] == pytest.approx((10 * 6 * 11 / 3) ** (1 / 3))
    assert row(run, "fast")["service_cpu_ratio"] == pytest.approx(1 / 3, rel=0.01)


def test_the_baseline_is_itself_without_doubt(run: Run) -> None:
    assert row(run, "slow").figure("ratio") == Figure(1.0)


def test_of_one_block_there_is_a_figure_and_no_interval(run: Run) -> None:
    run.slices = [result for result in run.slices if result.block == 1]
    for metric, value in (("requests_per_second", 500.0), ("ratio", 5.0)):
        figure = row(run, "fast").figure(metric)
        assert figure
        assert (figure.low, figure.high) == (None, None)
        assert figure.value == pytest.approx(value)
    assert (row(run, "fast").verdict, row(run, "fast").rank_text) == ("Little's law, no interval", "–")


def test_where_the_baseline_has_no_result_the_next_variant_is_compared_with(run: Run) -> None:
    run.slices = [result for result in run.slices if result.variant != "slow"]
    assert row(run, "fast")["ratio"] == 1
    assert row(run, "pgbench")["ratio"] is not None


def test_a_baseline_that_answered_nothing_right_has_no_ratio(run: Run) -> None:
    for result in of(run, "slow"):
        result.requests_per_second = 0.0
    assert row(run, "fast")["ratio"] is None
    assert row(run, "slow")["requests_per_second"] is None


def test_ranks_that_are_shared_show_how_far_they_reach() -> None:
    run = made_up_run({"slow": 1000.0, "one": 2000.0, "other": 2000.0, "fast": 3000.0})
    assert {row.name: row.rank_text for row in rows(run)} == {"fast": "1", "one": "2–3", "other": "2–3", "slow": "4"}


def test_a_doubtful_row_has_the_reason_and_no_rank() -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0, "faster": 3000.0})
    for each in of(run, "fast"):
        each.errors, each.failures = 100, {"status 503": 100}
    assert [(row.name, row.rank_text, row.verdict, row.is_doubtful) for row in rows(run)] == [
        ("faster", "1", "ok", False),
        ("fast", "–", "errors", True),
        ("slow", "2", "ok", False),
    ]


def test_what_makes_all_rows_doubtful_is_the_reason_in_each() -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    run.machine.swapped_mib = 1000.0
    assert [(row.rank_text, row.verdict) for row in rows(run)] == [("–", "swap"), ("–", "swap")]
    # A note about the machine is told once.
    run.machine.swapped_mib = 2.0
    assert [row.verdict for row in rows(run)] == ["ok", "ok"]


def test_numbers_of_something_else_are_not_shown() -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    for each in of(run, "fast"):
        each.errors, each.failures = 1, {"wrong body": 1}
    *_, fast = rows(run)
    assert (fast.name, fast.verdict, fast["requests_per_second"], fast["p99_ms"]) == (
        "fast",
        "wrong bodies",
        None,
        None,
    )


def test_a_twin_says_what_is_no_difference() -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0}, twin_of="fast")
    twin = row(run, "fast-twin")
    equality = summarize(run).judgement.standings[0].equality
    assert equality
    assert (twin.rank_text, twin.verdict) == ("–", f"A/A ±{equality.no_difference:.1%}")


def test_cost_is_the_middle_and_peaks_are_the_highest(run: Run) -> None:
    fast = row(run, "fast")
    assert [fast["service_cpu_us"], fast["postgres_cpu_us"]] == pytest.approx([302.0, 202.0], rel=1e-4)
    assert (fast["generator_cpu_us"], fast["haproxy_cpu_us"]) == (60.0, 40.0)
    assert (fast["peak_cpu_percent"], fast["peak_rss_mib"]) == (53.0, 103.0)
    assert (fast["connections"], fast["statements_per_request"]) == (20, 1.0)


def test_what_is_used_of_the_generators_ceiling_is_known_where_that_was_measured(run: Run) -> None:
    assert row(run, "fast")["generator_used_percent"] is None
    run.generator_ceiling = [GeneratorCeiling(scenario=SCENARIO, requests_per_second=1000.0)]
    speed = row(run, "fast")["requests_per_second"]
    assert speed
    assert row(run, "fast")["generator_used_percent"] == pytest.approx(speed / 10)
    assert row(run, "pgbench")["generator_used_percent"] is None


def test_errors_of_all_slices_are_added(run: Run) -> None:
    for number, result in enumerate(of(run, "fast")):
        result.errors = number
    assert row(run, "fast")["errors"] == 3


def test_what_is_not_known_in_one_slice_is_known_from_the_others(run: Run) -> None:
    first, second, third = of(run, "fast")
    first.work = second.tiers["service"].cpu_us_per_request = None
    third.tiers.pop("haproxy")
    fast = row(run, "fast")
    assert fast["service_cpu_us"] == pytest.approx((301 * 303) ** 0.5)
    assert (fast["connections"], fast["haproxy_cpu_us"]) == (20, 40.0)


def test_what_no_slice_knows_is_unknown(run: Run) -> None:
    for result in run.slices:
        result.work = None
        result.tiers.pop("postgres")
    fast = row(run, "fast")
    assert (fast["connections"], fast["statements_per_request"], fast["postgres_cpu_us"]) == (None, None, None)


def test_the_ceiling_has_no_service(run: Run) -> None:
    ceiling = row(run, "pgbench")
    assert ceiling["requests_per_second"] == pytest.approx((1000 * 1200 * 1100) ** (1 / 3))
    assert (ceiling["postgres_cpu_us"], ceiling["connections"]) == (150.0, 20)
    assert (ceiling["service_cpu_us"], ceiling["p50_ms"], ceiling["peak_rss_mib"]) == (None, None, None)


@pytest.mark.parametrize("scenario", ["healthz", "mixed"])
def test_a_scenario_without_slices_has_no_rows(run: Run, scenario: str) -> None:
    assert scenario not in summarize(run).rows


def of(run: Run, variant: str) -> list[Slice]:
    return [result for result in run.slices if result.variant == variant]


def test_a_variant_has_a_row_for_each_number_of_hosts(grown: Run) -> None:
    assert [(row.name, row.variant, row.service_hosts) for row in rows(grown)] == [
        ("fast, 1 host", "fast", 1),
        ("slow, 1 host", "slow", 1),
        ("fast, 2 hosts", "fast", 2),
        ("slow, 2 hosts", "slow", 2),
        ("pgbench", None, 0),
    ]
    fast, _, twice, *_ = rows(grown)
    assert twice["requests_per_second"] == pytest.approx(2 * (fast["requests_per_second"] or 0))


def test_a_ratio_is_to_the_baseline_on_as_many_hosts(grown: Run) -> None:
    ratio = pytest.approx(7.5 ** (1 / 3))
    assert [row["ratio"] for row in rows(grown)][:-1] == [ratio, 1, ratio, 1]


def test_the_ceilings_ratio_is_to_the_baseline_on_the_most_hosts(grown: Run) -> None:
    # To 200, 400 and 600: it has the connections of two hosts.
    assert row(grown, "pgbench")["ratio"] == pytest.approx((5 * 3 * 11 / 6) ** (1 / 3))


def test_the_hosts_that_serve_have_their_price(grown: Run) -> None:
    one, two = row(grown, "fast, 1 host"), row(grown, "fast, 2 hosts")
    # The hosts of haproxy, Postgres and the service; not the generator's.
    assert (one["usd_per_month"], two["usd_per_month"]) == (100, 130)
    assert one["requests_per_second_per_usd"] == (one["requests_per_second"] or 0) / 100
    assert two["requests_per_second_per_usd"] == (two["requests_per_second"] or 0) / 130


def test_the_ceiling_serves_nobody_and_has_none(grown: Run) -> None:
    ceiling = row(grown, "pgbench")
    assert (ceiling["usd_per_month"], ceiling["requests_per_second_per_usd"]) == (None, None)


def test_one_machine_has_the_price_of_hosts_that_it_might_be(run: Run) -> None:
    prices = load_prices()
    (fast,) = [row for row in summarize(run, prices).rows[SCENARIO] if row.name == "fast"]
    # The service's two cores are busy first: 302 µs each.
    assert fast["capacity_requests_per_second"] == pytest.approx(2e6 / 302)
    assert fast["usd_per_month"] == prices.usd_per_month(haproxy=True)
    assert fast["requests_per_second_per_usd"] == pytest.approx(2e6 / 302 / 116.9)
    assert fast["million_requests_per_usd"] is not None


def test_without_prices_one_machine_has_none(run: Run) -> None:
    assert (row(run, "fast")["usd_per_month"], row(run, "fast")["requests_per_second_per_usd"]) == (None, None)


def test_hosts_that_gave_no_result_have_no_row(grown: Run) -> None:
    grown.slices = [result for result in grown.slices if (result.variant, result.service_hosts) != ("fast", 2)]
    assert [row.name for row in rows(grown)] == [
        "fast, 1 host",
        "slow, 1 host",
        "slow, 2 hosts",
        "pgbench",
    ]


def test_on_one_number_of_hosts_rows_still_say_which(grown: Run) -> None:
    grown.service_hosts = [2]
    assert [row.name for row in rows(grown)] == ["fast, 2 hosts", "slow, 2 hosts", "pgbench"]

"""Rounds become rows: medians, ratios within a round, and the highest peaks."""

import pytest
from showdown.measure.results import Result, Run
from showdown.report.summary import Row, summarize

SCENARIO = "recipe-detail"


def rows(run: Run) -> list[Row]:
    return summarize(run).rows[SCENARIO]


def row(run: Run, name: str) -> Row:
    return next(row for row in rows(run) if row.name == name)


def test_rows_come_in_the_order_of_the_variants_and_the_ceiling_is_last(run: Run) -> None:
    run.results.reverse()
    assert [(row.name, row.is_ceiling) for row in rows(run)] == [
        ("slow", False),
        ("fast", False),
        ("pgbench", True),
    ]


def test_speed_is_the_median_with_the_range_of_the_rounds(run: Run) -> None:
    fast = row(run, "fast")
    assert (fast.slowest_round, fast.requests_per_second, fast.fastest_round) == (200, 450, 500)
    assert (fast["p50_ms"], fast["p95_ms"], fast["p99_ms"]) == (20.0, 60.0, 300.8)


def test_a_ratio_is_the_median_of_those_within_a_round(run: Run) -> None:
    # 5, 1 and 1.5: not 450 over 200, the ratio of medians.
    assert row(run, "fast")["ratio"] == 1.5
    assert row(run, "slow")["ratio"] == 1
    assert row(run, "pgbench")["ratio"] == 6


def test_a_round_without_its_baseline_has_no_ratio(run: Run) -> None:
    run.results = [result for result in run.results if (result.variant, result.round) != ("slow", 3)]
    assert row(run, "fast")["ratio"] == 3


def test_where_the_baseline_has_no_result_the_next_variant_is_compared_with(run: Run) -> None:
    run.results = [result for result in run.results if result.variant != "slow"]
    assert row(run, "fast")["ratio"] == 1
    # Within rounds: 1,200 over 1,000, 450 and 200.
    assert row(run, "pgbench")["ratio"] is not None


def test_a_baseline_that_answered_nothing_right_has_no_ratio(run: Run) -> None:
    for result in of(run, "slow"):
        result.requests_per_second = 0.0
    assert row(run, "fast")["ratio"] is None


def test_cost_is_the_median_and_peaks_are_the_highest(run: Run) -> None:
    fast = row(run, "fast")
    assert (fast["service_cpu_us"], fast["postgres_cpu_us"]) == (302.0, 202.0)
    assert (fast["generator_cpu_us"], fast["haproxy_cpu_us"]) == (60.0, 40.0)
    assert (fast["peak_cpu_percent"], fast["peak_rss_mib"]) == (53.0, 103.0)
    assert (fast["connections"], fast["statements_per_request"]) == (20, 1.0)


def test_errors_of_all_rounds_are_added(run: Run) -> None:
    for number, result in enumerate(of(run, "fast")):
        result.errors = number
    assert row(run, "fast")["errors"] == 3


def test_what_is_not_known_in_one_round_is_known_from_the_others(run: Run) -> None:
    first, second, third = of(run, "fast")
    first.work = second.tiers["service"].cpu_us_per_request = None
    third.tiers.pop("haproxy")
    fast = row(run, "fast")
    assert (fast["connections"], fast["service_cpu_us"], fast["haproxy_cpu_us"]) == (20, 302.0, 40.0)


def test_what_no_round_knows_is_unknown(run: Run) -> None:
    for result in run.results:
        result.work = None
        result.tiers.pop("postgres")
    fast = row(run, "fast")
    assert (fast["connections"], fast["statements_per_request"], fast["postgres_cpu_us"]) == (None, None, None)


def test_the_ceiling_has_no_service(run: Run) -> None:
    ceiling = row(run, "pgbench")
    assert ceiling.requests_per_second == 1100
    assert (ceiling["postgres_cpu_us"], ceiling["connections"]) == (150.0, 20)
    assert (ceiling["service_cpu_us"], ceiling["p50_ms"], ceiling["peak_rss_mib"]) == (None, None, None)


@pytest.mark.parametrize("scenario", ["healthz", "mixed"])
def test_a_scenario_without_rounds_has_no_rows(run: Run, scenario: str) -> None:
    assert scenario not in summarize(run).rows


def of(run: Run, variant: str) -> list[Result]:
    return [result for result in run.results if result.variant == variant]


def test_a_variant_has_a_row_for_each_number_of_hosts(grown: Run) -> None:
    assert [(row.name, row.variant, row.service_hosts) for row in rows(grown)] == [
        ("slow, 1 host", "slow", 1),
        ("slow, 2 hosts", "slow", 2),
        ("fast, 1 host", "fast", 1),
        ("fast, 2 hosts", "fast", 2),
        ("pgbench", None, 0),
    ]
    assert [row.requests_per_second for row in rows(grown)] == [200, 400, 450, 900, 1100]


def test_a_ratio_is_to_the_baseline_on_as_many_hosts(grown: Run) -> None:
    assert [row["ratio"] for row in rows(grown)][:-1] == [1, 1, 1.5, 1.5]


def test_the_ceilings_ratio_is_to_the_baseline_on_the_most_hosts(grown: Run) -> None:
    # Compared with 200, 400 and 600, because it has the connections of two hosts.
    assert row(grown, "pgbench")["ratio"] == 3


def test_the_hosts_that_serve_have_their_price(grown: Run) -> None:
    one, two = row(grown, "fast, 1 host"), row(grown, "fast, 2 hosts")
    # The hosts of haproxy, Postgres and the service; not the generator's.
    assert (one["usd_per_month"], two["usd_per_month"]) == (100, 130)
    assert one["requests_per_second_per_usd"] == 450 / 100
    assert two["requests_per_second_per_usd"] == 900 / 130


def test_the_ceiling_serves_nobody_and_has_none(grown: Run) -> None:
    ceiling = row(grown, "pgbench")
    assert (ceiling["usd_per_month"], ceiling["requests_per_second_per_usd"]) == (None, None)


def test_one_machine_has_no_price(run: Run) -> None:
    assert (row(run, "fast")["usd_per_month"], row(run, "fast")["requests_per_second_per_usd"]) == (None, None)


def test_hosts_that_gave_no_result_have_no_row(grown: Run) -> None:
    grown.results = [result for result in grown.results if (result.variant, result.service_hosts) != ("fast", 2)]
    assert [row.name for row in rows(grown)] == [
        "slow, 1 host",
        "slow, 2 hosts",
        "fast, 1 host",
        "pgbench",
    ]


def test_on_one_number_of_hosts_rows_still_say_which(grown: Run) -> None:
    grown.service_hosts = [2]
    assert [row.name for row in rows(grown)] == ["slow, 2 hosts", "fast, 2 hosts", "pgbench"]

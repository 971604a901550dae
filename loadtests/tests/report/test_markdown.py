"""A run as Markdown: report.md, and the tables for other documents."""

import re

from made_up_runs import made_up_run
from showdown.measure.results import Fault, Run
from showdown.report.markdown import report, tables
from showdown.report.notes import notes
from showdown.report.prices import load_prices
from showdown.report.reading import HOSTS, ONE_MACHINE
from showdown.report.readme import END
from showdown.report.summary import summarize


def test_intervals_say_of_how_many_runs_they_hold(run: Run) -> None:
    assert "the interval, of 95%, is of the blocks" in " ".join(report(summarize(run)).split())
    run.until_half_width = 0.03
    words = " ".join(report(summarize(run)).split())
    assert "the interval, of 97.5%, is of the blocks" in words
    assert "intervals of 97.5% hold in 95% of such runs" in words


def table(run: Run) -> list[str]:
    return [line for line in tables(summarize(run), charts="").splitlines() if line.startswith("|")]


def test_a_table_is_aligned_with_names_to_the_left_and_figures_to_the_right(run: Run) -> None:
    lines = table(run)
    assert len({len(line) for line in lines}) == 1
    assert [line.split(" | ")[0] for line in lines if "---" not in line] == [
        "| variant",
        "| *fast* ",
        "| *slow* ",
        "| pgbench",
    ]
    assert [line.split(" | ")[4] for line in lines if "---" not in line] == ["p99 ms", "   301", "   301", "     –"]


def test_its_rule_tells_markdown_the_same(run: Run) -> None:
    first, *others = table(run)[1].strip("|").split("|")
    assert set(first) == {"-"}
    assert others
    assert all(set(rule[:-1]) == {"-"} and rule[-1] == ":" for rule in others)


def test_every_line_has_as_many_cells(run: Run) -> None:
    assert {line.count("|") for line in table(run)} == {9}


def test_charts_are_linked_where_they_lie(run: Run) -> None:
    assert "![recipe-detail: requests per second](docs/recipe-detail.svg)" in tables(summarize(run), charts="docs/")


def test_a_scenario_without_results_is_left_out(run: Run) -> None:
    run.profile.scenarios = ["healthz", "recipe-detail"]
    assert "**recipe-detail**" in tables(summarize(run), charts="")
    assert "healthz" not in tables(summarize(run), charts="")


def test_doubts_follow_the_tables(run: Run) -> None:
    run.haproxy = False
    *_, doubts = tables(summarize(run), charts="").split("\n\n")
    assert doubts.splitlines()[-1] == f"- {notes(run)[-1]}"
    assert doubts.splitlines()[-1].startswith("- without haproxy, as asked for")


def test_a_doubtful_row_is_set_back_with_the_reason_and_advice() -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    for each in run.slices:
        if each.variant == "fast":
            each.errors, each.failures = 100, {"status 503": 100}
    line = next(line for line in table(run) if "fast" in line)
    assert [cell.strip() for cell in line.strip("|").split("|")][:2] == ["*fast*", "–"]
    assert line.strip("| ").endswith("errors")
    assert "- errors (not ranked) – fast: 1,200 of " in tables(summarize(run), charts="")


def test_intervals_have_both_ends(run: Run) -> None:
    cells = [cell.strip() for cell in table(run)[2].strip("|").split("|")]
    assert re.fullmatch(r"356 \[\d+–[\d,]+\]", cells[2])


def test_a_report_has_the_rest_of_the_columns_in_a_table_of_its_own(run: Run) -> None:
    few, all_ = tables(summarize(run), charts=""), tables(summarize(run), charts="", everything=True)
    assert "Postgres CPU µs/req" not in few
    assert "| variant | p50 ms | p95 ms |" in all_
    assert "Postgres CPU µs/req" in all_


def test_a_report_says_which_versions_are_a_variants_own(run: Run) -> None:
    assert "Versions of their own" not in report(summarize(run))
    run.variant_versions = {"fast": {"commit": "0123456789ab-dirty", "go": "1.22.1"}, "slow": {"go": "<b>"}}
    assert "Versions of their own:\n\n- fast: commit 0123456789ab-dirty, go 1.22.1\n- slow: go \\<b\\>\n" in report(
        summarize(run)
    )


def test_prices_are_told_with_their_source(run: Run) -> None:
    text = " ".join(report(summarize(run, load_prices())).split())
    assert "- Costs are as on hosts like the article's" in text
    assert "Costs are" not in report(summarize(run))


def test_a_report_says_how_and_where_it_was_measured(run: Run) -> None:
    text = report(summarize(run))
    assert text.startswith(
        "# Showdown\n\n50 users of locust, through haproxy, 3 blocks of a slice each of 2 s: 2,000 recipes, "
        "all variants up at once and measured in turn"
    )
    assert (
        "Measured 2026-01-02T03:04:05+00:00 at commit `0123456789ab` on 2 cores of EPYC, virtual (kvm), 4 GiB, "
        "Linux 6.1 x86_64, with python 3.11.7, postgres 15.18." in text
    )
    assert "```console\n$ showdown run --variants slow,fast\n```" in text
    assert "\n".join(table(run)) in text
    assert text.endswith(f"- {ONE_MACHINE[-1]}\n")


def test_a_direct_run_says_so(run: Run) -> None:
    run.haproxy = False
    assert "50 users of locust, the service directly" in report(summarize(run))


def test_growth_has_a_chart_of_its_own(grown: Run) -> None:
    link = "![recipe-detail: requests per second and dollar](docs/recipe-detail-per-usd.svg)"
    assert link in tables(summarize(grown), charts="docs/")
    grown.service_hosts = [1]
    assert link not in tables(summarize(grown), charts="docs/")


def test_a_report_says_which_hosts_it_was_measured_on(grown: Run) -> None:
    text = report(summarize(grown))
    assert text.startswith("# Showdown\n\n50 users of locust for each service host, on 1 and 2 service hosts, through")
    machine = "2 cores of EPYC, virtual (kvm), 4 GiB, Linux 6.1 x86_64"
    assert (
        f"on 1 × s-small for haproxy (10 USD/month each, {machine}), "
        f"2 × s-large for service (30 USD/month each, {machine}), "
        f"1 × s-large for generator (30 USD/month each, {machine}), "
        "1 × db-small for postgres (60 USD/month each), with python 3.11.7"
    ) in text.replace("; ", ", ")
    assert text.endswith(f"- {HOSTS[-1]}\n")
    assert ONE_MACHINE[0] not in text


def test_hosts_of_one_size_may_be_different_machines(grown: Run) -> None:
    one, two = (host for host in grown.hosts if host.tier == "service")
    one.machine = grown.machine.model_copy(update={"cpu": "Xeon"})
    # Steal is not part of a machine's description.
    two.machine = grown.machine.model_copy(update={"steal_percent": 3.0})
    about = "virtual (kvm), 4 GiB, Linux 6.1 x86_64"
    grown.hosts.append(two.model_copy(update={"name": "service3", "machine": grown.machine}))
    assert (
        f"3 × s-large for service (30 USD/month each, service1: 2 cores of Xeon, {about}, "
        f"service2 and service3: 2 cores of EPYC, {about}); "
    ) in report(summarize(grown))


def test_every_line_of_a_cloud_has_its_price(grown: Run) -> None:
    text = tables(summarize(grown), charts="", everything=True)
    lines = [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in text.splitlines() if "|" in line]
    lines = lines[len(lines) // 2 :]
    assert lines[0][-3:] == ["USD/month", "req/s on them", "req/s per USD/month"]
    assert [(line[0], line[-3], line[-1]) for line in lines[2:]] == [
        ("fast, 1 host", "100", "3.6"),
        ("slow, 1 host", "100", "1.8"),
        ("fast, 2 hosts", "130", "5.5"),
        ("slow, 2 hosts", "130", "2.8"),
        ("pgbench", "–", "–"),
    ]


def test_what_others_wrote_makes_no_markup_of_its_own(run: Run) -> None:
    run.commit = "`<b>` --> ``"
    run.command = "showdown run ```\\n# heading"
    run.machine.cpu = "<script>alert(1)</script> [x](http://example) `code` |"
    run.notes = ["![x](http://example)", f"{END} <img>"]
    run.faults = [Fault(variant="slow", scenario="recipe-detail", block=1, reason="<b>\n# heading")]
    text = report(summarize(run))
    assert "\\<script\\>alert(1)\\</script\\> \\[x\\](http://example) \\`code\\` \\|" in text
    assert "- !\\[x\\](http://example)" in text
    assert END not in text
    assert "has no result: \\<b\\>\n" in text
    assert "````console\n$ showdown run ```" in text

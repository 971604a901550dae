"""A run as Markdown: report.md, and the part between a README's markers."""

from pathlib import Path

import pytest
from showdown.measure.results import Fault, Run
from showdown.report.markdown import BEGIN, END, HOSTS, ONE_MACHINE, READING, report, splice, tables
from showdown.report.notes import notes
from showdown.report.summary import summarize
from showdown_contract.errors import ShowdownError


def table(run: Run) -> list[str]:
    return [line for line in tables(summarize(run), charts="").splitlines() if line.startswith("|")]


def test_a_table_is_aligned_with_names_to_the_left_and_figures_to_the_right(run: Run) -> None:
    lines = table(run)
    assert len({len(line) for line in lines}) == 1
    assert [line.split(" | ")[0] for line in lines if "---" not in line] == [
        "| variant",
        "| slow   ",
        "| fast   ",
        "| pgbench",
    ]
    assert [line.split(" | ")[1] for line in lines if "---" not in line] == ["req/s", "  200", "  450", "1,100"]


def test_its_rule_tells_markdown_the_same(run: Run) -> None:
    first, *others = table(run)[1].strip("|").split("|")
    assert set(first) == {"-"}
    assert others
    assert all(set(rule[:-1]) == {"-"} and rule[-1] == ":" for rule in others)


def test_every_line_has_as_many_cells(run: Run) -> None:
    assert {line.count("|") for line in table(run)} == {16}


def test_charts_are_linked_where_they_lie(run: Run) -> None:
    assert "![recipe-detail: requests per second](docs/recipe-detail.svg)" in tables(summarize(run), charts="docs/")


def test_a_scenario_without_results_is_left_out(run: Run) -> None:
    run.profile.scenarios = ["healthz", "recipe-detail"]
    assert "**recipe-detail**" in tables(summarize(run), charts="")
    assert "healthz" not in tables(summarize(run), charts="")


def test_doubts_follow_the_tables(run: Run) -> None:
    run.haproxy = False
    *_, doubts = tables(summarize(run), charts="").split("\n\n")
    assert doubts.splitlines() == [f"- {note}" for note in notes(summarize(run))]
    assert doubts.startswith("- without haproxy, as asked for")


def test_a_report_says_how_and_where_it_was_measured(run: Run) -> None:
    text = report(summarize(run))
    assert text.startswith(
        "# Showdown\n\n50 users of locust, through haproxy, median of 3 round(s): 2,000 recipes, rounds interleaved"
    )
    assert (
        "Measured 2026-01-02T03:04:05+00:00 at commit `0123456789ab` on 2 cores of EPYC, virtual (kvm), 4 GiB, "
        "Linux 6.1 x86_64, with python 3.11.7, postgres 15.18." in text
    )
    assert "```console\n$ showdown run --variants slow,fast\n```" in text
    assert "\n".join(table(run)) in text
    assert text.endswith(f"\n\n{READING}{ONE_MACHINE}\n")


def test_a_direct_run_says_so(run: Run) -> None:
    run.haproxy = False
    assert "50 users of locust, the service directly" in report(summarize(run))


@pytest.fixture
def readme(tmp_path: Path) -> Path:
    path = tmp_path / "README.md"
    path.write_text(f"# Title\n\n{BEGIN}\nstale\n{END}\n\nThe rest.\n")
    return path


def test_only_what_is_between_the_markers_is_replaced(run: Run, readme: Path) -> None:
    splice(readme, summarize(run), charts="docs/")
    text = readme.read_text()
    assert text.startswith(f"# Title\n\n{BEGIN}\n`showdown run --variants slow,fast` at commit `0123456789ab`")
    assert text.endswith(f"\n{END}\n\nThe rest.\n")
    assert "stale" not in text
    assert tables(summarize(run), charts="docs/") in text


def test_the_same_twice_is_the_same(run: Run, readme: Path) -> None:
    splice(readme, summarize(run), charts="")
    once = readme.read_text()
    splice(readme, summarize(run), charts="")
    assert readme.read_text() == once


@pytest.mark.parametrize("text", ["# Title\n", f"{BEGIN}\n", f"{END}\n", f"{END}\n{BEGIN}\n"])
def test_a_readme_without_both_markers_is_left_alone(run: Run, readme: Path, text: str) -> None:
    readme.write_text(text)
    with pytest.raises(ShowdownError, match=r"README\.md has no lines"):
        splice(readme, summarize(run), charts="")
    assert readme.read_text() == text


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
    assert text.endswith(f"{HOSTS}\n")
    assert ONE_MACHINE not in text


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
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table(grown)]
    assert lines[0][-2:] == ["USD/month", "req/s per USD/month"]
    assert [(line[0], *line[-2:]) for line in lines[2:]] == [
        ("slow, 1 host", "100", "2.0"),
        ("slow, 2 hosts", "130", "3.1"),
        ("fast, 1 host", "100", "4.5"),
        ("fast, 2 hosts", "130", "6.9"),
        ("pgbench", "–", "–"),
    ]


def test_what_others_wrote_makes_no_markup_of_its_own(run: Run) -> None:
    run.commit = "`<b>` --> ``"
    run.command = "showdown run ```\\n# heading"
    run.machine.cpu = "<script>alert(1)</script> [x](http://example) `code` |"
    run.missing = ["![x](http://example)", f"{END} <img>"]
    run.faults = [Fault(variant="slow", scenario="recipe-detail", round=1, reason="<b>\n# heading")]
    text = report(summarize(run))
    assert "\\<script\\>alert(1)\\</script\\> \\[x\\](http://example) \\`code\\` \\|" in text
    assert "- !\\[x\\](http://example)" in text
    assert END not in text
    assert "has no result: \\<b\\>\n" in text
    assert "````console\n$ showdown run ```" in text

"""Prometheus's own parser reads what is exported."""

from exported_runs import exported
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from showdown.measure.results import Run
from showdown.report.exports.openmetrics import as_openmetrics
from showdown.report.summary import summarize


def families(text: str) -> list[Metric]:
    """Raises ValueError where it is not as it should be."""
    return list(text_string_to_metric_families(text))  # type: ignore[no-untyped-call]


def samples(text: str) -> dict[str, dict[str, float]]:
    """By family and variant."""
    found: dict[str, dict[str, float]] = {}
    for family in families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[sample.labels.get("variant", "")] = sample.value
    return found


def test_it_is_parsed_and_says_what_the_tables_say() -> None:
    found = samples(as_openmetrics(exported()))
    assert found["showdown_rank_first"] == {"fast": 1, "slow": 2}
    low, value, high = (found[f"showdown_requests_per_second{end}"]["fast"] for end in ("_low", "", "_high"))
    assert low < value < high
    assert found["showdown_p99_ms"].keys() == {"slow", "slow-twin", "fast", "faulty"}
    assert found["showdown_run_finished_timestamp_seconds"][""] == 1767323345


def test_verdicts_are_labels() -> None:
    (rows,) = [family for family in families(as_openmetrics(exported())) if family.name == "showdown_row"]
    consequences = {sample.labels["variant"]: sample.labels["consequence"] for sample in rows.samples}
    assert [consequences[name] for name in ("slow", "fast", "faulty", "wrong")] == [
        "none",
        "note",
        "unranked",
        "refused",
    ]


def test_text_from_outside_cannot_leave_its_label(run: Run) -> None:
    run.commit = 'a"b\\c} 1\n# EOF'
    (about,) = [family for family in families(as_openmetrics(summarize(run))) if family.name == "showdown_run"]
    assert about.samples[0].labels["commit"] == run.commit

"""What a reader is told of each figure is what this run has."""

from showdown.measure.rates import Rate
from showdown.measure.results import Run
from showdown.report.metrics import METRICS
from showdown.report.reading import HOSTS, ONE_MACHINE, reading
from showdown.report.summary import Summary, summarize


def test_every_sentence_is_complete(run: Run) -> None:
    told = reading(summarize(run))
    assert all(sentence.endswith(".") and "{" not in sentence for sentence in told)
    assert told[-1] == ONE_MACHINE[-1]


def test_of_hosts_it_is_told_that_each_tier_has_its_own(grown: Run) -> None:
    told = reading(summarize(grown))
    assert told[-len(HOSTS) :] == [*HOSTS]
    assert ONE_MACHINE[0] not in told


def has(summary: Summary, metric: str) -> bool:
    return any(row.figure(metric) is not None for rows in summary.rows.values() for row in rows)


def test_a_note_stands_where_its_column_does(run: Run) -> None:
    summary = summarize(run)
    words = " ".join(reading(summary))
    stands = {metric.name: metric.note in words for metric in METRICS if metric.note}
    assert stands == {name: has(summary, name) for name in stands}
    assert {*stands.values()} == {True, False}


def test_calls_are_explained_where_there_is_an_upstream(run: Run) -> None:
    def words() -> str:
        return " ".join(reading(summarize(run)))

    assert "Calls and handshakes are the upstream's own counts" in words()
    for one in run.slices:
        one.upstream = None
    assert "handshake" not in words()


def test_at_a_rate_the_notes_are_those_of_a_rate(run: Run) -> None:
    run.rate = Rate(requests_per_second=100)
    summary = summarize(run)
    words = " ".join(reading(summary))
    notes = [metric for metric in METRICS if metric.note_at_a_rate and has(summary, metric.name)]
    assert notes
    assert all(metric.note_at_a_rate in words for metric in notes)
    assert not any(metric.note in words for metric in notes if metric.note)
    assert "A rank is by service CPU a request. 2–4: one variant is established to be cheaper" in words

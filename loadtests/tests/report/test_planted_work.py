"""What became of planted work, in a table and in sentences."""

from made_up_virtual import made_up_virtual_run
from showdown.report.html.page import page
from showdown.report.markdown import report
from showdown.report.planted_work import planted_sentences, planted_table
from showdown.report.summary import Summary, summarize


def summary(shares: dict[str, float], *, blocks: int = 6) -> Summary:
    return summarize(made_up_virtual_run(shares, blocks=blocks))


def sentences(of: Summary) -> list[str]:
    assert of.explanation
    return list(planted_sentences(of.explanation.virtual))


def test_each_layer_is_a_line() -> None:
    of = summary({"framework": 1.0, "driver": 1.0})
    assert of.explanation
    headings, lines = planted_table(of.explanation.virtual)
    assert headings == [
        "layer", "planted µs/req", "service CPU, µs/µs", "Postgres CPU, µs/µs", "1 ÷ throughput, µs/µs", "of the most",
    ]  # fmt: skip
    assert [line[:2] for line in lines] == [["framework", "0, 50, 100, 200"], ["driver", "0, 50, 100, 200"]]
    assert all(line[-1].endswith("] of 200 µs") for line in lines)


def test_where_it_was_found_is_said() -> None:
    assert sentences(summary({"driver": 1.0, "framework": 0.0}))[:2] == [
        "Found where it was planted, and as much as was planted: driver.",
        "Nothing was found at framework: a request does not get there, or the work is lost in the noise.",
    ]


def test_what_is_not_as_much_is_said() -> None:
    first, *_ = sentences(summary({"driver": 0.5}))
    assert first.startswith("Found where it was planted, but more or less than was planted: driver (0.49 [")


def test_one_block_says_that_it_says_nothing() -> None:
    assert sentences(summary({"driver": 1.0}, blocks=1)) == [
        "One block does not tell whether planted work shows: measure with a longer --profile."
    ]


def test_reports_have_it() -> None:
    of = summary({"driver": 1.0})
    for told in (report(of), page(of)):
        assert "Found where it was planted, and as much as was planted: driver." in told
        assert "1 ÷ throughput, µs/µs" in told

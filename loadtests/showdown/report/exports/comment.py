"""`--export markdown`: the tables and what they say, for a comment or a summary of a job. Without charts."""

from showdown_contract.markdown import table

from showdown.report.columns import Column
from showdown.report.doubts import MOST_SEEN, doubts_of, doubts_of_run
from showdown.report.exports.document import VERSION
from showdown.report.figures import full
from showdown.report.findings import told
from showdown.report.markdown import code, plain
from showdown.report.metrics import METRICS, Group
from showdown.report.notes import notes
from showdown.report.setting import setting
from showdown.report.summary import Row, Summary

BEGIN = f"<!-- showdown export, version {VERSION} -->"
# The same for every run.
COLUMNS = [Column(metric) for metric in METRICS if metric.group in {Group.ANSWER, Group.ANSWER_IF_ROOM}]


def as_markdown(summary: Summary) -> str:
    """A table for each scenario."""
    run = summary.run
    parts = [BEGIN, f"{code(run.command)} at commit {code(run.commit)}: {plain(setting(run))}."]
    for scenario, rows in summary.rows.items():
        parts += [f"### {scenario}, × baseline: × {run.compared_with}", _table(rows)]
        doubts = [doubt.sentence(MOST_SEEN) for doubt in doubts_of(summary.judgement, scenario)]
        parts += _list([*told(summary, scenario), *doubts])
    parts += _list([*(doubt.sentence(MOST_SEEN) for doubt in doubts_of_run(summary.judgement)), *notes(run)])
    return "\n\n".join(parts) + "\n"


def _table(rows: list[Row]) -> str:
    headings = ["variant", "rank", *(column.heading for column in COLUMNS), "verdict"]
    cells = [[row.name, row.rank_text, *(column.cell(row, full) for column in COLUMNS), row.verdict] for row in rows]
    return table(headings, cells)


def _list(sentences: list[str]) -> list[str]:
    return ["\n".join(f"- {plain(sentence)}" for sentence in sentences)] if sentences else []

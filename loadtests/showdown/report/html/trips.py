"""What latency between service and Postgres changes, as tables."""

from showdown.explain.explanation import OverLatency
from showdown.report.html.drawing import Drawn, Numbers
from showdown.report.latency_tables import over_latency_sentences, tables_of


def drawn(over: OverLatency) -> list[Drawn]:
    """A table of each variant beside the model, and one of where two change places."""
    return [
        Drawn(
            name=f"{over.scenario}-over-latency-{number}",
            title="What latency between service and Postgres changes",
            said="",
            panels=[],
            numbers=Numbers(headings, lines),
            note=" ".join(over_latency_sentences(over)) if number == 1 else "",
        )
        for number, (headings, lines) in enumerate(tables_of(over), start=1)
    ]

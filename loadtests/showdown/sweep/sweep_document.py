"""What `--json` prints of a sweep: one document, whose schema is sweep.schema.json."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from showdown.report.exports.document import Document, document
from showdown.report.exports.values import Value, of_figure
from showdown.report.summary import Summary
from showdown.sweep.curves import DRAWN, reached
from showdown.sweep.sweep_report import sentences
from showdown.sweep.workloads import Workload, workloads
from showdown.types import Count, Line, Name, Record, Text

SCHEMA = Path(__file__).resolve().parents[2] / "sweep.schema.json"


class SweptPoint(Record):
    """One variant at one value of the parameter."""

    value: Line
    variant: Name
    run: Count
    """Which of the document's runs has measured it, from 0 on."""
    row_scenario: Name
    row_variant: Name
    """Which of that run's rows it is."""
    figures: dict[Name, Value | None]
    """By name, which ends in the unit; None where it was not measured, or is refused."""


class SweptWorkload(Record):
    """What is drawn in one chart."""

    title: Name
    points: list[SweptPoint]
    sentences: list[Text]
    """What can be compared with what, rank changes, best values, laws."""


class SweepDocument(Record):
    """What a sweep has found."""

    schema_version: Literal[1] = 1
    parameter: Line
    workloads: list[SweptWorkload]
    runs: list[Document]
    """As `showdown report --json` prints each."""


def sweep_document(summaries: Sequence[Summary]) -> SweepDocument:
    """Of the runs of one sweep."""
    found = workloads(summaries)
    return SweepDocument(
        parameter=found[0].parameter,
        workloads=[
            SweptWorkload(
                title=workload.title,
                points=[*_points(workload, summaries)],
                sentences=[*sentences(workload)],
            )
            for workload in found
        ],
        runs=[document(summary) for summary in summaries],
    )


def _points(workload: Workload, summaries: Sequence[Summary]) -> Iterator[SweptPoint]:
    for place in workload.places:
        for variant in workload.variants:
            figures = {drawn.name: reached(place, variant, drawn) for drawn in DRAWN}
            yield SweptPoint(
                value=place.value,
                variant=variant,
                run=next(number for number, summary in enumerate(summaries) if summary is place.summary),
                row_scenario=place.scenario,
                row_variant=place.names[variant],
                figures={name: of_figure(found.figure if found else None) for name, found in figures.items()},
            )


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    schema = SweepDocument.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema


if __name__ == "__main__":
    SCHEMA.write_text(json.dumps(json_schema(), indent=2) + "\n")

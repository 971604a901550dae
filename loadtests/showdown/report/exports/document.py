"""`--export json`, and what `--json` prints of a run: one document, whose schema is export.schema.json."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from showdown.explain.explanation import Explanation
from showdown.judge.comparisons import confidence
from showdown.judge.verdicts.verdict import Consequence, Verdict
from showdown.measure.rates import Rate
from showdown.measure.results import Fault, Run
from showdown.report import metrics
from showdown.report.exports.values import Number, Value, of_figure
from showdown.report.notes import notes
from showdown.report.summary import Row, Summary
from showdown.requests.scenarios import Profile
from showdown.stacks.records import Host, Machine, StackKind
from showdown.types import Count, Line, Name, Record, Text

SCHEMA = Path(__file__).resolve().parents[3] / "export.schema.json"
VERSION = 1

Kind = Literal["variant", "twin", "ceiling"]
ConsequenceName = Literal["note", "unranked", "refused"]

_WORDS: Mapping[Consequence, ConsequenceName] = {
    Consequence.NOTE: "note",
    Consequence.UNRANKED: "unranked",
    Consequence.REFUSED: "refused",
}


class ExportedRow(Record):
    """One variant, or the ceiling, under one scenario."""

    scenario: Name
    variant: Name
    kind: Kind
    service_hosts: Count
    """0: it is the ceiling."""
    is_baseline: bool
    rank_first: Count | None
    rank_last: Count | None
    """The places that it may have, 1 is the best; None for a doubtful row, a twin and the ceiling."""
    consequence: ConsequenceName | None
    """Of the gravest doubt: the row is ranked all the same, has no rank, or has no figures."""
    verdict: Line
    """In two or three words."""
    figures: dict[Name, Value | None]
    """By name, which ends in the unit; None where it was not measured, or the row's figures are refused."""


class ExportedVerdict(Record):
    """A doubt, and what to do about it."""

    label: Line
    consequence: ConsequenceName
    scenario: Name | None
    service_hosts: Count | None
    variant: Name | None
    """Which rows it is about. None: all."""
    seen: Text
    advice: Text


class Document(Record):
    """What a run has found."""

    schema_version: Literal[1] = 1
    started_at: Line
    finished_at: Line | None
    command: Line
    commit: Line
    contract: Line
    size: Count
    """Of the data set."""
    seed: int
    machine: Machine
    stack: StackKind
    hosts: list[Host]
    versions: dict[Line, Line]
    variant_versions: dict[Name, dict[Line, Line]]
    generator: Line
    haproxy: bool
    pgbouncer: Line | None
    profile_name: Name
    profile: Profile
    rate: Rate | None
    baseline: Name
    confidence: Number
    """Of every interval, as a share."""
    ranked_by: Name
    """The measure of the ranks."""
    rows: list[ExportedRow]
    """By scenario, in the order of the tables."""
    verdicts: list[ExportedVerdict]
    faults: list[Fault]
    notes: list[Text]
    explanation: Explanation | None
    """Of a run of a chain."""


def document(summary: Summary) -> Document:
    """What a run has found, without its slices."""
    run = summary.run
    return Document(
        started_at=run.started_at,
        finished_at=run.finished_at,
        command=run.command,
        commit=run.commit,
        contract=run.contract,
        size=run.size,
        seed=run.seed,
        machine=run.machine,
        stack=run.stack,
        hosts=run.hosts,
        versions=run.versions,
        variant_versions=run.variant_versions,
        generator=run.generator,
        haproxy=run.haproxy,
        pgbouncer=run.pgbouncer,
        profile_name=run.profile_name,
        profile=run.profile,
        rate=run.rate,
        baseline=run.compared_with,
        confidence=confidence(run),
        ranked_by=summary.judgement.ranked_by.name,
        rows=exported_rows(summary),
        verdicts=[_verdict(each) for each in summary.judgement.verdicts],
        faults=run.faults,
        notes=notes(run),
        explanation=summary.explanation,
    )


def exported_rows(summary: Summary) -> list[ExportedRow]:
    """All rows of all scenarios."""
    return [_row(summary.run, scenario, row) for scenario, rows in summary.rows.items() for row in rows]


def as_json(summary: Summary) -> str:
    return document(summary).model_dump_json(indent=2) + "\n"


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    schema = Document.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema


def _row(run: Run, scenario: str, row: Row) -> ExportedRow:
    return ExportedRow(
        scenario=scenario,
        # The ceiling's name is no variant's.
        variant=row.variant or row.name,
        kind=_kind(run, row),
        service_hosts=row.service_hosts,
        is_baseline=row.variant == run.compared_with,
        rank_first=row.rank.place if row.rank else None,
        rank_last=row.rank.last if row.rank else None,
        consequence=_WORDS[row.consequence] if row.consequence else None,
        verdict=row.verdict,
        figures={metric.name: of_figure(row.figure(metric.name)) for metric in metrics.METRICS},
    )


def _kind(run: Run, row: Row) -> Kind:
    if row.is_ceiling:
        return "ceiling"
    return "twin" if run.twin and row.variant == run.twin.name else "variant"


def _verdict(verdict: Verdict) -> ExportedVerdict:
    return ExportedVerdict(
        label=verdict.label,
        consequence=_WORDS[verdict.consequence],
        scenario=verdict.about.scenario,
        service_hosts=verdict.about.service_hosts,
        variant=verdict.about.variant,
        seen=verdict.seen,
        advice=verdict.advice,
    )


if __name__ == "__main__":
    SCHEMA.write_text(json.dumps(json_schema(), indent=2) + "\n")

"""How to read the figures of a run: the same for every report that has room for it."""

from showdown.judge.adjustment import is_adjusted
from showdown.report.metrics import METRICS
from showdown.report.price_note import price_note
from showdown.report.setting import confidence_percent
from showdown.report.summary import Summary

INTERVALS = (
    "A figure with an interval is the geometric mean over the blocks, and the interval, of {confidence}, is of the "
    "blocks, too. In a terminal ±3% is how far it reaches up; down it reaches a little less far. Percentiles of "
    "latency are of all slices together; peaks are the highest of all slices; other figures are medians over the "
    "slices."
)
RANKS = (
    "A rank is by {measure}. 2–4: one variant is established to be {better}, none of the next two to be {worse} "
    "({confidence}, corrected for the number of comparisons). A variant with a grave doubt, its verdict, has none. The "
    "A/A row is one variant measured twice: ±3% there is what this run calls no difference."
)
ADJUSTED = (
    "Ratios of service CPU a request are adjusted for how fast the machine was in each slice, as the CPU time of tiers "
    "shows that do the same work for every variant."
)
CEILING = (
    "pgbench runs the same single statement, prepared, over as many connections as the variants have at most, by the "
    "services' way to Postgres and without a service: the ceiling."
)
UNTIL = (
    "Blocks were added until all intervals were narrow enough, which they sometimes are by chance: intervals of "
    "{confidence} hold in 95% of such runs."
)
ONE_MACHINE = (
    "Everything ran on one machine and competed for its cores: the tiers' CPU per request is what carries over.",
)
HOSTS = (
    "Each tier ran on hosts of its own; its CPU and memory are summed over them. Users grow with the service's hosts.",
    "pgbench's ratio is to the baseline on the most hosts.",
)


def reading(summary: Summary) -> list[str]:
    """How to read each figure, in sentences."""
    run, confidence = summary.run, confidence_percent(summary.run)
    at_a_rate = run.rate is not None
    words = {"better": "cheaper", "worse": "dearer"} if at_a_rate else {"better": "faster", "worse": "slower"}
    rows = [row for of_scenario in summary.rows.values() for row in of_scenario]
    known = [metric for metric in METRICS if any(row.figure(metric.name) is not None for row in rows)]
    return [
        INTERVALS.format(confidence=confidence),
        *([] if run.until_half_width is None else [UNTIL.format(confidence=confidence)]),
        *([ADJUSTED] if is_adjusted(run) else []),
        RANKS.format(measure=summary.judgement.ranked_by.title, confidence=confidence, **words),
        *filter(None, ((at_a_rate and metric.note_at_a_rate) or metric.note for metric in known)),
        CEILING,
        *([cost] if (cost := price_note(summary)) else []),
        *(HOSTS if run.hosts else ONE_MACHINE),
    ]

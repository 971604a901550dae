"""The judge's verdicts as sentences: what was seen, where, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass

from showdown.judge.judgement import Judgement
from showdown.judge.verdicts.verdict import Consequence, Verdict
from showdown.report.setting import contender_name, listed

# How many rows with the same doubt are shown; report.md has all.
MOST_SEEN = 2

CONSEQUENCES = {
    Consequence.NOTE: "",
    Consequence.UNRANKED: "not ranked",
    Consequence.REFUSED: "numbers not shown",
}


@dataclass(frozen=True)
class Doubt:
    """One kind of doubt, with one advice, about one row or several."""

    label: str
    consequence: Consequence
    names: tuple[str, ...]
    """The rows' names; empty if it is about all of them."""
    seen: tuple[str, ...]
    """What was seen of each of them; or one entry about all."""
    advice: str

    def sentence(self, most: int | None = None) -> str:
        """`most`: for how many rows to say what was seen; None: for all."""
        title = f"{self.label} ({why})" if (why := CONSEQUENCES[self.consequence]) else self.label
        shown = list(zip(self.names, self.seen, strict=True))[:most] if self.names else []
        told = "; ".join(f"{name}: {seen}" for name, seen in shown) or "; ".join(self.seen)
        if others := self.names[len(shown) :]:
            told += f"; and so for {listed(others)}"
        return f"{title} – {told}. {self.advice[:1].upper()}{self.advice[1:]}."


def doubts_of(judgement: Judgement, scenario: str) -> list[Doubt]:
    """The doubts about one scenario's rows, the gravest first."""
    return _grouped(judgement, [verdict for verdict in judgement.verdicts if verdict.about.scenario == scenario])


def doubts_of_run(judgement: Judgement) -> list[Doubt]:
    """The doubts about the whole run, the gravest first."""
    return _grouped(judgement, [verdict for verdict in judgement.verdicts if verdict.about.scenario is None])


def _grouped(judgement: Judgement, verdicts: Iterable[Verdict]) -> list[Doubt]:
    groups: dict[tuple[str, Consequence, bool, str], list[Verdict]] = {}
    for verdict in verdicts:
        key = verdict.label, verdict.consequence, verdict.about.variant is None, verdict.advice
        groups.setdefault(key, []).append(verdict)
    return [
        Doubt(
            label=label,
            consequence=consequence,
            names=() if of_all else tuple(_name(judgement, verdict) for verdict in found),
            seen=tuple(verdict.seen for verdict in found),
            advice=advice,
        )
        for (label, consequence, of_all, advice), found in groups.items()
    ]


def _name(judgement: Judgement, verdict: Verdict) -> str:
    return contender_name(judgement.run, verdict.about.variant or "", verdict.about.service_hosts or 1)

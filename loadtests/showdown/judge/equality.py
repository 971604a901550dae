"""What a run calls "no difference": a variant compared with its twin, which is the same under another name."""

from dataclasses import dataclass

from showdown.judge.comparisons import Comparison
from showdown.judge.intervals import Estimate
from showdown.measure.results import Twin


@dataclass(frozen=True)
class Equality:
    """The A/A row of one comparison."""

    of: str
    twin: str
    ratio: Estimate
    """The twin ÷ the variant: 1, but for chance."""

    @property
    def called_different(self) -> bool:
        """Whether the two are called different: by chance one twin of twenty is."""
        return self.ratio.is_different

    @property
    def no_difference(self) -> float:
        """Two variants that differ by less are not told apart, as a share: 0.03 is 3%."""
        return self.ratio.half_width

    @property
    def smallest_found(self) -> float:
        """The smallest difference that four of five such runs would find, as a share."""
        return self.ratio.smallest_found()


def equality(comparison: Comparison, twin: Twin | None) -> Equality | None:
    """None where no variant was measured twice, or in too few blocks."""
    ratio = twin and comparison.ratio(twin.name, twin.of)
    return Equality(twin.of, twin.name, ratio) if twin and ratio else None

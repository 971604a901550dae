"""Which parameters have a law, and how it is told."""

import re

from made_up_sweeps import made_up_sweep
from showdown.report.summary import summarize
from showdown.sweep.laws import law_sentences, laws
from showdown.sweep.usl import Law, NoLaw
from showdown.sweep.workloads import Workload, workloads

NUMBERS = (1, 2, 4, 8, 16)


def speeds(contention: float, coherency: float) -> dict[str, float]:
    return {
        str(number): 100.0 * number / (1 + contention * (number - 1) + coherency * number * (number - 1))
        for number in NUMBERS
    }


def swept(parameter: str, of: dict[str, dict[str, float]]) -> Workload:
    (found,) = workloads([summarize(made_up_sweep(parameter, of, spread=0.005))])
    return found


def test_each_variant_has_its_own() -> None:
    found = laws(swept("users", {"a": speeds(0.1, 0.0), "b": dict.fromkeys(speeds(0, 0), 100.0) | {"4": 500.0}}))
    assert isinstance(found["a"], Law)
    assert isinstance(found["b"], NoLaw)


def test_what_was_fitted_is_told_with_intervals_and_what_was_refused_with_the_reason() -> None:
    peaked, stepped = speeds(0.05, 0.02), dict.fromkeys(speeds(0, 0), 100.0) | {"4": 500.0}
    fits, refused, law = law_sentences(swept("workers", {"a": peaked, "b": stepped}))
    assert re.fullmatch(
        r"a, Universal Scalability Law of workers: λ = \d+ \[\d+–\d+\] req/s, σ = 0\.0\d+ \[0\.0\d+–0\.0\d+\], "
        r"κ = 0\.0\d+ \[0\.0\d+–0\.0\d+\]; most at [67]\.\d+\.",
        fits,
    ), fits
    assert re.match(r"b, Universal Scalability Law of workers: refused, for at \d+ the best fit is ", refused)
    assert law == (
        "The law is X(N) = λN / (1 + σ(N − 1) + κN(N − 1)); it fits where it is, at each of 4 points or more, within "
        "5.0% of what was measured or within its interval."
    )


def test_a_peak_beyond_what_was_measured_is_called_that() -> None:
    told = next(law_sentences(swept("users", {"a": speeds(0.02, 0.0015)})))
    assert re.search(r"; most at 2\d\.\d, which was not measured\.$", told), told


def test_words_and_data_sets_have_no_law() -> None:
    assert laws(swept("SERIALIZER", {"a": {"x": 1.0, "y": 2.0, "z": 3.0, "w": 4.0}})) == {}
    assert [*law_sentences(swept("SIZE", {"a": speeds(0, 0)}))] == []

"""Places, where they are established."""

from itertools import combinations

from showdown.judge.intervals import Estimate, moderated
from showdown.judge.ranks import Rank, established, holm, ranks


def ratio(log: float, error: float = 0.01) -> Estimate:
    return Estimate(log, error, 20, 6)


def test_differences_that_are_established_give_each_a_place() -> None:
    pairs = {("a", "b"): ratio(-0.5), ("a", "c"): ratio(0.5), ("b", "c"): ratio(1.0)}

    assert ranks("abc", pairs, more_is_better=True) == {
        "a": Rank(2, 2, ()),
        "b": Rank(1, 1, ()),
        "c": Rank(3, 3, ()),
    }
    assert [rank.place for rank in ranks("abc", pairs, more_is_better=False).values()] == [2, 3, 1]


def test_what_is_not_distinguishable_shares_a_place() -> None:
    pairs = {("a", "b"): ratio(0.005), ("a", "c"): ratio(0.5), ("b", "c"): ratio(0.5)}

    assert ranks("abc", pairs, more_is_better=True) == {
        "a": Rank(1, 2, ("b",)),
        "b": Rank(1, 2, ("a",)),
        "c": Rank(3, 3, ()),
    }


def test_one_between_two_that_differ_may_have_the_place_of_either() -> None:
    pairs = {("a", "b"): ratio(0.02), ("a", "c"): ratio(0.04), ("b", "c"): ratio(0.02)}

    assert ranks("abc", pairs, more_is_better=True) == {
        "a": Rank(1, 2, ("b",)),
        "b": Rank(1, 3, ("a", "c")),
        "c": Rank(2, 3, ("b",)),
    }


def test_a_pair_without_a_ratio_is_not_established() -> None:
    assert ranks("ab", {}, more_is_better=True) == {"a": Rank(1, 2, ("b",)), "b": Rank(1, 2, ("a",))}


def test_others_are_left_out() -> None:
    pairs = {("a", "b"): ratio(0.5), ("a", "twin"): ratio(-5), ("b", "twin"): ratio(-5)}

    assert [rank.place for rank in ranks("ab", pairs, more_is_better=True).values()] == [1, 2]
    assert ranks("", pairs, more_is_better=True) == {}


def test_holm_multiplies_the_smallest_by_how_many_there_are() -> None:
    # As R's p.adjust does.
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}) == {"d": 0.02, "a": 0.03, "c": 0.06, "b": 0.06}
    assert holm({"a": 0.6, "b": 0.9}) == {"a": 1.0, "b": 1.0}
    assert holm({}) == {}


def test_one_comparison_needs_less_than_one_of_many() -> None:
    borderline = ratio(0.025)
    many = {("a", "b"): borderline} | {("a", other): ratio(0) for other in "cdefgh"}

    assert ranks("ab", {("a", "b"): borderline}, more_is_better=True)["b"].place == 2
    assert ranks("abcdefgh", many, more_is_better=True)["b"].place == 1


def test_no_pair_is_established_against_its_own_interval() -> None:
    # Among others that vary little it would be.
    wild = Estimate(0.1, 0.05, 4, 5)
    others = "cdefghij"
    quiet = {("a", other): Estimate(0.5, 0.002, 4, 5) for other in others}

    assert not wild.is_different
    assert ("a", "b") not in established({("a", "b"): wild} | quiet)
    assert established({("a", "b"): wild} | quiet) == list(quiet)


def test_many_comparisons_know_together_how_much_blocks_vary() -> None:
    pairs = {pair: Estimate(0.1, 0.01, 4, 5) for pair in combinations("abcdefgh", 2)}

    assert holm({pair: ratio.p_value for pair, ratio in pairs.items()})["a", "b"] > 0.01
    assert holm({pair: ratio.p_value for pair, ratio in moderated(pairs, 8).items()})["a", "b"] < 0.0001
    assert established(pairs) == list(pairs)


def test_what_is_not_compared_with_each_other_tells_less_of_what_all_vary() -> None:
    # Two contenders at eight points are eight independent pairs. Sixteen that are all compared would have fifteen.
    pairs = {(f"a{point}", f"b{point}"): Estimate(0.1, 0.1 / 2.85, 5, 6) for point in range(8)}

    assert len(established(pairs)) == 8
    assert established(pairs, contenders=9) == []

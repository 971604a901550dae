"""What all doubts share."""

import pytest
from showdown.judge.verdicts.verdict import About, signed


@pytest.mark.parametrize(("share", "decimals", "text"), [(0.039, 0, "+4%"), (-0.39, 0, "−39%"), (-0.0125, 1, "−1.2%")])
def test_a_change_has_its_sign(share: float, decimals: int, text: str) -> None:
    assert signed(share, decimals) == text


def test_what_is_not_named_is_about_all() -> None:
    assert About().covers("mixed", 1, "axum")
    assert About("mixed").covers("mixed", 2, "axum")
    assert not About("mixed", 1, "axum").covers("mixed", 1, "django")

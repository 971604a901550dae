"""Percentages, as options have them."""

import re

import typer

PERCENTAGE = re.compile(r"([0-9]{1,2}(?:\.[0-9]{1,3})?)%")
LEAST_PERCENT, MOST_PERCENT = 0.1, 50.0


def share(text: str) -> float:
    """3% is 0.03. Raises BadParameter."""
    found = PERCENTAGE.fullmatch(text)
    percent = float(found[1]) if found else 0.0
    if not LEAST_PERCENT <= percent <= MOST_PERCENT:
        raise typer.BadParameter(
            f"{text!r} is not a percentage from {LEAST_PERCENT:g}% to {MOST_PERCENT:g}%, such as 3%"
        )
    return percent / 100

"""Fills in the configuration templates that the local and the cloud stack share."""

from pathlib import Path
from string import Template

CONFIG = Path(__file__).resolve().parents[2] / "config"


def render(template: str, **values: str | int) -> str:
    """The text of config/<template> with each ${name} filled in. Raises KeyError for a name without a value."""
    return Template((CONFIG / template).read_text()).substitute(values)

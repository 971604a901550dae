"""The contract's SQL, used verbatim."""

from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parents[2] / "contract" / "queries"


class Queries(NamedTuple):
    """The text of one file a field."""

    session: str
    active_teams: str
    recipe: str
    ingredients: str
    sections: str
    steps: str
    events: str
    notes: str
    reactions: str
    recipe_single: str
    recipe_list: str
    recipe_list_single: str
    note_recipe: str
    note_create: str
    note_create_single: str


def load(folder: Path = FOLDER) -> Queries:
    """Read them all. Raises FileNotFoundError."""
    return Queries(*((folder / f"{name}.sql").read_text(encoding="utf-8") for name in Queries._fields))

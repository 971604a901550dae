"""The contract's SQL, used verbatim."""

from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parents[2] / "contract" / "queries"


# The queries of a recipe's lists.
LISTS = ("ingredients", "sections", "steps", "events", "notes", "reactions")


class Queries(NamedTuple):
    """One field for each file, with its text."""

    session: str
    active_teams: str
    recipe: str
    recipe_random: str
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
    nutrition_recipe: str

    def of_arrays(self) -> "Queries":
        """The same, but $1 of the lists is an array of recipes, as in the article: Postgres plans these at each run."""
        lists = {name: getattr(self, name).replace("= $1", "= ANY ($1::bigint[])") for name in LISTS}
        return self._replace(**lists)


def packed_row(query: str) -> str:
    """The query's row in Postgres's binary format; NULL for a row whose id is NULL."""
    # The query has its own lines, because it may end in a comment.
    return f"SELECT CASE WHEN t.id IS NOT NULL THEN record_send(t) END FROM (\n{query}\n) t"  # noqa: S608  # ours


def packed_rows(query: str) -> str:
    """How many of the query's rows have an id, the highest of them, and all rows in Postgres's binary format."""
    return f"SELECT count(t.id), max(t.id), string_agg(record_send(t), ''::bytea) FROM (\n{query}\n) t"  # noqa: S608  # ours


def load(folder: Path = FOLDER) -> Queries:
    """Read all files. Raises FileNotFoundError."""
    return Queries(*((folder / f"{name}.sql").read_text(encoding="utf-8") for name in Queries._fields))

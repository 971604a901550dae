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


# As the contract writes them: with six fractional digits, or with none where these are zero.
_TIMESTAMPS = ", ".join(
    f"""to_char(t.{name} AT TIME ZONE 'UTC', CASE WHEN date_trunc('second', t.{name}) = t.{name}
        THEN 'YYYY-MM-DD"T"HH24:MI:SS"Z"' ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"' END) AS {name}"""
    for name in ("created_at", "updated_at")
)


def json_rows(query: str) -> str:
    """How many of the list's rows have an id, the highest of them, and all rows as a JSON array."""
    # The functions of json write no blanks, those of jsonb would.
    return f"""\
SELECT count(s.id), max(s.id), convert_to('[' || string_agg(row_to_json(s)::text, ',') || ']', 'UTF8') FROM (
SELECT t.id, t.title, t.author, t.source, t.servings, t.minutes, t.tags, t.archived, {_TIMESTAMPS} FROM (
{query}
) t) s"""  # noqa: S608  # ours


def load(folder: Path = FOLDER) -> Queries:
    """Read all files. Raises FileNotFoundError."""
    return Queries(*((folder / f"{name}.sql").read_text(encoding="utf-8") for name in Queries._fields))

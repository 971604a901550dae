"""Where the contract's files are."""

from pathlib import Path

CONTRACT = Path(__file__).resolve().parents[1]
CHECKOUT = CONTRACT.parent
SCHEMA = CONTRACT / "schema.sql"
QUERIES = CONTRACT / "queries"
GOLDEN = CONTRACT / "golden"


def golden_body(name: str) -> bytes:
    """The exact bytes of bodies/<name>.body."""
    return (GOLDEN / "bodies" / f"{name}.body").read_bytes()


def query(name: str) -> str:
    """The text of queries/<name>.sql."""
    return (QUERIES / f"{name}.sql").read_text()

"""The recipes as a data set that showdown's stack can load, recognise and reset."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from showdown_contract import seed
from showdown_contract.files import CONTRACT


@dataclass(frozen=True)
class RecipesData:
    """The golden recipes, and a number of generated ones."""

    folder: Path = CONTRACT
    default_size: int = seed.DEFAULT_RECIPES
    most_size: int = seed.MOST_RECIPES

    @property
    def sources(self) -> list[Path]:
        found = [
            *self.folder.glob("schema.sql"),
            *self.folder.rglob("golden/**/*"),
            *self.folder.glob("showdown_contract/*.py"),
        ]
        return sorted(path for path in found if path.is_file())

    @property
    def grants(self) -> Mapping[str, Sequence[str]]:
        return {"notes": ["INSERT"]}

    def seed(self, dsn: str, size: int, on_progress: Callable[[int], object]) -> str:
        return seed.seed(dsn, size, on_progress)

    def held(self, dsn: str) -> int | None:
        found = seed.seeded(dsn)
        return None if found is None else found[0]

    def reset(self, dsn: str) -> int:
        return seed.undo_writes(dsn)


DATA = RecipesData()

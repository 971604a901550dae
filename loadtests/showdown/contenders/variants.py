"""The contenders of variants.toml, and of a file of one's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, ValidationInfo, model_validator
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT
from showdown_contract.lookup import Lookup

from showdown.selection import find, select
from showdown.toml_files import read_toml
from showdown.types import MOST_POOL, MOST_WORKERS, Argument, Line, Name, VariableName

VARIANTS = Path(__file__).resolve().parents[2] / "variants.toml"

# They name log files beside those of the stack, and a row beside pgbench's.
MOST_VARIANTS = 200
RESERVED = ("pgbench", "postgres", "pgbouncer", "haproxy")
# What a service is told, and by what its entry says it.
SET_BY_SHOWDOWN = {
    "HOST": "the stack",
    "PORT": "the stack",
    "DATABASE_URL": "the stack",
    "WORKERS": "workers",
    "POOL_SIZE": "pool",
    "LOOKUP": "lookup",
}
MOST_PARTS = 100
NO_OTHERS: Mapping[str, Any] = MappingProxyType({})


def _not_reserved(name: str) -> str:
    if name in RESERVED:
        raise ValueError(f"{name} is the name of a part of the stack")
    return name


def _not_set_by_showdown(name: str) -> str:
    if name in SET_BY_SHOWDOWN:
        raise ValueError(f"{name} is set by {SET_BY_SHOWDOWN[name]}: leave it out")
    return name


VariantName = Annotated[Name, AfterValidator(_not_reserved)]
Command = Annotated[list[Argument], Field(min_length=1, max_length=1000)]
KnobName = Annotated[VariableName, AfterValidator(_not_set_by_showdown)]


class Variant(BaseModel):
    """A service with its knobs set. variants.toml explains the fields."""

    model_config = ConfigDict(extra="forbid")

    description: Line
    command: Command
    build: Command | None = None
    workers: Annotated[int, Field(strict=True, ge=1, le=MOST_WORKERS)]
    pool: Annotated[int, Field(strict=True, ge=1, le=MOST_POOL)]
    note: Line | None = None
    lookup: Lookup = "by-id"
    unbounded: frozenset[str] = frozenset()
    default: Annotated[bool, Field(strict=True)] = True
    environment: Annotated[dict[KnobName, Argument], Field(max_length=1000)] = {}
    distributions: Annotated[list[Name], Field(max_length=MOST_PARTS)] = []
    versions: Annotated[dict[Name, Command], Field(max_length=MOST_PARTS)] = {}
    packages: Annotated[list[Argument], Field(max_length=MOST_PARTS)] = []

    _folder: Path = PrivateAttr(CHECKOUT)

    def model_post_init(self, context: Any, /) -> None:
        """Read from a file, it has the folder of the context."""
        if context:
            self._folder = context["folder"]

    @property
    def folder(self) -> Path:
        """Where its commands are run: of this machine, and so not written into results."""
        return self._folder

    def settings(self) -> dict[str, str]:
        """The environment variables that set the knobs."""
        lookup = {} if self.lookup == "by-id" else {"LOOKUP": self.lookup}
        return {**self.environment, "WORKERS": str(self.workers), "POOL_SIZE": str(self.pool), **lookup}


class VariantFile(BaseModel):
    """variants.toml, or a file of that form."""

    model_config = ConfigDict(extra="forbid")

    baseline: str
    """The variant that the others are compared with, where it is measured."""
    twin: str | None = None
    """The variant that a run measures twice, under two names, where it is measured."""
    renamed: Annotated[dict[Name, VariantName], Field(max_length=MOST_VARIANTS)] = {}
    """What earlier versions called a variant, and what it is called now."""
    variants: Annotated[dict[VariantName, Variant], Field(min_length=1, max_length=MOST_VARIANTS)]

    @model_validator(mode="after")
    def _baseline_and_twin_are_variants(self, info: ValidationInfo) -> Self:
        others = info.context["others"] if info.context else ()
        if self.baseline not in self.variants and self.baseline not in others:
            raise ValueError(f"baseline {self.baseline!r} is no variant")
        if self.twin is not None and self.twin not in self.variants and self.twin not in others:
            raise ValueError(f"twin {self.twin!r} is no variant")
        return self

    @model_validator(mode="after")
    def _a_run_has_variants(self) -> Self:
        if not self.by_default():
            raise ValueError("there is no variant whose default is true: a run would measure nothing")
        return self

    def by_default(self) -> dict[str, Variant]:
        """Those that a run measures where none is named."""
        return {name: variant for name, variant in self.variants.items() if variant.default}


@dataclass(frozen=True)
class Contenders:
    """What a command can choose from."""

    file: VariantFile
    """Whose variants are meant where none is named."""
    others: dict[str, Variant]
    """What can be named beside them: the contract's, where the file is somebody's own."""
    renamed: dict[str, str]

    @property
    def all(self) -> dict[str, Variant]:
        return self.file.variants | self.others

    @property
    def baseline(self) -> str:
        return self.file.baseline

    @property
    def twin(self) -> str | None:
        return self.file.twin

    def named(self, names: str | None) -> dict[str, Variant]:
        """Those of a comma-separated list, all of the file if None. Raises ShowdownError for an unknown name."""
        return self.file.variants if names is None else select("variant", self.all, names, self.renamed)

    def one(self, name: str | None) -> tuple[str, Variant]:
        """The one of that name, the file's first if None. Raises ShowdownError."""
        if name is None:
            return next(iter(self.file.variants.items()))
        return name, find("variant", self.all, name, self.renamed)


def load_variant_file(
    path: Path = VARIANTS, folder: Path = CHECKOUT, others: Mapping[str, Variant] = NO_OTHERS
) -> VariantFile:
    """All of variants.toml, or of a file of that form, in its order. Raises ShowdownError.

    `folder`: where its commands are run. `others`: the variants that the file stands beside.
    """
    return read_toml(path, VariantFile, {"folder": folder, "others": others})


def load_contenders(path: Path | None = None, ours: VariantFile | None = None) -> Contenders:
    """A contract's variants, the checkout's if None; or a file's with those beside them. Raises ShowdownError.

    The file's commands are run in its own folder.
    """
    ours = ours or load_variant_file()
    if path is None:
        return Contenders(ours, {}, ours.renamed)
    theirs = load_variant_file(path, path.resolve().parent, ours.variants)
    if both := theirs.variants.keys() & ours.variants.keys():
        raise ShowdownError(f"{path}: {min(both)} is one of the contract's own variants: give yours another name")
    return Contenders(theirs, ours.variants, ours.renamed | theirs.renamed)

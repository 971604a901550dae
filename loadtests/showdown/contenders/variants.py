"""The contenders of variants.toml, and of a file of one's own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, ValidationInfo, model_validator
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT
from showdown_contract.lookup import Lookup

from showdown.contenders.planting import Planting
from showdown.selection import find, select, unknown
from showdown.toml_files import read_toml
from showdown.types import MOST_POOL, MOST_WORKERS, Argument, Line, Name, VariableName

# Variants must not take these names: the stack's log files and pgbench's row have them.
MOST_VARIANTS = 200
RESERVED = ("pgbench", "postgres", "pgbouncer", "haproxy")
# The variables that showdown sets, and the field of the entry that each comes from.
SET_BY_SHOWDOWN = {
    "HOST": "the stack",
    "PORT": "the stack",
    "DATABASE_URL": "the stack",
    "WORKERS": "workers",
    "POOL_SIZE": "pool",
    "LOOKUP": "lookup",
    "UPSTREAM_URL": "the stack",
    "UPSTREAM_CA": "the stack",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "the stack",
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
    claim: Name | None = None
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

    @property
    def needs_collector(self) -> bool:
        """Whether it sends spans or metrics."""
        return self.environment.get("TRACES") == "true" or self.environment.get("METRICS") == "otlp"

    @property
    def has_metrics(self) -> bool:
        """Whether its service answers /metrics."""
        return self.environment.get("METRICS") in {"true", "otlp"}

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
    planting: Planting | None = None
    """How work is planted in some of them."""

    @model_validator(mode="before")
    @classmethod
    def _like_others(cls, file: Any) -> Any:
        """Complete the entries that say `like`: what they do not say is what the other one says."""
        variants = file.get("variants") if isinstance(file, dict) else None
        if not isinstance(variants, dict):
            return file
        return file | {"variants": {name: _completed(name, entry, variants) for name, entry in variants.items()}}

    @model_validator(mode="after")
    def _baseline_and_twin_are_variants(self, info: ValidationInfo) -> Self:
        others = info.context["others"] if info.context else ()
        if self.baseline not in self.variants and self.baseline not in others:
            raise ValueError(f"baseline: {unknown('variant', [*self.variants, *others], self.baseline)}")
        if self.twin is not None and self.twin not in self.variants and self.twin not in others:
            raise ValueError(f"twin: {unknown('variant', [*self.variants, *others], self.twin)}")
        return self

    @model_validator(mode="after")
    def _old_names_lead_to_variants(self, info: ValidationInfo) -> Self:
        known = [*self.variants, *(info.context["others"] if info.context else ())]
        for old, new in self.renamed.items():
            if old in known:
                raise ValueError(f"renamed: {old} is a variant, so it cannot be the old name of another")
            if new not in known:
                raise ValueError(f"renamed.{old}: {unknown('variant', known, new)}")
        return self

    @model_validator(mode="after")
    def _a_run_has_variants(self) -> Self:
        if not self.by_default():
            raise ValueError("there is no variant whose default is true: a run would measure nothing")
        return self

    def by_default(self) -> dict[str, Variant]:
        """Those that a run measures where none is named."""
        return {name: variant for name, variant in self.variants.items() if variant.default}


def _completed(name: str, entry: Any, variants: Mapping[str, Any]) -> Any:
    """The fields of an entry, and of the one that it is like; of `environment` and `versions` also single ones."""
    if not isinstance(entry, dict) or "like" not in entry:
        return entry
    model = variants.get(entry["like"]) if isinstance(entry["like"], str) else None
    if not isinstance(model, dict) or "like" in model:
        raise ValueError(f"variants.{name}.like: {entry['like']!r} is no variant of this file that is whole by itself")
    own = {field: value for field, value in entry.items() if field != "like"}
    tables = {
        field: {**model[field], **own[field]}
        for field in ("environment", "versions")
        if isinstance(model.get(field), dict) and isinstance(own.get(field), dict)
    }
    return {**model, **own, **tables}


@dataclass(frozen=True)
class Contenders:
    """What a command can choose from."""

    file: VariantFile
    """The file whose variants are used if none is named."""
    others: dict[str, Variant]
    """Other variants that can be named: the contract's, if `file` is the user's own."""
    renamed: dict[str, str]
    of_chains: Mapping[str, Variant] = field(default_factory=dict)
    """Those between two others in a chain."""

    @property
    def all(self) -> dict[str, Variant]:
        """Without those of chains."""
        return self.file.variants | self.others

    def known(self, names: Iterable[str]) -> dict[str, Variant]:
        """All, and those variants of chains that are named: a message that lists all would be too long."""
        return self.all | {name: self.of_chains[name] for name in names if name in self.of_chains}

    @property
    def baseline(self) -> str:
        return self.file.baseline

    @property
    def twin(self) -> str | None:
        return self.file.twin

    def named(self, names: str | None) -> dict[str, Variant]:
        """Those of a comma-separated list, all of the file if None. Raises ShowdownError for an unknown name."""
        if names is None:
            return self.file.variants
        return select("variant", self.known(map(str.strip, names.split(","))), names, self.renamed)

    def to_measure(self, names: str | None) -> dict[str, Variant]:
        """Those of a comma-separated list; of the file those that a run measures by default if None."""
        return self.file.by_default() if names is None else self.named(names)

    def one(self, name: str | None) -> tuple[str, Variant]:
        """The one of that name, the file's first if None. Raises ShowdownError."""
        if name is None:
            return next(iter(self.file.variants.items()))
        return name, find("variant", self.known([name]), name, self.renamed)


def load_variant_file(path: Path, folder: Path, others: Mapping[str, Variant] = NO_OTHERS) -> VariantFile:
    """All of a variants.toml, in its order. Raises ShowdownError.

    `folder`: where its commands are run. `others`: the variants that the file stands beside.
    """
    return read_toml(path, VariantFile, {"folder": folder, "others": others})


def load_contenders(path: Path | None, ours: VariantFile, of_chains: Mapping[str, Variant] = NO_OTHERS) -> Contenders:
    """A contract's variants; or those of a file, with the contract's beside them. Raises ShowdownError.

    The file's commands are run in its own folder.
    """
    if path is None:
        return Contenders(ours, {}, ours.renamed, of_chains)
    theirs = load_variant_file(path, path.resolve().parent, ours.variants)
    if both := theirs.variants.keys() & ours.variants.keys():
        raise ShowdownError(f"{path}: {min(both)} is one of the contract's own variants: give yours another name")
    return Contenders(theirs, ours.variants, ours.renamed | theirs.renamed, of_chains)

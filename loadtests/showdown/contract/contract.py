"""A contract as the runner and its stacks use it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from showdown_contract.errors import ShowdownError
from showdown_contract.files import CONTRACT
from showdown_contract.golden import Case
from showdown_contract.lookup import Lookup
from showdown_stack.contract import DataSet, SizedData
from showdown_stack.tiers import Tiers

from showdown.contenders.chain_file import load_chains
from showdown.contenders.chains import KnownChain
from showdown.contenders.variants import Contenders, Variant, VariantFile, load_contenders, load_variant_file
from showdown.contract.asked import kinds, load_cases
from showdown.contract.file import ContractFile
from showdown.contract.sql_data import SqlData
from showdown.requests.kind import Kinds
from showdown.requests.scenarios import ScenarioFile, load_scenario_file
from showdown.toml_files import read_toml

FILE = "contract.toml"
QUICK = "quick"


@dataclass(frozen=True)
class Contract:
    """One API that several programs implement."""

    folder: Path
    file: ContractFile
    data: DataSet
    kinds: Kinds
    cases: Callable[[Lookup], list[Case]]
    raw: Callable[[Tiers, Variant], list[str]] | None
    """Replays raw requests on a stack where a variant's service runs; None where this contract has none."""

    @property
    def name(self) -> str:
        return self.file.name

    @property
    def root(self) -> Path:
        return self.file.root.resolve()

    @property
    def health(self) -> str:
        return self.file.health

    @property
    def routes(self) -> Sequence[str]:
        return self.file.routes

    def answerable(self, lookup: Lookup, *, upstream: bool) -> list[Case]:
        """The golden cases of services with an upstream, or without one."""
        return [case for case in self.cases(lookup) if upstream or not case.upstream]

    @property
    def calls_upstream(self) -> bool:
        """Whether some request makes a service call an upstream."""
        return any(kind.upstream for kind in self.kinds.values())

    def error_body(self, status: int) -> bytes:
        """The contract's body for this status; without one, a JSON error with the status's name."""
        bodies: Mapping[str, Path] = {str(name): body for name, body in self.file.errors.items()}
        if body := bodies.get(str(status)):
            return body.read_bytes()
        return json.dumps({"error": HTTPStatus(status).phrase}).encode()

    @cached_property
    def variants(self) -> VariantFile:
        """Its own. Raises ShowdownError."""
        return self._checked(load_variant_file(self.file.variants, self.root), self.file.variants)

    def contenders(self, variants_file: Path | None = None) -> Contenders:
        """Its own variants, or those of a file with them beside it. Raises ShowdownError."""
        of_chains = {name: variant for chain in self.chains.values() for name, variant in chain.own.items()}
        found = load_contenders(variants_file, self.variants, of_chains)
        if variants_file is not None:
            self._checked(found.file, variants_file)
        return found

    @cached_property
    def chains(self) -> dict[str, KnownChain]:
        """By name; none where this contract has no file of them. Raises ShowdownError."""
        return {} if self.file.chains is None else load_chains(self.file.chains, self.variants)

    @cached_property
    def scenarios(self) -> ScenarioFile:
        """Raises ShowdownError."""
        return load_scenario_file(self.file.scenarios, self.kinds)

    @property
    def is_sized(self) -> bool:
        """Whether the data set can have any size (--size)."""
        return isinstance(self.data, SizedData)

    def size(self, asked: int | None) -> int:
        """Of the data set; 0 where it has but one. Raises ShowdownError for one that it cannot have."""
        if not isinstance(self.data, SizedData):
            if asked is not None:
                raise ShowdownError(f"--size does not go with {self.name}, whose data set has one size: leave it out")
            return 0
        size = self.data.default_size if asked is None else asked
        if size > self.data.most_size:
            raise ShowdownError(f"--size {size} is more than {self.data.most_size}")
        return size

    @property
    def has_ceilings(self) -> bool:
        return any(kind.ceiling for kind in self.kinds.values())

    @property
    def profile(self) -> str:
        """The one of a run where none is named: quick, or the first."""
        profiles = self.scenarios.profiles
        return QUICK if QUICK in profiles else next(iter(profiles))

    @property
    def served(self) -> str:
        """The variant that is served where none is named."""
        return self.file.served or self.variants.baseline

    def _checked(self, found: VariantFile, path: Path) -> VariantFile:
        for name, variant in found.variants.items():
            if variant.lookup != "by-id" and not self.is_sized:
                raise ShowdownError(f"{path}: variants.{name}.lookup: only the recipes are looked up so")
        return found

    @cached_property
    def digest(self) -> str:
        """Its name, and a digest of the files that say what is asked, what is right, and of which data.

        What a contract has as Python is of a commit, which results have, too.
        """
        sql = self.file.data
        of_data = [sql.schema_file, sql.seed, sql.reset] if sql else []
        named = [self.folder / FILE, self.file.golden, *self.file.errors.values(), *of_data]
        digest = sha256(self.scenarios.model_dump_json(include={"scenarios"}).encode())
        for path in filter(None, named):
            digest.update(sha256(path.read_bytes()).digest())
        return f"{self.name} {digest.hexdigest()[:16]}"

    @property
    def words(self) -> list[str]:
        """The arguments that select this contract on a command line."""
        return [] if self.folder == CONTRACT else ["--contract", str(self.folder)]


@cache
def load_contract(folder: Path = CONTRACT) -> Contract:
    """The contract of a folder. Raises ShowdownError, a line that names the place in contract.toml."""
    folder = folder.absolute()
    try:
        file = read_toml(folder / FILE, ContractFile, folder)
        return _contract(folder, file)
    except ShowdownError as error:
        raise ShowdownError(" ".join(str(error).split())) from None


def _contract(folder: Path, file: ContractFile) -> Contract:
    if file.golden:
        golden = load_cases(file.golden, folder)
    sql = file.data
    return Contract(
        folder=folder,
        file=file,
        data=SqlData(sql.schema_file, sql.seed, sql.reset, sql.grants) if sql else file.python.data,
        kinds=kinds(file.requests, folder) if file.requests else file.python.requests,
        cases=(lambda _lookup: golden) if file.golden else file.python.golden,
        raw=file.python.raw,
    )

"""What the libraries construct, as clients.toml says."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from itertools import product


@dataclass(frozen=True)
class Kind:
    """A client, a pool or a connection, as its constructor makes it."""

    name: str
    role: str
    is_async: bool
    close: frozenset[str] = frozenset()
    blocking: frozenset[str] = frozenset()
    not_blocking: frozenset[str] | None = None
    verify: str | None = None
    lent: frozenset[str] = frozenset()
    closes_itself: bool = False
    everywhere: bool = False
    one_off: bool = False

    def blocks(self, method: str) -> bool:
        """Whether this method of a sync client waits for the network."""
        if self.is_async:
            return False
        if self.not_blocking is not None:
            return method not in self.not_blocking and not method.startswith("_")
        return method in self.blocking

    @property
    def library(self) -> str:
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class Clients:
    """By qualified name: what constructs a client, and what builds a TLS context."""

    kinds: Mapping[str, Kind]
    tls_contexts: frozenset[str]
    tls_parameters: frozenset[str]

    @property
    def packages(self) -> frozenset[str]:
        """The packages that a module must mention to be of interest."""
        return frozenset(name.partition(".")[0] for name in [*self.kinds, *self.tls_contexts])

    def with_others(self, others: Mapping[str, str]) -> "Clients":
        """With constructors of one's own, by name, each with the name of a known one that it works like."""
        return replace(
            self, kinds={**self.kinds, **{name: replace(self.kinds[like], name=name) for name, like in others.items()}}
        )


@cache
def known_clients() -> Clients:
    data = tomllib.loads(resources.files("clientlint").joinpath("clients.toml").read_text(encoding="utf-8"))
    kinds: dict[str, Kind] = {}
    for entry in data["client"]:
        for name in entry["names"]:
            kinds[name] = Kind(
                name=_documented(name, entry["names"]),
                role=entry["role"],
                is_async=entry["async"],
                close=frozenset(entry["close"]),
                blocking=frozenset(entry.get("blocking", ())),
                not_blocking=frozenset(entry["not_blocking"]) if "not_blocking" in entry else None,
                verify=entry.get("verify"),
                lent=frozenset(entry.get("lent", ())),
                closes_itself=entry.get("closes_itself", False),
                everywhere=entry.get("everywhere", False),
            )
    for entry in data["one_off"]:
        for module, function in product(entry["modules"], entry["functions"]):
            library = module.partition(".")[0]
            kinds[f"{module}.{function}"] = Kind(
                f"{library}.{function}", entry["role"], is_async=False, verify=entry.get("verify"), one_off=True
            )
    tls = data["tls"]
    return Clients(kinds, frozenset(tls["contexts"]), frozenset(tls["parameters"]))


def _documented(name: str, names: list[str]) -> str:
    """The first name of this library with this last part, because a message should not say httpx._client.Client."""
    library, last = name.partition(".")[0], name.rpartition(".")[2]
    same = (other for other in names if other.startswith(f"{library}.") and other.endswith(f".{last}"))
    return min(same, key=len)

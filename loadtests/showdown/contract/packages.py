"""Prints the Debian packages that the checkout's variants need, one in a line: deploy.sh installs them.

python -m showdown.contract.packages
"""

from collections.abc import Iterable

from showdown.contenders.variants import Variant
from showdown.contract.contract import load_contract


def packages(variants: Iterable[Variant]) -> list[str]:
    """What any of the variants needs, as apt-get install takes it."""
    return sorted({package for variant in variants for package in variant.packages})


if __name__ == "__main__":
    print("\n".join(packages(load_contract().variants.variants.values())))  # noqa: T201 - what it is for

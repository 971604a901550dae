"""`showdown verify`."""

import sys
from typing import Annotated

import typer
from showdown_contract.files import CONTRACT

from showdown import completions
from showdown.commands.choices import refuse
from showdown.console import explained
from showdown.contenders.verify import plain_url
from showdown.contract.contract import load_contract
from showdown.options import ContractFolder, Dsn, Json, Quiet, Size, VariantsFile
from showdown.verification import MOST_SHOWN, verify_url, verify_variants

Variants = Annotated[
    str | None,
    typer.Option(
        help="Comma-separated names; all if not given.", show_default=False, autocompletion=completions.variants
    ),
]
Raw = Annotated[bool, typer.Option("--raw", help="Also the raw requests, directly and through haproxy.")]
Url = Annotated[
    str | None, typer.Option(help="A service that runs already, on the contract's data set.", show_default=False)
]
AllDifferences = Annotated[bool, typer.Option("--all", help=f"Show all differences, not the first {MOST_SHOWN}.")]


def main(  # noqa: PLR0917 - the command's options, one by one
    variants: Variants = None,
    variants_file: VariantsFile = None,
    size: Size = None,
    dsn: Dsn = None,
    raw: Raw = False,
    url: Url = None,
    all_: AllDifferences = False,
    contract_folder: ContractFolder = CONTRACT,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    with explained(quiet=quiet):
        contract = load_contract(contract_folder)
        shown = sys.maxsize if all_ else MOST_SHOWN
        if url is not None:
            of_variants = {"--variants": variants, "--variants-file": variants_file}
            refuse(f"--url {url}", {**of_variants, "--size": size, "--dsn": dsn, "--raw": raw})
            verify_url(contract, plain_url(url), shown, as_json=as_json)
        else:
            selected = contract.contenders(variants_file).named(variants)
            verify_variants(contract, selected, contract.size(size), dsn, raw, shown, as_json=as_json)

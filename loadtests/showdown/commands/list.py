"""`showdown list`."""

from showdown_contract.files import CONTRACT

from showdown.console import explained, out, write_json
from showdown.contract.contract import load_contract
from showdown.options import ContractFolder, Json, VariantsFile
from showdown.report.listing import listing, show_listing


def main(variants_file: VariantsFile = None, contract_folder: ContractFolder = CONTRACT, as_json: Json = False) -> None:
    with explained():
        listed = listing(load_contract(contract_folder), variants_file)
        if as_json:
            write_json(listed)
        else:
            show_listing(listed, out)

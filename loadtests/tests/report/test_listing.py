"""Everything of a contract that has a name is listed."""

from pathlib import Path

from showdown.contract.contract import load_contract
from showdown.report.listing import listing

CALIBRATION = Path(__file__).parents[1] / "calibration"


def test_all_kinds_of_names_are_there() -> None:
    listed = listing(load_contract(), None)
    assert {"axum", "starlette"} <= listed.variants.keys()
    assert "recipe-detail" in listed.scenarios
    assert "quick" in listed.profiles
    assert "sync-to-async" in listed.chains


def test_a_contract_without_chains_has_none() -> None:
    assert listing(load_contract(CALIBRATION), None).chains == {}

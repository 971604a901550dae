"""A host gets the list of the packages that the variants need, and installs them."""

from showdown.contenders.variants import Variant
from showdown.contract.contract import load_contract
from showdown.contract.packages import packages


def variant(*needs: str) -> Variant:
    return Variant(description="", command=["x"], workers=1, pool=1, packages=[*needs])


def test_what_two_need_is_installed_once() -> None:
    assert packages([variant("go=2:1.*", "gcc"), variant(), variant("gcc")]) == ["gcc", "go=2:1.*"]


def test_whoever_is_built_with_a_tool_says_what_it_comes_with() -> None:
    for name, one in load_contract().variants.variants.items():
        # uv, which makes Python environments, is on every host.
        assert one.build is None or one.packages or one.build[0] == "python_service/environment.sh", name

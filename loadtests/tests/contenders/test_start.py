"""A variant's program is found, and started with an environment of its own."""

import re
import sys
from pathlib import Path

import pytest
from showdown.contenders.start import resolved_command, service_environment
from showdown.contenders.variants import SET_BY_SHOWDOWN, Variant
from showdown.stacks.agent.tiers import START_SECONDS
from showdown.types import MOST_POOL, MOST_WORKERS
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT, CONTRACT
from showdown_stack.process import STOP_SECONDS
from showdown_stack.tiers import SERVICE_START_SECONDS


def variant(*command: str) -> Variant:
    return Variant(description="", command=[*command], workers=1, pool=1)


def test_a_program_beside_this_python_comes_first() -> None:
    folder = Path(sys.executable).parent
    assert resolved_command("mine", variant("gunicorn", "app")) == [str(folder / "gunicorn"), "app"]
    assert service_environment()["PATH"].startswith(f"{folder}:")


def test_a_path_is_one_in_the_checkout() -> None:
    assert resolved_command("mine", variant("contract/schema.sql")) == [str(CHECKOUT / "contract/schema.sql")]


def test_a_path_of_a_file_of_ones_own_is_one_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "run").touch()
    within = Variant.model_validate(variant("./run").model_dump(), context={"folder": tmp_path})
    assert resolved_command("mine", within) == [str(tmp_path / "run")]


@pytest.mark.parametrize("program", ["no-such-program", "rust_service/no-such-program"])
def test_a_program_that_is_not_there_is_named(program: str) -> None:
    with pytest.raises(ShowdownError, match=f"variant mine: its program {program} is not there"):
        resolved_command("mine", variant(program))


def test_the_contract_tells_each_variable_that_a_service_has() -> None:
    rows = re.findall(r"^\| (`[A-Z_`, ]+`) \|", (CONTRACT / "service.md").read_text(), re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"[A-Z_]+", row)}
    assert told == {*service_environment(), *SET_BY_SHOWDOWN}
    assert variant("x").settings().keys() < told


def test_the_contracts_numbers_are_those_of_the_code() -> None:
    text = (CONTRACT / "service.md").read_text()
    for said in (
        f"1 to {MOST_WORKERS}",
        f"1 to {MOST_POOL:,}",
        f"has {SERVICE_START_SECONDS:.0f} s",
        f"on a host {START_SECONDS:.0f} s",
        f"After {STOP_SECONDS:.0f} s",
    ):
        assert said in text


def test_a_service_inherits_nothing_but_a_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POOL_SIZE", "1")
    assert set(service_environment()) == {"PATH", "PYTHONDONTWRITEBYTECODE", "LANG"}

"""Environments: each file pins the library that it is for."""

import pytest
from outbound.libraries import HERE, LIBRARIES, Library, prepare, version
from showdown_contract.errors import ShowdownError

FILES = HERE / "environments"


def test_each_environment_pins_what_is_measured_in_it() -> None:
    of_their_own = [library for library in LIBRARIES.values() if library.environment is not None]
    assert {f"{library.environment}.txt" for library in of_their_own} == {path.name for path in FILES.iterdir()}
    for library in of_their_own:
        pins = (FILES / f"{library.environment}.txt").read_text().splitlines()
        assert any(pin.startswith(f"{library.module}==") for pin in pins)
        assert "pyperf==2.10.0" in pins


def test_what_services_use_is_measured_in_their_environment() -> None:
    assert version(LIBRARIES["httpx"]).startswith("0.28.")


def test_an_environment_that_cannot_be_made_is_named() -> None:
    with pytest.raises(ShowdownError, match="the environment httpx-none cannot be made"):
        prepare(Library("httpx", "httpx-none"))

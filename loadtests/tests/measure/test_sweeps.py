"""What results say of a sweep."""

import pytest
from made_up_sweeps import made_up_rows, made_up_sweep
from pydantic import ValidationError
from showdown.contenders.variants import Variant
from showdown.measure.results import Run, Twin
from showdown.measure.sweeps import with_knob
from showdown_contract.errors import ShowdownError

SPEEDS = {"a": {"1": 100.0, "10": 300.0}, "b": {"1": 50.0, "10": 400.0}}
VARIANT = Variant(description="a", command=["a"], workers=2, pool=20, environment={"PLAN": "single"})


def test_each_point_has_its_own_users_and_a_twin_those_of_its_original() -> None:
    run = made_up_sweep("users", SPEEDS)
    run.variants["a.users-10-twin"] = run.variants["a.users-10"]
    run.twin = Twin(of="a.users-10", name="a.users-10-twin")
    users = {name: run.users_of(name) for name in run.variants}
    assert users == {"a.users-1": 1, "b.users-1": 1, "a.users-10": 10, "b.users-10": 10, "a.users-10-twin": 10}
    assert run.originals()["a.users-10-twin"] == "a"


def test_without_a_sweep_all_have_the_profiles_users(run: Run) -> None:
    assert {run.users_of(name) for name in run.variants} == {run.profile.users}
    assert run.originals() == {"slow": "slow", "fast": "fast"}
    assert made_up_sweep("pool", SPEEDS).users_of("a.pool-1") == 50


@pytest.mark.parametrize(
    ("knob", "value", "settings"),
    [
        ("pool", "7", {"PLAN": "single", "WORKERS": "2", "POOL_SIZE": "7"}),
        ("workers", "7", {"PLAN": "single", "WORKERS": "7", "POOL_SIZE": "20"}),
        ("lookup", "random", {"PLAN": "single", "WORKERS": "2", "POOL_SIZE": "20", "LOOKUP": "random"}),
        ("PLAN", "sequential", {"PLAN": "sequential", "WORKERS": "2", "POOL_SIZE": "20"}),
        ("SERIALIZER", "orjson", {"PLAN": "single", "SERIALIZER": "orjson", "WORKERS": "2", "POOL_SIZE": "20"}),
    ],
)
def test_one_knob_is_set_and_no_other(knob: str, value: str, settings: dict[str, str]) -> None:
    assert with_knob(VARIANT, knob, value).settings() == settings
    assert VARIANT.settings() == {"PLAN": "single", "WORKERS": "2", "POOL_SIZE": "20"}


@pytest.mark.parametrize(
    ("knob", "value"), [("pool", "0"), ("pool", "many"), ("lookup", "none"), ("PORT", "80"), ("", "1")]
)
def test_what_a_knob_cannot_be_is_explained(knob: str, value: str) -> None:
    with pytest.raises(ShowdownError, match=f"^{knob}={value}: "):
        with_knob(VARIANT, knob, value)


def test_results_of_a_sweep_are_of_its_variants_and_scenarios() -> None:
    swept = made_up_sweep("pool", SPEEDS).model_dump()
    swept["sweep"]["points"][0]["variants"]["a"] = "c"
    with pytest.raises(ValidationError, match="the sweep's c is not among the variants"):
        Run.model_validate(swept)
    swept["sweep"]["points"][0]["variants"] = {"a": "a.pool-1"}
    with pytest.raises(ValidationError, match="all points of a sweep are of the same variants"):
        Run.model_validate(swept)
    swept = made_up_rows(SPEEDS).model_dump()
    swept["sweep"]["points"][0]["scenario"] = "elsewhere"
    with pytest.raises(ValidationError, match="the sweep's elsewhere is none of the profile's scenarios"):
        Run.model_validate(swept)

"""A run of planted work is one of the variant itself, and of one with work at each layer."""

import pytest
from showdown.contract.contract import load_contract
from showdown.measure.plan import RunPlan
from showdown.measure.virtual_plan import parsed_microseconds, plan_virtual
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT

CONTRACT = load_contract()


def planned(
    name: str = "starlette", layers: str | None = None, microseconds: str | None = None, *, twin: bool = True
) -> RunPlan:
    return plan_virtual(name, layers, microseconds, None, "smoke", None, 1, None, CONTRACT, twin=twin)


def test_each_layer_has_each_amount_and_all_share_the_one_without() -> None:
    plan = planned(layers="driver,framework", microseconds="200,100", twin=False)
    assert list(plan.variants) == [
        "starlette.0us",
        "starlette.driver-100us",
        "starlette.driver-200us",
        "starlette.framework-100us",
        "starlette.framework-200us",
    ]
    assert plan.baseline == "starlette.0us"
    assert plan.virtual
    assert plan.virtual.layers()["framework"] == {
        0: "starlette.0us",
        100: "starlette.framework-100us",
        200: "starlette.framework-200us",
    }


def test_the_program_is_told_what_to_do_and_all_else_is_the_variants() -> None:
    plan = planned("starlette-rowjson", "driver", "100")
    planted, own = plan.variants["starlette-rowjson.driver-100us"], CONTRACT.variants.variants["starlette-rowjson"]
    assert planted.environment == {**own.environment, "PLANTED": "driver=100"}
    assert planted.command == [*own.command[:-1], "--pythonpath", "loadtests/virtual", "planted:app"]
    assert (planted.workers, planted.pool, planted.folder) == (own.workers, own.pool, own.folder)
    assert plan.variants["starlette-rowjson.0us"].environment["PLANTED"] == "driver=0"


def test_all_layers_and_four_amounts_are_what_is_planted_where_nothing_is_said() -> None:
    plan = planned()
    assert CONTRACT.variants.planting
    assert plan.virtual
    layers = plan.virtual.layers()
    assert list(layers) == list(CONTRACT.variants.planting.layers)
    assert all(list(points) == [0, 50, 100, 200] for points in layers.values())
    assert plan.twin
    assert plan.twin.of == "starlette.0us"


def test_nothing_is_planted_in_any_case() -> None:
    assert parsed_microseconds("50") == parsed_microseconds("0, 50,50") == [0, 50]


def test_a_contract_without_layers_says_so() -> None:
    calibration = load_contract(CHECKOUT / "loadtests" / "tests" / "calibration")
    with pytest.raises(
        ShowdownError, match=r"^calibration has no layers to plant work at: .*variants\.toml names none"
    ):
        plan_virtual("calibrated", None, None, None, None, None, 1, None, calibration)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("axum",), r"--virtual axum: no work can be planted in its program; it can in starlette-2022, starlette, "),
        (("starlette,axum",), "--virtual starlette,axum: name one variant"),
        (("starlet",), "there is no variant 'starlet': did you mean starlette"),
        (("starlette", "drivers"), "there is no layer 'drivers': did you mean driver"),
        (("starlette", None, "0"), "--microseconds 0: name some from 1 to 1,000,000, such as --microseconds 0,50"),
        (("starlette", None, "9999999"), "--microseconds 9999999: name some from 1 to 1,000,000"),
        (("starlette", None, "5e1"), "--microseconds 5e1: 5e1 is no whole number: say --microseconds 0,50,100,200"),
        (("starlette", None, ",".join(map(str, range(15)))), "--virtual needs 43 services, all up at once, and 40 are"),
    ],
)
def test_what_cannot_be_planted_is_explained(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(ShowdownError, match=message):
        planned(*arguments)

"""A sweep is planned as one run where its points can stand side by side, and as one for each value where not."""

import re
from pathlib import Path

import pytest
from showdown.contract.contract import load_contract
from showdown.measure.again import plan_again
from showdown.measure.plan import RunPlan, new_run
from showdown.measure.results import Run, write_run
from showdown.measure.resume import resumed_plan
from showdown.stacks.stack import Description
from showdown.sweep.sweep_plan import plan_sweep
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT


def planned(text: str, variants: str | None = "axum", **options: object) -> list[RunPlan]:
    asked = {"scenarios": None, "size": None, "profile_name": "smoke"} | options
    return plan_sweep(text, variants, seed=1, dsn=None, contract=load_contract(), **asked)  # type: ignore[arg-type]


def recorded(plan: RunPlan, run: Run) -> Run:
    """As it would be before its first block."""
    return new_run(plan, Description("local", run.machine, run.commit, {}, haproxy=True, pgbouncer=None), {}, {})


def test_each_value_of_a_knob_is_a_variant_of_one_run() -> None:
    (plan,) = planned("pool=20,2", "starlette,axum")
    assert {name: variant.pool for name, variant in plan.variants.items()} == {
        "starlette.pool-2": 2,
        "axum.pool-2": 2,
        "axum.pool-2-twin": 2,
        "starlette.pool-20": 20,
        "axum.pool-20": 20,
    }
    assert plan.baseline == "starlette.pool-2"
    assert plan.sweep is not None
    assert [(point.value, point.variants["axum"]) for point in plan.sweep.points] == [
        ("2", "axum.pool-2"),
        ("20", "axum.pool-20"),
    ]


def test_a_variable_is_a_knob_and_all_else_stays_as_it_is() -> None:
    (plan,) = planned("SERIALIZER=orjson,rowjson", "starlette", twin=False)
    first, second = plan.variants.values()
    assert (first.environment.pop("SERIALIZER"), second.environment.pop("SERIALIZER")) == ("orjson", "rowjson")
    assert first.settings() == second.settings()
    assert first.folder == load_contract().variants.variants["starlette"].folder
    assert first.description == "starlette with SERIALIZER=orjson"


def test_numbers_of_users_are_side_by_side_too_and_the_generators_ceiling_has_the_most(run: Run) -> None:
    (plan,) = planned("users=1,64,8")
    assert plan.profile.users == 64
    began = recorded(plan, run)
    assert {name: began.users_of(name) for name in began.variants} == {
        "axum.users-1": 1,
        "axum.users-8": 8,
        # A twin has the load of its original.
        "axum.users-8-twin": 8,
        "axum.users-64": 64,
    }


def test_answers_of_different_lengths_are_scenarios_of_one_run() -> None:
    (plan,) = planned("rows=100,1,10", "starlette,axum")
    assert [*plan.scenarios] == ["recipe-list-1", "recipe-list-10", "recipe-list"]
    assert plan.sweep is not None
    assert [(point.value, point.scenario) for point in plan.sweep.points] == [
        ("1", "recipe-list-1"),
        ("10", "recipe-list-10"),
        ("100", "recipe-list"),
    ]
    assert plan.sweep.points[0].variants == {"starlette": "starlette", "axum": "axum"}
    assert planned("rows=100,500", size=6000)[0].size == 6000


def test_each_latency_is_a_scenario_of_one_run() -> None:
    (plan,) = planned("latency=2ms,0", "starlette,axum", scenarios="recipe-detail,healthz")
    assert plan.latency_ms == {
        "recipe-detail-0ms": 0, "recipe-detail-2ms": 2, "healthz-0ms": 0, "healthz-2ms": 2,
    }  # fmt: skip
    assert plan.sweep is not None
    assert [(point.value, point.scenario) for point in plan.sweep.points] == [
        ("0", "recipe-detail-0ms"),
        ("2", "recipe-detail-2ms"),
        ("0", "healthz-0ms"),
        ("2", "healthz-2ms"),
    ]
    assert plan.sweep.points[0].variants == {"starlette": "starlette", "axum": "axum"}


def test_each_size_is_a_run_of_its_own() -> None:
    plans = planned("size=2000,1000000,300", "starlette,axum")
    assert [plan.size for plan in plans] == [300, 2_000, 1_000_000]
    assert {tuple(plan.variants) for plan in plans} == {("starlette", "starlette-twin", "axum")}
    assert [plan.sweep.points[0].value for plan in plans if plan.sweep] == ["300", "2000", "1000000"]


def test_without_a_name_the_contracts_own_choice_is_swept() -> None:
    (plan,) = planned("workers=1,2", None)
    assert [*plan.variants] == ["starlette.workers-1", "starlette.workers-2", "starlette.workers-2-twin"]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (
            "SERIALISER=a,b",
            {},
            "there is no knob 'SERIALISER': did you mean SERIALIZER? there are users, rows, latency,",
        ),
        ("POOL_SIZE=1,2", {}, "POOL_SIZE is set by pool"),
        ("pool=1,10001", {}, "pool=10001: Input should be less than or equal to 10000"),
        ("workers=1,257", {}, "workers=257: Input should be less than or equal to 256"),
        ("lookup=by-id,by-name", {}, "lookup=by-name: Input should be 'by-id' or 'random'"),
        ("SERIALIZER=a b,a-b", {}, "some values of SERIALIZER differ only in characters that no variant's name can"),
        (f"SERIALIZER=a,{'b' * 60}", {}, "is too long a name for a variant"),
        ("users=1,10001", {}, "users=10001 is more than 10000"),
        ("rows=1,500", {}, "rows=500: of a data set of 2,000, answers of the scenarios there are have 1, 10, 100, "),
        ("rows=1,10", {"scenarios": "recipe-list"}, "--scenarios does not go with a sweep of rows"),
        ("latency=0,2", {"scenarios": "recipe-detail-1ms"}, "there is no scenario 'recipe-detail-1ms-0ms'"),
        (
            f"latency={','.join(map(str, range(11)))}",
            {"scenarios": "recipe-detail,healthz"},
            "22 scenarios, of which each has a latency, are more than 20: name fewer --scenarios or latencies",
        ),
        ("size=300,1000001", {}, "--size 1000001 is more than 1000000"),
        ("size=300,400", {"size": 300}, "--size does not go with a sweep of size"),
        (
            f"users={','.join(map(str, range(1, 21)))}",
            {"variants": "axum,starlette,django"},
            "20 values of 3 variants are 60 services, all up at once, and 40 are the most",
        ),
        ("pool=1,2", {"variants": "axun"}, "there is no variant 'axun': did you mean axum?"),
    ],
)
def test_what_cannot_be_swept_is_explained(text: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(ShowdownError, match=re.escape(message)):
        planned(text, **options)  # type: ignore[arg-type]


def test_a_contract_without_rows_says_so() -> None:
    contract = load_contract(CHECKOUT / "loadtests" / "tests" / "todo")
    with pytest.raises(ShowdownError, match="todo has no scenario whose answers have so many rows each"):
        plan_sweep("rows=1,10", None, None, "smoke", None, 1, None, contract)


@pytest.mark.parametrize("text", ["pool=2,20", "users=1,8", "rows=1,10", "latency=0,2", "size=300,2000"])
def test_a_run_of_a_sweep_is_planned_again_by_what_its_results_say(text: str, run: Run) -> None:
    for plan in planned(text, "starlette,axum"):
        before = recorded(plan, run)
        again = plan_again(before, None, load_contract())
        assert (again.sweep, again.baseline, again.twin) == (plan.sweep, plan.baseline, plan.twin)
        assert again.latency_ms == plan.latency_ms
        assert again.variants == before.variants


@pytest.mark.parametrize("text", ["pool=2,20", "users=1,8", "rows=1,10", "latency=0,2"])
def test_a_sweep_that_was_stopped_goes_on(text: str, run: Run, tmp_path: Path) -> None:
    (plan,) = planned(text, "starlette,axum")
    stopped = recorded(plan, run).model_copy(deep=True)
    write_run(stopped, tmp_path)
    assert resumed_plan(tmp_path, None, load_contract()).variants == stopped.variants
    # Of another value than was measured nothing goes on.
    assert stopped.sweep is not None
    name = stopped.sweep.points[0].variants["axum"]
    stopped.variants[name].pool = 7
    write_run(stopped, tmp_path)
    with pytest.raises(ShowdownError, match="is no longer what"):
        resumed_plan(tmp_path, None, load_contract())

"""A run is planned from names, and its folder holds nothing else."""

from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import pytest
from showdown.contract.contract import load_contract
from showdown.measure.plan import (
    RunPlan,
    Until,
    latest_folder,
    new_folder,
    new_run,
    plan_run,
    require_new_folder,
    twin_of,
)
from showdown.measure.results import FILE, Twin, read_run, write_run
from showdown.stacks.local import LocalStack
from showdown_contract.errors import ShowdownError
from showdown_stack.tiers import TierOptions, Tiers


def planned(**changes: Any) -> RunPlan:
    asked = {
        "variants": None, "scenarios": None, "profile_name": "smoke", "generator": "locust",
        "size": 2_000, "seed": 1, "dsn": None, "contract": load_contract(),
    }  # fmt: skip
    return plan_run(**(asked | changes))


def test_a_profile_brings_its_scenarios() -> None:
    assert list(planned().scenarios) == ["recipe-detail"]
    assert list(planned(profile_name="full").scenarios) == [
        "healthz", "recipe-detail", "recipe-list", "note-create", "mixed",
    ]  # fmt: skip


def test_where_blocks_are_added_there_is_one_at_first() -> None:
    plan = planned(profile_name="quick", until=Until(0.03))
    assert (plan.until, plan.profile.blocks) == (Until(0.03), 1)
    assert plan.profile.laps == planned(profile_name="quick").profile.laps


def test_one_variant_alone_has_nothing_to_be_precise_about() -> None:
    assert planned(variants="axum", until=Until(0.03)).until
    with pytest.raises(ShowdownError, match="--until narrows comparisons, and there is one variant only"):
        planned(variants="axum", until=Until(0.03), twin=False)


def test_scenarios_that_are_named_replace_them() -> None:
    chosen = planned(scenarios="healthz,mixed")
    assert list(chosen.scenarios) == chosen.profile.scenarios == ["healthz", "mixed"]
    assert chosen.profile.users == planned().profile.users


def test_a_latency_is_part_of_a_scenarios_name() -> None:
    plan = planned(scenarios="healthz,mixed", latencies=[0, 2])
    assert [*plan.scenarios] == plan.profile.scenarios == ["healthz-0ms", "healthz-2ms", "mixed-0ms", "mixed-2ms"]
    assert plan.latency_ms == {"healthz-0ms": 0, "healthz-2ms": 2, "mixed-0ms": 0, "mixed-2ms": 2}
    assert plan.scenarios["mixed-2ms"] == planned(scenarios="mixed").scenarios["mixed"]
    # That name can be said, too.
    assert planned(scenarios="mixed,mixed-2ms").latency_ms == {"mixed-2ms": 2}
    assert planned().latency_ms == {}


def test_some_variants_are_measured_only_when_they_are_named() -> None:
    assert "axum-2022-random" not in planned().variants
    assert list(planned(variants="axum-2022-random", twin=False).variants) == ["axum-2022-random"]


@pytest.mark.parametrize(
    ("variants", "twin"),
    [
        (None, "starlette"),
        ("axum,starlette", "starlette"),
        ("django,axum,axum-rowjson", "axum"),
        ("axum", "axum"),
    ],
)
def test_one_variant_is_measured_twice_and_it_is_not_the_slowest(variants: str | None, twin: str) -> None:
    plan = planned(variants=variants)
    assert plan.twin == Twin(of=twin, name=f"{twin}-twin")
    names = list(plan.variants)
    assert names[names.index(twin) + 1] == f"{twin}-twin"
    one, other = plan.variants[twin], plan.variants[f"{twin}-twin"]
    assert (one.command, one.settings(), one.folder) == (other.command, other.settings(), other.folder)


def test_a_run_without_a_twin() -> None:
    plan = planned(variants="axum,starlette", twin=False)
    assert plan.twin is None
    assert list(plan.variants) == ["axum", "starlette"]


def test_a_variant_called_like_a_twin_is_told() -> None:
    one = load_contract().variants.variants["axum"]
    with pytest.raises(ShowdownError, match=r"axum-twin is what the twin of axum is called: .* or say --no-twin"):
        twin_of("axum", {"axum": one, "axum-twin": one})


@pytest.mark.parametrize(
    ("variants", "baseline"), [(None, "django-2022"), ("axum,django-2022", "django-2022"), ("axum,starlette", "axum")]
)
def test_the_baseline_is_ours_where_it_is_measured_and_else_the_first(variants: str | None, baseline: str) -> None:
    assert planned(variants=variants).baseline == baseline


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"variants": "axun"}, "no variant 'axun': did you mean axum"),
        ({"scenarios": "recipe-details"}, "no scenario 'recipe-details': did you mean recipe-detail"),
        ({"scenarios": "recipe-details", "latencies": [2]}, "no scenario 'recipe-details-2ms': did you mean"),
        ({"profile_name": "quik"}, "no profile 'quik': did you mean quick"),
    ],
)
def test_an_unknown_name_is_told(changes: dict[str, str], message: str) -> None:
    with pytest.raises(ShowdownError, match=message):
        planned(**changes)


def test_a_new_run_knows_where_and_with_what(stack: Tiers, tmp_path: Path) -> None:
    described = LocalStack(stack, TierOptions(load_contract(), 2_000), load_contract()).describe()
    told = {
        "axum": {"rust": "1.90.0", "parts": "1", "commit": "0123456789ab"},
        "django": {"django": "5.2", "parts": "2"},
    }
    run = new_run(planned(variants="axum,django"), described, {"locust": "2.47"}, told)
    assert list(run.variants) == ["axum", "django", "django-twin"]
    assert run.twin == Twin(of="django", name="django-twin")
    assert run.contract == load_contract().digest
    assert run.versions["postgres"] == stack.versions["postgres"]
    assert run.versions["locust"] == "2.47"
    # Variants' versions: common if there is one, by variant if there are two or a variant has its own commit.
    assert (run.versions["rust"], run.versions["django"]) == ("1.90.0", "5.2")
    assert run.variant_versions == {"axum": {"parts": "1", "commit": "0123456789ab"}, "django": {"parts": "2"}}
    assert run.notes == stack.missing
    assert (run.slices, run.ceilings, run.faults, run.finished_at) == ([], [], [], None)
    write_run(run, tmp_path)
    assert read_run(tmp_path) == run


def test_a_new_run_knows_how_the_upstream_behaves(stack: Tiers) -> None:
    described = LocalStack(stack, TierOptions(load_contract(), 2_000), load_contract()).describe()
    run = new_run(planned(scenarios="healthz,nutrition"), described, {}, {})
    assert list(run.upstream) == ["nutrition"]
    assert run.upstream["nutrition"]["analysis"].latency_ms == 50


def test_a_folder_is_made(tmp_path: Path) -> None:
    folder = new_folder(tmp_path / "deep" / "run")
    assert folder.is_dir()
    (tmp_path / "empty").mkdir()
    assert new_folder(tmp_path / "empty") == tmp_path / "empty"


def test_a_folder_is_the_same_wherever_a_program_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert new_folder(Path("run")) == tmp_path / "run"


def test_a_folder_is_one_runs(tmp_path: Path) -> None:
    new_folder(tmp_path / "run")
    with pytest.raises(ShowdownError, match="is not empty"):
        new_folder(tmp_path / "run")


def test_runs_of_the_same_second_have_folders_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Frozen(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Frozen":
            return cls(2026, 1, 2, 3, 4, 5, tzinfo=tz)

    monkeypatch.setattr("showdown.measure.plan.RESULTS", tmp_path)
    monkeypatch.setattr("showdown.measure.plan.datetime", Frozen)
    folders = [new_folder(None) for _ in range(11)]
    assert [folder.name for folder in folders[:3]] == ["20260102T030405Z", "20260102T030405Z-2", "20260102T030405Z-3"]
    for folder in folders:
        (folder / FILE).touch()
    assert latest_folder() == folders[-1]
    # A sweep of several runs has a folder for each in its own.
    sweep = new_folder(None)
    (sweep / "size-300").mkdir()
    (sweep / "size-300" / FILE).touch()
    assert latest_folder() == sweep


def test_what_will_be_refused_is_told_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    for folder, message in (("full", "is not empty"), ("full/file/run", "Not a directory"), ("full/file", "Not a dir")):
        with pytest.raises(ShowdownError, match=message):
            require_new_folder(tmp_path / folder)
    require_new_folder(tmp_path / "deep" / "run")
    assert not (tmp_path / "deep").exists()


def test_a_name_that_is_too_long_is_explained(tmp_path: Path) -> None:
    for refuse in (require_new_folder, new_folder):
        with pytest.raises(ShowdownError, match=r"cannot write to .* \(File name too long\)"):
            refuse(tmp_path / ("x" * 300))


def test_without_a_choice_the_time_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("showdown.measure.plan.RESULTS", tmp_path / "results")
    folder = new_folder(None)
    assert folder.parent == tmp_path / "results"
    assert folder.is_dir()


def test_results_are_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "results.json").touch()
    with pytest.raises(ShowdownError, match="is not empty: results are never overwritten, choose another with --out"):
        new_folder(tmp_path)


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        ShowdownError, match=r"cannot write to .*file/run \(Not a directory\): choose another with --out"
    ):
        new_folder(tmp_path / "file" / "run")


def test_the_command_is_recorded_without_the_password(stack: Tiers, monkeypatch: pytest.MonkeyPatch) -> None:
    dsn = "postgresql://me:s3cret@db/empty"
    for words in (["--dsn", dsn], [f"--dsn={dsn}"]):
        monkeypatch.setattr("sys.argv", ["/somewhere/showdown", "run", *words])
        described = LocalStack(stack, TierOptions(load_contract(), 2_000), load_contract()).describe()
        run = new_run(planned(dsn=dsn), described, {}, {})
        assert "s3cret" not in run.model_dump_json()
        assert run.command.startswith("showdown run ")
        assert "postgresql://me@db:5432/empty" in run.command

"""`showdown sweep` from end to end, and what is shown where a run of it fails."""

import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from made_up_sweeps import made_up_sizes
from showdown.contract.contract import load_contract
from showdown.generators.timetable import TIMETABLE
from showdown.measure.plan import RunPlan
from showdown.measure.results import Run, read_run, write_run
from showdown.report.summary import Summary, summarize
from showdown.sweep.sweep_document import SweepDocument
from showdown.sweep.sweep_plan import plan_sweep
from showdown.sweep.sweep_session import sweep
from showdown_contract.errors import ShowdownError

Showdown = Callable[..., subprocess.CompletedProcess[str]]


def test_points_are_measured_side_by_side_and_shown_again(
    showdown: Showdown, seeded_state: Path, reachable_folder: Path
) -> None:
    assert seeded_state.exists()
    folder = reachable_folder / "sweep"
    result = showdown("sweep", "users=1,4", "--variants", "starlette", "--profile", "smoke", "--out", folder)
    assert result.returncode == 0, result.stdout + result.stderr
    run = read_run(folder)
    assert {each.variant for each in run.slices} == {
        "starlette.users-1",
        "starlette.users-4",
        "starlette.users-4-twin",
    }
    told = " ".join(result.stdout.split())
    assert "All points of all variants stood side by side in one run" in told
    assert "refused, for 2 points do not tell" in told
    assert sorted(path.name for path in folder.glob("sweep*")) == ["sweep-recipe-detail.svg", "sweep.md"]
    entries = TIMETABLE.validate_json((folder / "blocks" / "1-timetable.json").read_bytes())
    assert Counter(entry.users for entry in entries) == {1: 3, 4: 6}
    (folder / "sweep.md").unlink()
    assert str(folder / "sweep.md") in showdown("report", folder).stdout
    assert (folder / "sweep.md").exists()


@pytest.fixture
def plans() -> list[RunPlan]:
    contract = load_contract()
    return plan_sweep("size=300,2000", "starlette,axum", None, "smoke", None, 1, None, contract, twin=False)


@dataclass
class MadeUp:
    """Measures nothing: its runs are made up."""

    folders: list[Path] = field(default_factory=list)
    lost: int | None = None
    """The size at which there is no result."""

    def run_locally(
        self, plan: RunPlan, _options: object, folder: Path, *, show: Callable[[Summary, Path], object]
    ) -> Run:
        if plan.size == self.lost:
            raise ShowdownError("no room")
        runs = made_up_sizes({"starlette": {"300": 100.0, "2000": 90.0}, "axum": {"300": 200.0, "2000": 50.0}})
        run = next(each for each in runs if each.size == plan.size)
        folder.mkdir()
        write_run(run, folder)
        show(summarize(run), folder)
        self.folders.append(folder)
        return run


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> MadeUp:
    made = MadeUp()
    monkeypatch.setattr("showdown.sweep.sweep_session.run_locally", made.run_locally)
    return made


def test_each_size_has_a_folder_of_its_own(
    plans: list[RunPlan], made_up: MadeUp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "sizes"
    finished = sweep(plans, folder, haproxy=True, pgbouncer=None)
    assert [run.size for run in finished] == [300, 2000]
    assert made_up.folders == [folder / "size-300", folder / "size-2000"]
    assert all((each / "report.md").exists() for each in made_up.folders)
    assert sorted(path.name for path in folder.iterdir()) == [
        "size-2000",
        "size-300",
        "sweep-recipe-detail.svg",
        "sweep.md",
    ]
    printed = capsys.readouterr()
    assert "starlette has more req/s than axum at size=2000" in " ".join(printed.out.split())
    assert "showdown: run 2 of 2: size-2000" in printed.err


def test_as_json_there_is_one_document_on_stdout(
    plans: list[RunPlan], made_up: MadeUp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep(plans, tmp_path / "sizes", haproxy=True, pgbouncer=None, as_json=True)
    printed = capsys.readouterr()
    assert len(made_up.folders) == len(SweepDocument.model_validate_json(printed.out).runs) == 2
    assert "sweep.md" in printed.err


def test_where_a_run_fails_those_before_it_are_shown(
    plans: list[RunPlan], made_up: MadeUp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made_up.lost = 2000
    with pytest.raises(ShowdownError, match="no room"):
        sweep(plans, tmp_path / "sizes", haproxy=True, pgbouncer=None)
    assert made_up.folders == [tmp_path / "sizes" / "size-300"]
    assert (tmp_path / "sizes" / "sweep.md").exists()
    assert "recipe-detail by size" in capsys.readouterr().out


def test_where_nothing_was_measured_nothing_is_shown(plans: list[RunPlan], made_up: MadeUp, tmp_path: Path) -> None:
    made_up.lost = 300
    with pytest.raises(ShowdownError, match="no room"):
        sweep(plans, tmp_path / "sizes", haproxy=True, pgbouncer=None)
    assert [*(tmp_path / "sizes").iterdir()] == []


def test_a_folder_that_is_not_empty_is_refused_at_once(plans: list[RunPlan], made_up: MadeUp, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ShowdownError, match="is not empty"):
        sweep(plans, tmp_path, haproxy=True, pgbouncer=None)
    assert made_up.folders == []

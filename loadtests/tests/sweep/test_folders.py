"""A sweep is read and kept like a run, also where it is of several runs."""

from pathlib import Path

import pytest
from made_up_sweeps import Speeds, made_up_sizes, made_up_sweep
from showdown.measure.results import COMPRESSED, Run, write_run
from showdown.sweep.folders import keep_sweep, links, read_sweep, run_folders, write_sweep
from showdown_contract.errors import ShowdownError

SPEEDS: Speeds = {"a": {"300": 100.0, "2000": 90.0, "100000": 80.0}, "b": {"300": 50.0, "2000": 95.0, "100000": 94.0}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for run in made_up_sizes(SPEEDS):
        of_run = tmp_path / "sweep" / f"size-{run.size}"
        of_run.mkdir(parents=True)
        write_run(run, of_run)
    return tmp_path / "sweep"


def test_its_runs_are_found_in_the_order_of_their_values(folder: Path) -> None:
    assert [each.name for each in run_folders(folder)] == ["size-300", "size-2000", "size-100000"]
    # That of one run is no sweep of several, whatever is in it.
    assert run_folders(folder / "size-300") == []
    assert run_folders(folder / "nowhere") == []


def test_it_is_written_into_its_own_folder(folder: Path) -> None:
    runs = run_folders(folder)
    path = write_sweep(read_sweep(runs, None), folder, runs)
    assert path == folder / "sweep.md"
    assert "[size-300/report.md](size-300/report.md)" in path.read_text()
    assert (folder / "sweep-recipe-detail.svg").read_text().startswith("<svg")


def test_a_sweep_of_one_run_is_written_beside_its_results(tmp_path: Path) -> None:
    write_run(made_up_sweep("pool", {"a": {"1": 100.0, "2": 200.0}}), tmp_path)
    write_sweep(read_sweep([tmp_path], None), tmp_path, [tmp_path])
    assert "(report.md)" in (tmp_path / "sweep.md").read_text()
    assert links(tmp_path, [tmp_path]) == [""]


def test_each_of_its_runs_is_kept(folder: Path, tmp_path: Path) -> None:
    kept = keep_sweep(run_folders(folder), "sizes", tmp_path / "kept")
    assert kept == [tmp_path / "kept" / "sizes" / f"size-{size}" for size in (300, 2000, 100000)]
    assert all((each / COMPRESSED).exists() for each in kept)
    assert run_folders(tmp_path / "kept" / "sizes") == kept
    assert [summary.run for summary in read_sweep(kept, None)] == made_up_sizes(SPEEDS)


def test_a_name_leads_nowhere_else(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ShowdownError, match="is no name"):
        keep_sweep(run_folders(folder), "../sizes", tmp_path / "kept")


def test_runs_that_are_no_sweep_are_refused(folder: Path, run: Run) -> None:
    (folder / "another").mkdir()
    write_run(run, folder / "another")
    with pytest.raises(ShowdownError, match="is not of the same sweep as"):
        read_sweep(run_folders(folder), None)


def test_a_folder_of_many_runs_is_refused(folder: Path, run: Run) -> None:
    for number in range(20):
        (folder / f"run-{number}").mkdir()
        write_run(run, folder / f"run-{number}")
    with pytest.raises(ShowdownError, match="holds 23 runs: name the folder of one"):
        run_folders(folder)

"""What documents cite is kept, compressed, and read like any other run."""

import lzma
from pathlib import Path

import pytest
from made_up_runs import made_up_sampled
from showdown.measure.kept import keep
from showdown.measure.results import COMPRESSED, MOST_BYTES, Run, read_run, write_run
from showdown_contract.errors import ShowdownError


@pytest.fixture
def folder(run: Run, tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    write_run(run, folder)
    return folder


def test_a_kept_run_is_the_same_run(run: Run, folder: Path, tmp_path: Path) -> None:
    kept = keep(folder, "quick", tmp_path / "docs" / "results")
    assert [path.name for path in kept.iterdir()] == [COMPRESSED]
    assert read_run(kept) == run
    assert (kept / COMPRESSED).stat().st_size < (folder / "results.json").stat().st_size / 3


@pytest.mark.parametrize("out", ["--out /home/me/first", "--out=/home/me/first", "--out '/home/me/my runs'"])
def test_a_folder_of_this_machine_is_not_kept(run: Run, folder: Path, tmp_path: Path, out: str) -> None:
    run.command = f"showdown run {out} --rate 5/s"
    write_run(run, folder)
    assert read_run(keep(folder, "quick", tmp_path)).command == "showdown run --rate 5/s"


def test_what_a_profiler_saw_is_kept_beside_it_and_nothing_older(run: Run, folder: Path, tmp_path: Path) -> None:
    run.sampled = [made_up_sampled("slow", {"JSON": 100.0})]
    write_run(run, folder)
    stacks = run.sampled[0].stacks(folder)
    stacks.parent.mkdir(parents=True)
    stacks.write_bytes(b"stacks")
    (folder / run.sampled[0].graph).write_bytes(b"graph")
    older = tmp_path / "kept" / "quick" / "profiles" / "older.svg"
    older.parent.mkdir(parents=True)
    older.touch()
    kept = keep(folder, "quick", tmp_path / "kept")
    assert run.sampled[0].stacks(kept).read_bytes() == b"stacks"
    assert (kept / run.sampled[0].graph).read_bytes() == b"graph"
    assert not older.exists()
    # Kept again from where it is kept, it stays.
    assert run.sampled[0].stacks(keep(kept, "quick", tmp_path / "kept")).exists()


def test_the_same_run_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    once = (keep(folder, "once", tmp_path) / COMPRESSED).read_bytes()
    assert (keep(folder, "again", tmp_path) / COMPRESSED).read_bytes() == once


def test_a_newer_run_takes_the_place_of_an_older_one(run: Run, folder: Path, tmp_path: Path) -> None:
    keep(folder, "quick", tmp_path)
    run.commit = "fedcba"
    write_run(run, folder)
    assert read_run(keep(folder, "quick", tmp_path)).commit == "fedcba"


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".hidden", "a b"])
def test_a_name_leads_nowhere_else(folder: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(ShowdownError, match="is no name"):
        keep(folder, name, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_half_a_run_is_not_kept(run: Run, folder: Path, tmp_path: Path) -> None:
    run.finished_at = None
    write_run(run, folder)
    with pytest.raises(ShowdownError, match="was stopped before its end"):
        keep(folder, "quick", tmp_path / "kept")


def test_what_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    (tmp_path / COMPRESSED).write_bytes(lzma.compress(b" " * (MOST_BYTES + 1)))
    with pytest.raises(ShowdownError, match="holds more than 64 MiB"):
        read_run(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{}", lzma.compress(b"{}")[:-4], lzma.compress(b"{}", lzma.FORMAT_ALONE)])
def test_what_is_not_compressed_is_explained(tmp_path: Path, content: bytes) -> None:
    (tmp_path / COMPRESSED).write_bytes(content)
    with pytest.raises(ShowdownError, match=r"results\.json\.xz (is not an \.xz file|ends too early)"):
        read_run(tmp_path)

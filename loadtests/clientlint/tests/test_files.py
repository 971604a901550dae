import os
from pathlib import Path

import pytest
from clientlint.errors import ClientlintError
from clientlint.files import python_files


def names(folder: Path, *exclude: str) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in python_files([folder], folder, exclude)]


def make(folder: Path, *paths: str) -> None:
    for name in paths:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_finds_python_files_in_order(folder: Path) -> None:
    make(folder, "b.py", "a/c.py", "a/b.pyw", "readme.md")

    assert names(folder) == ["b.py", "a/b.pyw", "a/c.py"]


def test_leaves_out_hidden_folders_environments_and_what_tools_make(folder: Path) -> None:
    make(
        folder,
        ".venv/a.py",
        "env/pyvenv.cfg",
        "env/lib/a.py",
        "node_modules/a.py",
        "__pycache__/a.py",
        "build/a.py",
        "a.py",
    )

    assert names(folder) == ["a.py"]


def test_a_circle_of_links_ends(folder: Path) -> None:
    make(folder, "package/a.py")
    (folder / "package" / "again").symlink_to(folder)

    assert names(folder) == ["package/a.py"]


def test_a_file_that_is_named_twice_is_checked_once(folder: Path) -> None:
    make(folder, "a.py")

    assert list(python_files([Path("a.py"), Path("a.py")], folder, [])) == [Path("a.py")]


def test_patterns_with_a_slash_are_for_paths(folder: Path) -> None:
    make(folder, "docs/old/a.py", "old/a.py")

    assert names(folder, "docs/old") == ["old/a.py"]
    assert names(folder, "old") == []


def test_names_that_are_not_text(folder: Path) -> None:
    path = os.fsdecode(os.fsencode(folder) + b"/\xff.py")
    Path(path).touch()

    assert list(python_files([folder], folder, [])) == [Path(path)]


def test_a_path_that_does_not_exist(folder: Path) -> None:
    with pytest.raises(ClientlintError, match="nowhere does not exist"):
        list(python_files([Path("nowhere")], folder, []))


def test_the_folders_around_a_named_one_exclude_nothing(folder: Path) -> None:
    make(folder, "tests/project/a.py", "tests/project/tests/b.py")
    root = folder / "elsewhere"

    files = list(python_files([folder / "tests" / "project"], root, ["tests"]))

    assert files == [folder / "tests" / "project" / "a.py"]

"""What is published works where nothing else is installed: the wheel of this platform, and what the sdist holds."""

import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
import rowjson

PYEXT = Path(__file__).resolve().parents[1]
UV = Path(sys.executable).parent / "uv"
TAG = f"cp{sys.version_info.major}{sys.version_info.minor}"
# What the build needs, what a user has to get, and what a user does not want.
NEEDED = {"Cargo.toml", "Cargo.lock", "pyproject.toml", "README.md", "LICENSE", "src/lib.rs", "core/src/lib.rs"}
UNWANTED = ("__pycache__", "/target/", ".so")

pytestmark = [
    pytest.mark.skipif(shutil.which("cargo") is None, reason="needs cargo"),
    pytest.mark.skipif(not UV.exists(), reason="needs uv"),
]


def built(folder: Path, *arguments: str) -> Path:
    """With the maturin that the package names. uv would have cargo compile all again, in an environment of its own."""
    with (PYEXT / "pyproject.toml").open("rb") as file:
        (maturin,) = tomllib.load(file)["build-system"]["requires"]
    subprocess.run(
        [UV, "tool", "run", "--quiet", "--from", maturin, "maturin", *arguments, "--out", folder], cwd=PYEXT, check=True
    )
    (found,) = folder.iterdir()
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not optimized, which takes a minute and changes nothing of what is in it."""
    profile = ["--profile", "dev", "--locked"]
    return built(tmp_path_factory.mktemp("wheel"), "build", *profile, "--interpreter", sys.executable)


def test_a_wheel_is_for_this_version_of_python(wheel: Path) -> None:
    assert wheel.name.startswith(f"rowjson-{rowjson.__version__}-{TAG}-{TAG}-")


def test_it_holds_what_a_user_needs_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.partition("/")[0] for name in names} == {"rowjson", f"rowjson-{rowjson.__version__}.dist-info"}
    assert {"rowjson/py.typed", "rowjson/_rowjson.pyi", "rowjson/starlette.py"} <= {*names}
    assert any(name.endswith("/LICENSE") for name in names)
    assert not [name for name in names if "__pycache__" in name]


def test_in_an_empty_environment_it_is_installed_without_a_network_and_works(wheel: Path, tmp_path: Path) -> None:
    python = tmp_path / "empty" / "bin" / "python"
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, tmp_path / "empty"], check=True)
    subprocess.run([UV, "pip", "install", "--quiet", "--no-index", "--python", python, wheel], check=True)
    # From a folder in which there is no rowjson, and without a PYTHONPATH to one.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    program = PYEXT / "tests" / "installed.py"
    copy = shutil.copy(program, tmp_path)
    used = subprocess.run([python, copy], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert used.returncode == 0, used.stderr
    assert used.stdout == f"rowjson {rowjson.__version__} works\n"


def test_an_sdist_holds_what_a_build_needs(tmp_path: Path) -> None:
    with tarfile.open(built(tmp_path, "sdist")) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names >= NEEDED
    assert not [name for name in names if any(word in f"/{name}" for word in UNWANTED)]

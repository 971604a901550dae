"""What test hosts are made of, as far as that can be tested without booting one."""

import shutil
import subprocess
from pathlib import Path

import pytest
from lab import lab, requirements
from lab.errors import LabError
from lab.machine import registry_environment, registry_folders
from lab.repository import work_tree_as_repository
from showdown_contract.files import CHECKOUT
from showdown_stack.lock import locked


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "-C", folder, *arguments], capture_output=True, text=True, check=False)


def test_the_repository_holds_the_work_tree(tmp_path: Path) -> None:
    repository = work_tree_as_repository(tmp_path / "repository.git")
    held = git(repository.folder, "ls-tree", "-r", "--name-only", repository.revision).stdout.splitlines()
    there = {str(path.relative_to(CHECKOUT)) for path in (CHECKOUT / "infra/tests").glob("*.py")}
    assert there <= set(held)
    assert not [name for name in held if name.startswith((".venv/", "rust_service/target/"))]
    # The checkout itself has no such commit.
    assert git(CHECKOUT, "cat-file", "-e", repository.revision).returncode != 0


def test_a_second_lab_waits_for_its_turn_whatever_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab, "LOCK", tmp_path / "lock")
    with (
        locked(tmp_path / "lock", "the first"),
        pytest.raises(LabError, match=r"^another lab \(process the first\) is running, and holds .*/lock: wait$"),
        lab.Lab(tmp_path / "folder of the second"),
    ):
        pass


def test_only_what_is_about_registries_is_carried_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    carried = {
        "https_proxy": "http://proxy:3128",
        "NO_PROXY": "localhost",
        "PIP_FIND_LINKS": str(tmp_path),
        "UV_DEFAULT_INDEX": "https://index.example/simple",
        "CARGO_HTTP_CAINFO": "/etc/ssl/ca.crt",
        "SSL_CERT_FILE": "/etc/ssl/ca.crt",
    }
    others = {"HOME": "/root", "DIGITALOCEAN_TOKEN": "secret", "CARGO_HOME": "/root/.cargo", "UV_CACHE_DIR": "/cache"}
    for name, value in {**carried, **others}.items():
        monkeypatch.setenv(name, value)
    found = registry_environment()
    assert carried.items() <= found.items()
    assert not others.keys() & found.keys()
    assert tmp_path in registry_folders()


def test_what_is_missing_is_named_by_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: None if program == "systemd-nspawn" else f"/usr/bin/{program}")
    assert "Debian package systemd-container" in requirements.missing()

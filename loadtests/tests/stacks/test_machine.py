"""The machine and the versions that a run was measured with."""

import platform
import re
import subprocess
from pathlib import Path

import psutil
import pytest
from showdown.stacks import machine


def test_this_machine_is_described() -> None:
    described = machine.describe()
    assert described.cores == psutil.cpu_count()
    assert described.memory_mib == psutil.virtual_memory().total // (1024 * 1024)
    assert described.system
    assert described.cpu
    assert described.steal_percent is None


def test_a_machine_tells_the_version_of_python_alone_for_variants_tell_the_others() -> None:
    assert machine.versions() == {"python": platform.python_version()}


def test_the_commit_is_a_hash_and_says_whether_files_differ_from_it() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}(-dirty)?|unknown", machine.commit())


def test_a_commit_with_a_tag_is_a_hash_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def git(*words: str) -> str:
        command = ["git", "-C", str(tmp_path), "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    monkeypatch.setattr(machine, "CHECKOUT", tmp_path)
    git("init", "--quiet")
    (tmp_path / "file").write_text("a\n")
    git("add", "file")
    git("commit", "--quiet", "--no-gpg-sign", "--message", "First")
    git("tag", "light")
    git("tag", "--annotate", "--no-sign", "--message", "One", "v1.0.0")
    commit = git("rev-parse", "HEAD")[:12]
    assert machine.commit() == commit
    (tmp_path / "file").write_text("b\n")
    assert machine.commit() == f"{commit}-dirty"

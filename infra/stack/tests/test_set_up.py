"""Without Rust, set-up goes on with everything that does not need it, and says what is left out."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from showdown_contract.files import CHECKOUT

# In place of uv and pip, which would download: writes down its arguments.
STAND_IN = '#!/bin/sh\necho "$@" >> "{asked}"\n'
PROGRAMS = (
    "sh", "cat", "cmp", "cp", "cut", "dirname", "git", "head", "id", "printf", "rm", "sed", "sort",
)  # fmt: skip


def set_up(folder: Path, *extra: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run the script in a copy of the files that it reads, with few programs on PATH; return also the calls of uv."""
    for name in (
        "infra/stack/set_up.sh",
        "infra/stack/install.sh",
        "rust_service/Cargo.toml",
        "pyproject.toml",
        "uv.lock",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / name, folder / name)
    programs, asked = folder / "programs", folder / "asked"
    for place, names in ((folder / ".venv/bin", ("python", "uv")), (programs, ("haproxy", "pgbouncer", *extra))):
        place.mkdir(parents=True)
        for name in names:
            (place / name).write_text(STAND_IN.format(asked=asked))
            (place / name).chmod(0o755)
    (programs / "python3").symlink_to(sys.executable)
    for name in PROGRAMS:
        if found := shutil.which(name):
            (programs / name).symlink_to(found)
    result = subprocess.run(
        [folder / "infra/stack/set_up.sh"], env={**os.environ, "PATH": str(programs)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return result, asked.read_text()


def test_without_cargo_it_goes_on_without_what_is_written_in_rust(tmp_path: Path) -> None:
    result, asked = set_up(tmp_path)
    assert result.returncode == 0, result.stderr
    assert "going on without rowjson and the variants that are built with cargo: the Rust toolchain is missing" in (
        result.stderr
    )
    assert asked == "sync --quiet --locked --compile-bytecode --no-install-package rowjson\n"


def test_an_old_cargo_counts_as_missing(tmp_path: Path) -> None:
    result, asked = set_up(tmp_path, "cargo")
    assert "is too old: type 'rustup update'" in result.stderr
    assert "--no-install-package rowjson" in asked

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from clientlint import __version__
from clientlint.rules import RULES

Command = Callable[..., Any]


def test_prints_findings_and_their_sum(clientlint: Command, bad_file: Path) -> None:
    ran = clientlint("check", bad_file.name)

    assert ran.code == 1
    assert ran.out.splitlines()[0] == (
        "bad.py:9:16: CL001 httpx.AsyncClient is constructed for each request: "
        "`index` is decorated with @app.get. Share one client."
    )
    assert ran.out.splitlines()[-1] == "2 findings; 1 file with 10 lines checked"


def test_a_clean_folder_is_a_success(clientlint: Command, folder: Path) -> None:
    (folder / "good.py").write_text("import httpx\n\nclient = httpx.Client()\n")

    ran = clientlint("check")

    assert (ran.code, ran.out) == (0, "0 findings; 1 file with 3 lines checked\n")


def test_a_file_that_cannot_be_checked_does_not_keep_the_others_from_it(
    clientlint: Command, folder: Path, bad_file: Path
) -> None:
    (folder / "broken.py").write_text("import httpx\nclient = httpx.Client(\n")

    ran = clientlint("check", ".")

    assert ran.code == 2
    assert f"{bad_file.name}:9:16: CL001" in ran.out
    assert "broken.py: not checked: line 2: '(' was never closed" in ran.out
    assert ran.out.endswith("2 findings, 1 file not checked; 1 file with 10 lines checked\n")


def test_a_path_that_does_not_exist(clientlint: Command) -> None:
    ran = clientlint("check", "nowhere")

    assert (ran.code, ran.out, ran.err) == (2, "", "clientlint: nowhere does not exist\n")


@pytest.mark.usefixtures("bad_file")
@pytest.mark.parametrize(
    ("option", "codes"),
    [(["--select", "CL003"], {"CL003"}), (["--ignore", "CL003"], {"CL001"}), ([], {"CL001", "CL003"})],
)
def test_rules_are_selected_and_ignored(clientlint: Command, option: list[str], codes: set[str]) -> None:
    ran = clientlint("check", *option)

    assert {code for code in RULES if code in ran.out} == codes


def test_an_unknown_rule(clientlint: Command) -> None:
    ran = clientlint("check", "--select", "CL009")

    assert ran.code == 2
    assert "CL009 names CL009, which is not a rule" in ran.err


def test_explains_one_rule_or_all(clientlint: Command) -> None:
    assert clientlint("explain", "cl001").out.startswith("# CL001: client-per-call\n")
    assert all(f"# {code}: " in clientlint("explain").out for code in RULES)


def test_says_its_version(clientlint: Command) -> None:
    assert clientlint("--version").out == f"clientlint {__version__}\n"


@pytest.mark.usefixtures("bad_file")
def test_runs_as_a_module_and_survives_a_reader_that_leaves(folder: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        ran = subprocess.run(
            [sys.executable, "-m", "clientlint", "check"],
            cwd=folder,
            stdout=closed,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert (ran.returncode, ran.stderr) == (2, b"")

"""infra/ is well-formed, to the programs that know its language. (Its own tests run in test_apply.py.)"""

import subprocess

import pytest
from lab.tools import HINT, Terraform, find, missing

# One that is not here is skipped aloud too.
PROGRAMS = [
    pytest.param(name, marks=pytest.mark.skipif(find(name) is None, reason=f"missing here: {name}"))
    for name in ("terraform", "tofu")
]


@pytest.fixture(scope="module", params=PROGRAMS)
def terraform(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    program = find(request.param)
    assert program
    return Terraform(program, tmp_path_factory.mktemp("terraform"))


def test_it_is_formatted(terraform: Terraform) -> None:
    terraform.run("fmt", "-check", "-diff", "-recursive")


@pytest.mark.skipif(bool(missing()), reason=f"missing here: {', '.join(missing())}")
def test_it_is_valid(terraform: Terraform) -> None:
    terraform.run("validate")


def test_tflint_finds_nothing(terraform: Terraform) -> None:
    tflint = find("tflint")
    if tflint is None:
        pytest.skip(f"missing here: tflint ({HINT})")
    # The modules have no settings of their own.
    settings = f"--config={terraform.folder / '.tflint.hcl'}"
    found = subprocess.run(
        [tflint, "--recursive", settings], cwd=terraform.folder, text=True, capture_output=True, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr

"""Terraform, OpenTofu and tflint accept infra/. (Its own tests run in test_apply.py.)"""

import re
import subprocess

import pytest
from lab.tools import HINT, INFRA, Terraform, find, missing
from showdown.contract.contract import load_contract
from showdown.stacks.agent.watch import STATS_SOCKET
from showdown_contract.files import CHECKOUT

# A missing program shows as a skipped test.
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


def test_tflint_finds_nothing() -> None:
    tflint = find("tflint")
    if tflint is None:
        pytest.skip(f"missing here: tflint ({HINT})")
    # The modules have no settings of their own, so they are given these. Not in a copy: what an older provider does not
    # know may be left out of that.
    settings = f"--config={INFRA / '.tflint.hcl'}"
    found = subprocess.run([tflint, "--recursive", settings], cwd=INFRA, text=True, capture_output=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_its_largest_pool_is_the_largest_that_a_variant_has() -> None:
    largest = max(variant.pool for variant in load_contract().variants.variants.values())
    assert setting("largest_service_pool") == str(largest)


def test_haproxys_stats_socket_is_where_showdown_looks_for_it() -> None:
    unit = (CHECKOUT / "infra/hosts/showdown-haproxy.service").read_text()
    folders = re.findall(r"^RuntimeDirectory=(\S+)$", unit, re.MULTILINE)
    assert [f"/run/{folder}/stats.sock" for folder in folders] == [STATS_SOCKET]


def setting(name: str) -> str:
    """The text of a setting's value in infra/main.tf, which sets it once."""
    [value] = re.findall(rf"^ *{name} += (.*)$", (CHECKOUT / "infra/main.tf").read_text(), re.MULTILINE)
    return str(value)

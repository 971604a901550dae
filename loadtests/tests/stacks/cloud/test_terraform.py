"""Terraform is run in infra/, and its failures are explained."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from showdown.stacks.cloud import terraform
from showdown.stacks.cloud.terraform import INFRA
from showdown_contract.errors import ShowdownError

StandIn = Callable[[str, str], None]
Apply = Callable[[dict[str, Any]], None]


class Region(BaseModel):
    slug: str


class Stack(BaseModel):
    region: Region


def test_it_is_asked_in_the_folder_of_its_configuration(stand_in: StandIn) -> None:
    stand_in("terraform", 'echo "$@"')
    chdir, *rest = terraform.run("output", "-json").stdout.split()
    assert chdir == f"-chdir={INFRA}"
    assert (INFRA / "main.tf").is_file()
    # Its output may become part of an error message.
    assert rest == ["output", "-json", "-no-color"]


def test_it_is_told_what_it_reads(stand_in: StandIn) -> None:
    stand_in("terraform", "cat")
    assert terraform.run("console", stdin="1 + 1\n").stdout == "1 + 1\n"


def test_opentofu_does_where_terraform_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    # A folder without an initialised configuration.
    monkeypatch.setattr(terraform, "INFRA", tmp_path)
    for name in ("tofu", "terraform"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {name}\n")
        (tmp_path / name).chmod(0o755)
        assert terraform.run("version").stdout == f"{name}\n"


@pytest.mark.parametrize(
    ("registry", "installed", "chosen"),
    [
        ("registry.opentofu.org", ["terraform", "tofu"], "tofu"),
        ("registry.terraform.io", ["terraform", "tofu"], "terraform"),
        ("registry.opentofu.org", ["terraform"], "terraform"),
        ("registry.terraform.io", ["tofu"], "tofu"),
    ],
)
def test_the_one_that_was_initialised_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registry: str, installed: list[str], chosen: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(terraform, "INFRA", tmp_path)
    (tmp_path / ".terraform.lock.hcl").write_text(f'provider "{registry}/digitalocean/digitalocean" {{\n}}\n')
    for name in installed:
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    assert terraform.program() == chosen


def test_without_either_it_says_where_to_read_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ShowdownError, match=r"^neither terraform nor tofu is installed: see infra/README\.md$"):
        terraform.run("output")


@pytest.mark.parametrize("script", ["echo half; echo no such state >&2; exit 3", "echo no such state; exit 3"])
def test_what_it_says_when_it_fails_is_passed_on(stand_in: StandIn, script: str) -> None:
    stand_in("terraform", script)
    with pytest.raises(ShowdownError) as raised:
        terraform.run("output", "-json")
    assert str(raised.value) == f"terraform output failed in {INFRA}:\nno such state"


def test_a_plea_to_report_its_own_crash_is_left_out(stand_in: StandIn) -> None:
    stand_in("terraform", "printf 'panic: no price\\n\\n!!!!!! CRASH !!!!!!\\nplease report\\n' >&2; exit 11")
    with pytest.raises(ShowdownError, match=r"panic: no price$"):
        terraform.run("console")


def test_what_it_writes_is_its_users_alone(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in("terraform", f"touch {tmp_path}/state")
    terraform.run("apply")
    assert (tmp_path / "state").stat().st_mode & 0o077 == 0


def test_a_state_that_others_can_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terraform, "INFRA", tmp_path)
    terraform.require_private_state()
    state = tmp_path / "terraform.tfstate"
    state.touch(0o600)
    terraform.require_private_state()
    state.chmod(0o644)
    with pytest.raises(ShowdownError, match=f"^{state} holds passwords, .*: type 'chmod 600 {state}'$"):
        terraform.require_private_state()


def test_a_models_outputs_are_read_and_others_left_alone(apply: Apply) -> None:
    apply({"region": {"slug": "nyc3"}, "cost": 5})
    assert terraform.outputs(Stack) == Stack(region=Region(slug="nyc3"))


def test_where_nothing_is_applied_it_says_so(apply: Apply) -> None:
    apply({})
    with pytest.raises(ShowdownError, match=r"nothing is applied in .*/infra: `terraform apply` there first"):
        terraform.outputs(Stack)


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"zone": 1}, "region: Field required"),
        ({"region": {}}, r"region\.slug: Field required"),
        ({"region": {"slug": 1}}, r"region\.slug: Input should be a valid string"),
    ],
)
def test_outputs_of_another_version_are_refused(apply: Apply, values: dict[str, Any], place: str) -> None:
    apply(values)
    with pytest.raises(ShowdownError, match=rf"the outputs of .*/infra are not this version's \({place}\)$"):
        terraform.outputs(Stack)

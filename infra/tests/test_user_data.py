"""User data is small enough, and has the packages and files of its role alone, which are in roles.json."""

import json
import re
from functools import cache

import pytest
from lab import tools
from lab.user_data import config, render
from showdown.contract.contract import load_contract
from showdown.stacks.cloud.outputs import HostTier
from showdown.stacks.cloud.prepare import BOOTSTRAP, HOSTS, ROLES, Roles

TIERS = ("haproxy", "service", "generator")

pytestmark = pytest.mark.skipif(not tools.terraforms(), reason="terraform or tofu is missing")


@cache
def text(role: str) -> str:
    """A role's user data. Terraform is asked once for each, which takes seconds."""
    return render(role)


@pytest.mark.parametrize("role", TIERS)
def test_it_is_cloud_config_that_the_provider_takes(role: str) -> None:
    assert text(role).startswith("#cloud-config\n")
    assert len(text(role).encode()) <= 64 * 1024


@pytest.mark.parametrize("role", TIERS)
def test_a_role_gets_what_prepare_hosts_gives_it(role: HostTier) -> None:
    part, said = Roles.model_validate_json(ROLES.read_bytes()).of(role), config(role)
    assert {file["path"]: file["content"] for file in said["write_files"]} == {
        path: (HOSTS / name).read_text() for path, name in part.files.items()
    }
    assert {file["path"] for file in said["write_files"] if file["permissions"] == "0755"} == {BOOTSTRAP}
    ((program, told, *packages),) = said["runcmd"]
    assert (program, told) == (BOOTSTRAP, role)
    assert sorted(packages) == sorted(f"{name}={version}" for name, version in part.packages.items())


def test_every_package_has_a_version() -> None:
    parts = json.loads(ROLES.read_text()).values()
    versions = [version for part in parts for version in part["packages"].values()]
    assert [version for version in versions if not re.fullmatch(r"[0-9:.]+\.\*", version)] == []


@pytest.mark.parametrize("role", TIERS)
def test_what_variants_need_is_not_known_before_their_checkout_is_there(role: str) -> None:
    needed = {
        package.partition("=")[0]
        for variant in load_contract().variants.variants.values()
        for package in variant.packages
    }
    assert [package for package in needed if f'"{package}=' in text(role)] == []
    script = (tools.INFRA / "hosts/bootstrap.sh").read_text()
    assert re.findall(r"cargo|rustc|gunicorn|django|starlette|axum", script, re.IGNORECASE) == []


def test_a_role_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="role must be haproxy, service or generator"):
        render("database")

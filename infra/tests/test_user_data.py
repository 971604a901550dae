"""User data is small enough and holds only what its role needs; bad variables are refused before a host is made."""

import re
from functools import cache

import pytest
from lab import tools
from lab.user_data import render
from showdown.contract.contract import load_contract

REPOSITORY = "https://example.org/showdown.git"
REVISION = "0123456789abcdef0123456789abcdef01234567"
HAPROXY_CONFIG = """
frontend api
    bind *:80
    http-error status 400 content-type application/json file /etc/showdown/bad_request.body
    http-error status 503 content-type application/json file /etc/showdown/unavailable.busy.body hdr Retry-After 1
"""
ROLES = ("haproxy", "service", "generator")

pytestmark = pytest.mark.skipif(not tools.terraforms(), reason="terraform or tofu is missing")


@cache
def text(role: str) -> str:
    """A role's user data. Terraform is asked once for each, which takes seconds."""
    extra = {"haproxy_config": HAPROXY_CONFIG} if role == "haproxy" else {}
    return render(role, repository=REPOSITORY, revision=REVISION, **extra)


@pytest.mark.parametrize("role", ROLES)
def test_it_is_cloud_config_that_the_provider_takes(role: str) -> None:
    assert text(role).startswith("#cloud-config\n")
    assert len(text(role).encode()) <= 64 * 1024


@pytest.mark.parametrize("role", ROLES)
def test_it_names_the_repository_and_the_revision_once(role: str) -> None:
    assert text(role).count(REPOSITORY) == text(role).count(REVISION) == 1


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_its_own_parts_alone(role: str) -> None:
    units = set(re.findall(r"/etc/systemd/system/(\S+)\.service", text(role)))
    expected = {"haproxy": {"showdown-haproxy"}, "service": {"showdown-service@"}, "generator": set[str]()}
    assert units == expected[role]
    assert ("$RELEASE-backports" in text(role)) == (role == "service")
    assert ("bind *:80" in text(role)) == (role == "haproxy")
    # haproxy gets exactly the bodies that its configuration names.
    bodies = re.findall(r'"path": "/etc/showdown/(\S+)\.body"', text(role))
    assert sorted(bodies) == (["bad_request", "unavailable.busy"] if role == "haproxy" else [])


@pytest.mark.parametrize("role", ROLES)
def test_every_package_has_a_version(role: str) -> None:
    packages = text(role).partition('"packages":\n')[2].partition('"runcmd"')[0]
    names_and_versions = re.findall(r'^- - "([^"]+)"\n  - "([^"]+\*)"$', packages, re.MULTILINE)
    assert len(names_and_versions) == packages.count("- - ") > 0


@pytest.mark.parametrize("role", ROLES)
def test_what_variants_need_is_not_known_before_their_checkout_is_there(role: str) -> None:
    needed = {
        package.partition("=")[0]
        for variant in load_contract().variants.variants.values()
        for package in variant.packages
    }
    assert [package for package in needed if f'"{package}"' in text(role)] == []
    script = (tools.INFRA / "hosts/bootstrap.sh").read_text()
    assert re.findall(r"cargo|rust|gunicorn|django|starlette|axum", script, re.IGNORECASE) == []


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"role": "database"}, "role must be haproxy, service or generator"),
        ({"role": "service", "revision": "main"}, "revision must be a full commit id"),
        ({"role": "service", "revision": REVISION.upper()}, "revision must be a full commit id"),
        ({"role": "service", "haproxy_config": "frontend"}, "haproxy_config must be given for the role haproxy"),
        ({"role": "haproxy"}, "haproxy_config must be given for the role haproxy"),
    ],
)
def test_what_cannot_work_is_refused(variables: dict[str, str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        render(**{"repository": REPOSITORY, "revision": REVISION, **variables})

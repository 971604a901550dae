"""Hosts of one's own get the packages and files that Terraform's user data has for the same tier."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from showdown.stacks.cloud import prepare as prepare_
from showdown.stacks.cloud.prepare import HOSTS, ROLES, Roles, packed, prepare
from showdown.stacks.cloud.ssh import RemoteHost
from showdown_contract.errors import ShowdownError


@pytest.fixture
def roles() -> Roles:
    return Roles.model_validate_json(ROLES.read_bytes())


def test_every_file_in_the_folder_is_some_roles_or_is_sent_with_the_commit(roles: Roles) -> None:
    named = {name for tier in ("haproxy", "service", "generator", "postgres") for name in roles.of(tier).files.values()}
    assert {path.name for path in HOSTS.iterdir()} == named | {"roles.json", "deploy.sh"}


def test_a_tiers_hosts_get_what_all_get_and_their_own(roles: Roles) -> None:
    generator = roles.of("generator")
    assert {"git", "postgresql-17"} <= generator.packages.keys()
    assert "haproxy" not in generator.packages
    assert "/etc/showdown/bootstrap.sh" in generator.files
    assert "/etc/postgresql-common/createcluster.conf" in generator.files


def test_files_are_packed_with_their_paths_and_modes(roles: Roles) -> None:
    with tarfile.open(fileobj=io.BytesIO(packed(roles.of("service")))) as archive:
        modes = {entry.name: (entry.mode, entry.uid) for entry in archive}
        assert modes["etc/showdown/bootstrap.sh"] == (0o755, 0)
        assert modes["etc/systemd/system/showdown-service@.service"] == (0o644, 0)
        sysctl = archive.extractfile("etc/sysctl.d/60-showdown.conf")
        assert sysctl
        assert sysctl.read() == (HOSTS / "sysctl.conf").read_bytes()


def test_a_host_is_told_its_files_then_its_role_and_packages(
    host: Callable[..., RemoteHost], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap = tmp_path / "bootstrap.sh"
    bootstrap.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/told\n')
    bootstrap.chmod(0o755)
    monkeypatch.setattr(prepare_, "BOOTSTRAP", str(bootstrap))
    prepare(host("haproxy", tar=f'printf "%s\\n" "$*" > {tmp_path}/tar; cat > {tmp_path}/archive'))
    assert (tmp_path / "tar").read_text() == "--extract --no-overwrite-dir --directory /\n"
    assert tarfile.is_tarfile(tmp_path / "archive")
    role, *packages = (tmp_path / "told").read_text().splitlines()
    assert role == "haproxy"
    assert packages == [
        "git=1:2.47.*", "procps=2:4.0.*", "python3=3.13.*", "python3-venv=3.13.*", "haproxy=3.0.*",
    ]  # fmt: skip


def test_a_host_that_fails_is_shown_with_its_step(
    host: Callable[..., RemoteHost], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap = tmp_path / "bootstrap.sh"
    bootstrap.write_text("#!/bin/sh\necho 'showdown: step \"packages\" failed with exit code 100'\nexit 100\n")
    bootstrap.chmod(0o755)
    monkeypatch.setattr(prepare_, "BOOTSTRAP", str(bootstrap))
    with pytest.raises(ShowdownError) as raised:
        prepare(host("service1", tar="cat > /dev/null"))
    assert str(raised.value) == (
        "service1 does not come to have its packages and settings (exit code 100):\n"
        '  showdown: step "packages" failed with exit code 100'
    )

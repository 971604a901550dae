"""Hosts of one's own: `showdown prepare-hosts` sets up bare ones, `showdown run --stack hosts` measures on them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from lab.cloud import HERE, Cloud
from lab.host import Host
from showdown.measure.results import read_run
from showdown.stacks.cloud.hosts import READY

# Hosts are booted, and set up.
pytestmark = pytest.mark.timeout(1800)

ADDRESSES = {
    "own-haproxy": ("10.200.0.111", "198.51.100.111"),
    "own-service": ("10.200.0.112", "198.51.100.112"),
    "own-generator": ("10.200.0.113", "198.51.100.113"),
    "own-postgres": ("10.200.0.114", "198.51.100.114"),
}
INVENTORY = """
ssh_user = "ada"

[haproxy]
address = "198.51.100.111"
private_address = "10.200.0.111"

[[service]]
address = "198.51.100.112"
private_address = "10.200.0.112"

[[generator]]
address = "10.200.0.113"

"""
ON_A_HOST = """
[postgres]
address = "10.200.0.114"
connections = 60
"""
BY_DSN = """
[database]
dsn_variable = "LAB_DATABASE"
service_dsn_variable = "LAB_DATABASE_OF_SERVICES"
pool_mode = "session"
pool_size = 80
"""


@dataclass(frozen=True)
class Own:
    """Hosts that somebody has at home, and the inventory that lists them."""

    hosts: dict[str, Host]
    folder: Path
    environment: dict[str, str]


def of_ada(key: str) -> str:
    """As somebody would set up a host: a user who logs in and may use sudo, while root may not log in."""
    user = {"name": "ada", "shell": "/bin/bash", "sudo": "ALL=(ALL) NOPASSWD:ALL", "ssh_authorized_keys": [key]}
    # Or else sudo forgets how package registries are reached from here.
    sudo = {"path": "/etc/sudoers.d/lab", "content": "Defaults !env_reset\n", "permissions": "0440"}
    return f"#cloud-config\n{json.dumps({'users': [user], 'write_files': [sudo]})}\n"


@pytest.fixture(scope="module")
def own(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    folder = tmp_path_factory.mktemp("own")
    database, users = cloud.outputs["stack"]["database"], cloud.outputs["database_users"]
    ca = folder / "ca.crt"
    ca.write_text(cloud.outputs["database_ca"])

    def dsn(role: str, port: int, name: str) -> str:
        user = users[role]
        who = f"{user['name']}:{quote(user['password'], safe='')}"
        return f"postgresql://{who}@{database['host']}:{port}/{name}?sslmode=verify-full&sslrootcert={ca}"

    dsns = {
        "LAB_DATABASE": dsn("owner", database["port"], database["name"]),
        "LAB_DATABASE_OF_SERVICES": dsn("api", database["pool_port"], database["pool_name"]),
    }
    (folder / "lab.toml").write_text(INVENTORY + ON_A_HOST)
    (folder / "lab-by-dsn.toml").write_text(INVENTORY + BY_DSN)
    with ExitStack() as resources, ThreadPoolExecutor() as pool:
        hosts = {
            name: resources.enter_context(
                cloud.lab.temporary(name, private, public, of_ada(cloud.public_key), cloud.public_key)
            )
            for name, (private, public) in ADDRESSES.items()
        }
        list(pool.map(Host.wait_for_cloud_init, hosts.values()))
        for host in hosts.values():
            host.run(f"echo '{HERE} {database['host']}' >> /etc/hosts")
        environment = {**os.environ, **cloud.lab.repository.environment(), **dsns, "COLUMNS": "200"}
        yield Own(hosts, folder, environment)


def showdown(cloud: Cloud, own: Own, *words: str, inventory: str = "lab.toml") -> subprocess.CompletedProcess[str]:
    program = str(Path(sys.executable).parent / "showdown")
    command = [program, *words, "--inventory", str(own.folder / inventory), "--identity", str(cloud.key)]
    return subprocess.run(command, env=own.environment, capture_output=True, text=True, check=False)


def measuring(folder: Path) -> list[str]:
    asked = ["--profile", "smoke", "--size", "2000", "--variants", "starlette"]
    return ["run", "--stack", "hosts", *asked, "--out", str(folder)]


def test_bare_hosts_are_set_up_and_measured(cloud: Cloud, own: Own, tmp_path: Path) -> None:
    early = showdown(cloud, own, *measuring(tmp_path / "run"))
    assert early.returncode == 1
    assert "not set up yet: haproxy, service1, generator1, postgres. `showdown prepare-hosts`" in early.stderr

    prepared = showdown(cloud, own, "prepare-hosts")
    assert prepared.returncode == 0, prepared.stderr
    for host in own.hosts.values():
        host.run(f"test -e {READY}")
        assert host.run("git -C /opt/showdown rev-parse HEAD").stdout.strip() == cloud.lab.repository.revision

    measured = showdown(cloud, own, *measuring(tmp_path / "run"))
    assert measured.returncode == 0, measured.stdout + measured.stderr
    found = read_run(tmp_path / "run")
    assert (found.stack, found.faults, found.pgbouncer) == ("hosts", [], None)
    assert [(host.name, host.usd_per_month, host.machine is None) for host in found.hosts] == [
        ("haproxy", None, False),
        ("service1", None, False),
        ("generator1", None, False),
        ("postgres", None, False),
    ]
    for result in found.slices:
        assert result.requests > 0
        assert (result.errors, result.failures) == (0, {})
        assert result.work is not None
        assert result.work.statements_per_request == pytest.approx(1, abs=0.2)
        assert set(result.tiers) == {"generator", "haproxy", "service", "postgres"}
    told = own.hosts["own-postgres"].run("cat /var/lib/showdown/postgres/passwords.json").stdout
    assert not_in(tmp_path / "run", json.loads(told).values())


def test_they_are_measured_with_a_database_that_is_elsewhere(cloud: Cloud, own: Own, tmp_path: Path) -> None:
    # Again, which changes nothing that a run needs.
    again = showdown(cloud, own, "prepare-hosts")
    assert again.returncode == 0, again.stderr
    measured = showdown(cloud, own, *measuring(tmp_path / "run"), inventory="lab-by-dsn.toml")
    assert measured.returncode == 0, measured.stdout + measured.stderr
    found = read_run(tmp_path / "run")
    assert (found.faults, found.pgbouncer) == ([], "session")
    assert (found.hosts[-1].tier, found.hosts[-1].machine) == ("postgres", None)
    assert [result for result in found.slices if result.errors or result.failures] == []
    assert not_in(tmp_path / "run", [user["password"] for user in cloud.outputs["database_users"].values()])


def not_in(folder: Path, secrets: Iterable[str]) -> bool:
    """Whether no file of a run has one of these."""
    texts = [path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()]
    return bool(texts) and not any(secret in text for secret in secrets for text in texts)

"""Hosts that are booted and set up by their user data: cloud-init, units, haproxy in front of a service."""

import json
import subprocess
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from lab.cloud import UNLUCKY, Cloud
from lab.host import Host
from lab.lab import GATEWAY
from lab.relay import relayed
from showdown.contenders.verify import differences
from showdown.contract.contract import load_contract
from showdown.stacks.cloud.hosts import READY
from showdown.stacks.cloud.ssh import AGENT
from showdown_stack.haproxy import backends
from showdown_stack.health import Health
from showdown_stack.ports import free_port
from showdown_stack.tiers import Tiers

# The first test waits until the session's hosts are set up.
pytestmark = pytest.mark.timeout(1800)

SERVICE_PORT = 8000
HERE = GATEWAY.partition("/")[0]
OWN_PATH = "/opt/showdown/.venv/bin:/usr/bin:/bin"
BUILD = """cd /opt/showdown && .venv/bin/python -c '
from showdown.contenders.build import build
from showdown.contract.contract import load_contract
build(load_contract().contenders().named("{name}"))'"""
# Run as the service: prints what its unit lets it do.
PROBE = """
import json, os, pathlib, pwd, socket

def refused(action):
    try:
        action()
    except OSError as error:
        return error.strerror
    return None

status = dict(line.split(":\\t", 1) for line in pathlib.Path("/proc/self/status").read_text().splitlines())
print(json.dumps({
    "user": pwd.getpwuid(os.getuid()).pw_name,
    "capabilities": status["CapBnd"].strip(),
    "no new privileges": status["NoNewPrivs"].strip(),
    "processes": sorted(int(name) for name in os.listdir("/proc") if name.isdigit()) == [os.getpid()],
    "temporary files": os.listdir("/tmp"),
    "refused": {
        "write " + path: refused(lambda: pathlib.Path(path, "probe").write_text(""))
        for path in ("/opt/showdown", "/etc", "/usr", "/var/lib", "/run/showdown", "/root", "/home", "/sys", "/dev")
    } | {
        "read /root": refused(lambda: os.listdir("/root")),
        "read memory": refused(lambda: open("/dev/mem", "rb")),
        "raw packets": refused(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW)),
        "namespace": refused(lambda: os.unshare(os.CLONE_NEWUSER)),
        "root": refused(lambda: os.setuid(0)),
        "priority": refused(lambda: os.nice(-5)),
    },
}))
"""


@pytest.fixture(scope="session")
def haproxy(cloud: Cloud) -> Host:
    return cloud.hosts["haproxy"]


@pytest.fixture(scope="session")
def generator(cloud: Cloud) -> Host:
    return cloud.hosts["generator1"]


@pytest.fixture
def database(stack: Tiers) -> Iterator[str]:
    """The DSN by which hosts reach the shared Postgres."""
    port = free_port()
    parts = urlsplit(stack.service_dsn)
    with relayed(f"{HERE}:{port}", f"{parts.hostname}:{parts.port}"):
        yield parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@{HERE}:{port}").geturl()


def start_service(host: Host, command: list[str], **environment: str) -> None:
    """Start a command as the service, as the agent does."""
    host.run(
        "umask 077; cat > /run/showdown/service-1.json && systemctl restart showdown-service@1",
        text=json.dumps({"command": command, "environment": {"PATH": OWN_PATH, "LANG": "C.UTF-8", **environment}}),
    )


@pytest.fixture
def service(cloud: Cloud) -> Iterator[Host]:
    """A service host, whose unit is stopped after the test."""
    host = cloud.hosts["service1"]
    yield host
    host.run("systemctl stop showdown-service@1; rm -f /run/showdown/service-1.json")


@pytest.mark.parametrize("name", ["haproxy", "service1", "generator1"])
def test_cloud_init_knows_every_key(cloud: Cloud, name: str) -> None:
    answer = cloud.hosts["generator1"].run(
        "cat > /root/user-data && cloud-init schema --config-file /root/user-data", text=cloud.user_data[name]
    )
    assert "Valid schema" in answer.stdout


@pytest.mark.parametrize("name", ["haproxy", "service1", "service2", "generator1"])
def test_a_host_comes_up_whole(cloud: Cloud, name: str) -> None:
    host = cloud.hosts[name]
    status = host.wait_for_cloud_init()
    assert (status["status"], status["errors"], status["recoverable_errors"]) == ("done", [], {})
    assert host.run("systemctl list-units --failed --plain --no-legend").stdout == ""
    assert host.run("git -C /opt/showdown rev-parse HEAD").stdout.strip() == cloud.lab.repository.revision
    assert host.run("git -C /opt/showdown status --porcelain").stdout == ""
    # By this `showdown run` sees that it is up.
    host.run(f"test -e {READY}")
    assert "is ready" in host.run("grep '^showdown: ' /var/log/cloud-init-output.log | tail -1").stdout
    # What the runner calls.
    host.run("/opt/showdown/.venv/bin/python -c 'import showdown.commands.run'")


def test_a_host_on_which_the_providers_own_part_failed_is_set_up_all_the_same(cloud: Cloud) -> None:
    # A run measures on it, too.
    host = cloud.hosts[UNLUCKY]
    assert host.run("cloud-init status --wait", check=False).returncode == 1
    host.run(f"test -e {READY}")


@pytest.mark.parametrize(("user", "code"), [("root", 0), ("debian", 255), ("showdown", 255)])
def test_root_alone_gets_in_and_by_its_key(cloud: Cloud, generator: Host, user: str, code: int) -> None:
    options = ("BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null")
    for address in (generator.private, generator.public):
        command = ["ssh", "-i", str(cloud.key), *(f"-o{option}" for option in options), f"{user}@{address}", "true"]
        assert subprocess.run(command, capture_output=True, check=False).returncode == code
    settings = generator.run("sshd -T").stdout.splitlines()
    assert {"passwordauthentication no", "permitrootlogin without-password"} <= set(settings)
    assert {"clientaliveinterval 5", "clientalivecountmax 3"} <= set(settings)


def test_hosts_reach_each_other(generator: Host, haproxy: Host) -> None:
    for address in (haproxy.private, haproxy.public):
        answer = generator.run(f"python3 -c 'import socket; socket.create_connection((\"{address}\", 22), 5)'")
        assert answer.returncode == 0


def test_the_kernel_gives_haproxy_enough_ports(haproxy: Host) -> None:
    assert haproxy.run("sysctl -n net.ipv4.ip_local_port_range net.ipv4.tcp_tw_reuse").stdout == "16384\t65535\n1\n"


def test_no_daily_job_disturbs_a_measurement(service: Host) -> None:
    assert "apt" not in service.run("systemctl list-timers --all --plain --no-legend").stdout


def test_haproxy_comes_back_after_a_reboot_and_the_packages_own_does_not(haproxy: Host) -> None:
    assert haproxy.run("systemctl is-enabled showdown-haproxy").stdout == "enabled\n"
    assert haproxy.run("systemctl is-enabled haproxy", check=False).stdout == "disabled\n"


@pytest.mark.parametrize("variant", ["django-2022", "starlette", "starlette-rowjson", "axum"])
def test_haproxy_routes_to_the_variant_in_its_unit(
    haproxy: Host, service: Host, database: str, variant: str, eventually: Callable[[Callable[[], object]], None]
) -> None:
    chosen = load_contract().variants.variants[variant]
    if chosen.build:
        service.run(BUILD.format(name=variant))
    start_service(
        service,
        chosen.command,
        **chosen.settings(),
        HOST=service.private,
        PORT=str(SERVICE_PORT),
        DATABASE_URL=database,
        PYTHONDONTWRITEBYTECODE="1",
    )
    away = [f"set server {backend}/service2 state maint" for backend in backends(1)]
    haproxy.run(f"{AGENT} haproxy", text=json.dumps({"commands": away}) + "\n")
    contract, url = load_contract(), f"http://{haproxy.public}"
    eventually(Health(url, contract.health).ready)
    assert differences(url, contract.answerable("by-id", upstream=False)) == []


def test_without_what_to_run_the_unit_refuses_to_start(service: Host) -> None:
    answer = service.run("systemctl restart showdown-service@1", check=False)
    assert answer.returncode != 0
    assert "Assertion failed on job for showdown-service@1.service" in answer.stderr


def test_a_service_may_do_what_it_must_and_no_more(service: Host) -> None:
    start_service(service, ["python", "-c", PROBE])
    probed: dict[str, Any] = json.loads(
        service.run(
            "while systemctl is-active --quiet showdown-service@1; do sleep 0.1; done;"
            " journalctl --unit showdown-service@1 --output cat | grep '^{' | tail -1"
        ).stdout
    )
    allowed = [what for what, reason in probed.pop("refused").items() if reason is None]
    assert allowed == []
    assert probed == {
        "user": "showdown",
        "capabilities": "0" * 16,
        "no new privileges": "1",
        "processes": True,
        "temporary files": [],
    }


@pytest.mark.parametrize(("name", "unit"), [("service1", "showdown-service@1"), ("haproxy", "showdown-haproxy")])
def test_systemd_finds_little_to_harden(cloud: Cloud, name: str, unit: str) -> None:
    # Exposure in tenths, from 0 to 100; a unit without any setting has 96.
    cloud.hosts[name].run(f"systemd-analyze security --threshold=20 {unit}.service")


@pytest.mark.parametrize(
    ("step", "right", "wrong"),
    [("packages", "3.13.*", "3.99.*"), ("system", "!= trixie", "!= bookworm")],
)
def test_a_host_that_fails_says_at_which_step(cloud: Cloud, step: str, right: str, wrong: str) -> None:
    text = cloud.user_data["generator1"].replace(right, wrong)
    assert text != cloud.user_data["generator1"]
    with cloud.lab.temporary(step, "10.200.0.99", "198.51.100.99", text, cloud.public_key) as host:
        status = host.wait_for_cloud_init(check=False)
        assert status["status"] == "error"
        last = host.run("grep '^showdown: ' /var/log/cloud-init-output.log | tail -1").stdout
        assert last.startswith(f'showdown: step "{step}" failed with exit code ')
        assert host.run(f"test -e {READY}", check=False).returncode == 1

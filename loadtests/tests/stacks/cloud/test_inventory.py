"""An inventory says of one's own hosts what Terraform's outputs say of its hosts; what is wrong in it is named."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict
from showdown.stacks.cloud.inventory import read_hosts, read_inventory
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT

EXAMPLE = CHECKOUT / "infra/inventory.example.toml"
OWNER, SERVICES = "postgresql://me:s3cret@db.lab:5432/empty", "postgresql://api:s3cret2@pool.lab:6432/pooled"
LAB = {"LAB_DATABASE": OWNER, "LAB_DATABASE_OF_SERVICES": SERVICES}
SMALL = """
[haproxy]
address = "10.0.0.1"
[[service]]
address = "10.0.0.2"
[[generator]]
address = "10.0.0.3"
[database]
dsn_variable = "LAB_DATABASE"
"""
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A file of this text, which only its owner can read."""

    def make(text: str, mode: int = 0o600) -> Path:
        path = tmp_path / "inventory.toml"
        path.write_text(text)
        path.chmod(mode)
        return path

    return make


def test_the_documented_example_is_read() -> None:
    outputs = read_inventory(EXAMPLE, {})
    assert [
        (host.name, host.tier, f"{host.ssh_user}@{host.public_address}:{host.ssh_port}", host.private_address)
        for host in outputs.stack.hosts
    ] == [
        ("haproxy", "haproxy", "admin@lab1.example.org:22", "10.0.0.11"),
        ("service1", "service", "admin@lab2.example.org:22", "10.0.0.12"),
        ("service2", "service", "root@10.0.0.13:2222", "10.0.0.13"),
        ("generator1", "generator", "admin@10.0.0.14:22", "10.0.0.14"),
        ("postgres", "postgres", "admin@10.0.0.15:22", "10.0.0.15"),
    ]
    assert [(host.size, host.usd_per_month) for host in outputs.stack.of("service")] == [
        ("Ryzen 7950X", 60.0),
        ("own host", None),
    ]
    assert outputs.stack.database.lasting_connections == 240
    assert read_hosts(EXAMPLE) == outputs.stack.hosts


@pytest.fixture
def with_a_database(write: Write) -> Path:
    """The example with what it has as comments, instead of a host for Postgres."""
    before, own, after = re.split(r"(?m)^(?=\[postgres\]|# Or, instead of)", EXAMPLE.read_text())
    assert own.startswith("[postgres]")
    return write(before + re.sub(r"(?m)^#(?=[\[a-z])", "", after), 0o644)


def test_the_documented_alternative_is_read(with_a_database: Path) -> None:
    database = read_inventory(with_a_database, LAB).stack.database
    assert (database.host, database.pool_host) == ("db.lab", "pool.lab")
    assert (database.pool_mode, database.lasting_connections) == ("session", 80)


def test_what_it_does_not_say_is_as_terraform_has_it(write: Write) -> None:
    outputs = read_inventory(write(SMALL), LAB)
    assert outputs.stack.haproxy.urls == [f"http://10.0.0.1:{port}" for port in range(80, 90)]
    assert outputs.stack.haproxy.ports == list(range(80, 90))
    assert (outputs.stack.service_ports, outputs.stack.locust_port) == (list(range(8000, 8010)), 5557)
    assert (outputs.kind, outputs.cost, outputs.stack.database.lasting_connections) == ("hosts", None, None)


def test_services_may_reach_the_database_by_another_way_than_its_owner(with_a_database: Path) -> None:
    outputs = read_inventory(with_a_database, LAB)
    owner, api = (conninfo_to_dict(outputs.dsn(role, "/unused").url) for role in ("owner", "api"))
    assert owner == {**conninfo_to_dict(OWNER), "sslmode": "disable"}
    assert api == {**conninfo_to_dict(SERVICES), "sslmode": "disable"}


def test_without_a_dsn_of_their_own_services_use_the_owners(write: Write) -> None:
    outputs = read_inventory(write(SMALL), LAB)
    assert outputs.dsn("api", "") == outputs.dsn("owner", "")


def test_a_database_with_tls_is_verified_by_its_ca(write: Write, tmp_path: Path) -> None:
    ca = tmp_path / "ca.crt"
    ca.write_text("-----BEGIN CERTIFICATE-----\n")
    outputs = read_inventory(write(SMALL), {"LAB_DATABASE": f"{OWNER}?sslmode=verify-full&sslrootcert={ca}"})
    assert outputs.database_ca == "-----BEGIN CERTIFICATE-----\n"
    # Its file is elsewhere on another host.
    assert outputs.api_dsn("/run/ca.crt").endswith("?sslmode=verify-full&sslrootcert=/run/ca.crt")
    with pytest.raises(ShowdownError, match=r"sslrootcert=/none cannot be read: No such file"):
        read_inventory(write(SMALL), {"LAB_DATABASE": f"{OWNER}?sslmode=verify-full&sslrootcert=/none"})


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_dsn_may_be_in_a_file_that_nobody_else_can_read(write: Write, mode: int) -> None:
    outputs = read_inventory(write(SMALL.replace('dsn_variable = "LAB_DATABASE"', f'dsn = "{OWNER}"'), mode), {})
    assert outputs.database_users.owner.password.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(outputs)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_dsn_in_a_file_that_others_can_read_is_refused(write: Write, mode: int) -> None:
    path = write(SMALL.replace('dsn_variable = "LAB_DATABASE"', f'dsn = "{OWNER}"'), mode)
    for read in (read_inventory, read_hosts):
        with pytest.raises(ShowdownError, match=rf"has a DSN, and other users can read it: type 'chmod 600 {path}'"):
            read(path)


def test_a_file_without_a_dsn_may_be_read_by_all(write: Write) -> None:
    assert read_inventory(write(SMALL, 0o644), LAB).kind == "hosts"


def test_a_postgres_may_be_set_up_on_a_host(write: Write) -> None:
    text = SMALL.partition("[database]")[0] + '[postgres]\naddress = "10.0.0.4"\nconnections = 80\n'
    outputs = read_inventory(write(text), {})
    assert (outputs.stack.hosts[-1].name, outputs.stack.hosts[-1].tier) == ("postgres", "postgres")
    assert outputs.dsn("owner", "").url == "postgresql://showdown@10.0.0.4:5432/showdown?sslmode=disable"
    assert outputs.dsn("api", "").url == "postgresql://api@10.0.0.4:5432/showdown?sslmode=disable"
    assert outputs.stack.database.lasting_connections == 80


def test_a_database_without_pgbouncer_may_have_so_many_connections(write: Write) -> None:
    assert read_inventory(write(SMALL + "pool_size = 90\n"), LAB).stack.database.lasting_connections == 90


def test_hosts_are_prepared_without_their_database(write: Write) -> None:
    assert [host.name for host in read_hosts(write(SMALL))] == ["haproxy", "service1", "generator1"]


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("[haproxy]", "[cache]\n[haproxy]", r"cache: Extra inputs are not permitted"),
        ("[[generator]]", "[[generators]]", r"generators: Extra inputs .* did you mean generator\?"),
        ("[haproxy]", "ssh_user = '-oProxyCommand=x'\n[haproxy]", r"ssh_user: .*must be the name of a user"),
        ("[haproxy]", "ssh_user = 'root; reboot'\n[haproxy]", r"ssh_user: .*must be the name of a user"),
        ("[haproxy]", "ssh_port = 70000\n[haproxy]", r"ssh_port: Input should be less than or equal to 65535"),
        ('"10.0.0.2"', '"-oProxyCommand=x"', r"service\.0\.address: .*must be the name or the address of a host"),
        ('"10.0.0.2"', '"lab2\\nlab3"', r"service\.0\.address: .*must be the name or the address of a host"),
        ('"10.0.0.2"', '"lab2"', r"service\.0: .*say private_address, too"),
        ('"10.0.0.2"', '"lab2"\nprivate_address = "$(id)"', r"service\.0\.private_address: .*must be an IPv4 address"),
        ('"10.0.0.2"', '"10.0.0.2"\nusd_per_month = -1', r"usd_per_month: .*greater than or equal to 0"),
        ('"10.0.0.2"', '"10.0.0.2"\nusd_per_month = nan', r"usd_per_month: .*finite number"),
        ('"10.0.0.2"', '"10.0.0.3"', r"each host has one tier, and 10\.0\.0\.3 is listed twice"),
        ("[haproxy]", "service_port = 80\n[haproxy]", r"service_port: .*greater than or equal to 1024"),
        ("[haproxy]", "service_port = 16380\n[haproxy]", r"may go up to 16383"),
        ("[haproxy]", "locust_port = 8005\n[haproxy]", r"locust_port must not be one of the services'"),
        ("[haproxy]", "haproxy_port = 20\n[haproxy]", r"must leave out SSH's"),
        ('dsn_variable = "LAB_DATABASE"', "", r"database: .*say either dsn or dsn_variable"),
        ('"LAB_DATABASE"', '"LAB_DATABASE"\ndsn = "postgresql://"', r"database: .*say either dsn or dsn_variable"),
        ('"LAB_DATABASE"', '"a b"', r"dsn_variable: String should match"),
        ('"LAB_DATABASE"', '"LAB_DATABASE"\npool_mode = "session"', r"say pool_size, too"),
        ("[database]", '[postgres]\naddress = "10.0.0.4"\n[database]', r"say either \[postgres\], .* or \[database\]"),
        ("[database]", "[databases]", r"databases: Extra inputs are not permitted: did you mean database\?"),
        ("[database]", '[postgres]\naddress = "10.0.0.1"\n[database]', r"either|10\.0\.0\.1 is listed twice"),
        ('"LAB_DATABASE"', '"LAB_DATABASE"\npool_mode = "statement"\npool_size = 5', r"pool_mode: Input should be"),
        ('"LAB_DATABASE"', '"NOT_SET"', r"dsn_variable names NOT_SET, which is not set: export it"),
        ("[haproxy]", "[haproxy", r"is not valid TOML"),
        ("[haproxy]", "[haproxy]\nx = " + "[" * 5000, r"nested too deeply|not valid TOML"),
        ("[haproxy]", "\0", r"is not valid TOML"),
    ],
)
def test_what_is_wrong_is_named(write: Write, before: str, after: str, message: str) -> None:
    with pytest.raises(ShowdownError, match=message):
        read_inventory(write(SMALL.replace(before, after, 1)), LAB)


@pytest.mark.parametrize("dsn", ["s3cret", "postgresql://me:s3cret@/empty", "postgresql://me:s3cret@a,b/c", "s3cret=1"])
def test_no_message_repeats_a_dsn(write: Write, dsn: str) -> None:
    with pytest.raises(ShowdownError, match=r"^\$LAB_DATABASE ") as by_variable:
        read_inventory(write(SMALL), {"LAB_DATABASE": dsn})
    with pytest.raises(ShowdownError, match=r"inventory\.toml: database\.dsn ") as by_file:
        read_inventory(write(SMALL.replace('dsn_variable = "LAB_DATABASE"', f'dsn = "{dsn}"')), {})
    assert "s3cret" not in f"{by_variable.value}{by_file.value}"


def test_no_message_repeats_a_dsn_of_another_type(write: Write) -> None:
    with pytest.raises(ShowdownError, match=r"database\.dsn: Input should be a valid string") as raised:
        read_inventory(write(SMALL.replace('dsn_variable = "LAB_DATABASE"', 'dsn = ["s3cret"]')), {})
    assert "s3cret" not in str(raised.value)


def test_both_dsns_encrypt_or_none(write: Write) -> None:
    text = SMALL + 'service_dsn_variable = "LAB_DATABASE_OF_SERVICES"\n'
    owner = f"{OWNER}?sslmode=verify-full&sslrootcert=/ca.crt"
    with pytest.raises(ShowdownError, match="must have the same sslmode and sslrootcert"):
        read_inventory(write(text), {"LAB_DATABASE": owner, "LAB_DATABASE_OF_SERVICES": SERVICES})


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ShowdownError, match=r"none\.toml: No such file or directory$"):
        read_inventory(tmp_path / "none.toml", LAB)
    with pytest.raises(ShowdownError, match=r": Is a directory$"):
        read_inventory(tmp_path, LAB)

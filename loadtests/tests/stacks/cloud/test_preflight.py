"""What would go wrong later is found before anything is measured, and each finding says what to do."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr
from showdown.contract.contract import load_contract
from showdown.stacks.cloud.advice import ADVICE
from showdown.stacks.cloud.outputs import ROLES, DatabaseRole, DatabaseUser, DatabaseUsers, Outputs
from showdown.stacks.cloud.preflight import (
    require_passwords,
    require_prepared_statements,
    resolve_on_hosts,
    verified_name,
)
from showdown.stacks.cloud.ssh import RemoteHost
from showdown_contract.errors import ShowdownError
from showdown_stack import config, pgbouncer, programs
from showdown_stack.certificates import Certificates, make_certificates
from showdown_stack.dsn import Dsn
from showdown_stack.pgbouncer import running_pgbouncer
from showdown_stack.ports import LOOPBACK, free_port
from showdown_stack.privilege import postgres_user
from showdown_stack.tiers import TierOptions, Tiers, running_tiers

RECIPES = 2_000
PRIVATE, PUBLIC = "private-database.example", "database.example"


@dataclass(frozen=True)
class Secured:
    """A Postgres that insists on TLS; its certificate has only the public name."""

    stack: Tiers
    certificates: Certificates
    other_ca: Path

    def outputs(self, applied: dict[str, Any], **database: object) -> Outputs:
        """What Terraform says of it. There is no pool, so both ports lead to Postgres itself."""
        owner, api = (Dsn.parse(dsn) for dsn in (self.stack.postgres.owner_dsn, self.stack.postgres.api_dsn))
        applied["stack"]["database"] |= {"name": owner.database, "pool_name": owner.database, **database}
        applied["database_users"] = {
            name: {"name": dsn.user, "password": dsn.password} for name, dsn in (("owner", owner), ("api", api))
        }
        return Outputs.model_validate(applied)

    @property
    def ways(self) -> dict[DatabaseRole, tuple[str, int]]:
        return dict.fromkeys(ROLES, (LOOPBACK, Dsn.parse(self.stack.postgres.owner_dsn).port))


@pytest.fixture(scope="module")
def secured(session_folder: Path, seeded_state: Path) -> Iterator[Secured]:
    folder = session_folder / "preflight"
    subprocess.run(["cp", "-a", seeded_state, folder], check=True)
    certificates = make_certificates(folder, postgres_user(), [PUBLIC])
    (folder / "other").mkdir()
    other = make_certificates(folder / "other", postgres_user(), [PUBLIC])
    (data,) = folder.glob("postgres-*/data")
    with (data / "postgresql.auto.conf").open("a") as settings:
        settings.write(f"ssl = on\nssl_cert_file = '{certificates.chain}'\nssl_key_file = '{certificates.key}'\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOWDOWN_STATE", str(folder))
        with running_tiers(TierOptions(load_contract(), RECIPES, haproxy=False)) as stack:
            yield Secured(stack, certificates, other.ca)


def users(owner: str = "s3cret", api: str = "s3cret", name: str = "doadmin") -> DatabaseUsers:
    return DatabaseUsers(
        owner=DatabaseUser(name=name, password=SecretStr(owner)), api=DatabaseUser(name="api", password=SecretStr(api))
    )


@pytest.mark.parametrize(
    ("told", "whose"), [(users(owner=""), "doadmin"), (users(api=""), "api"), (users(name="", owner=""), "of its own")]
)
def test_a_token_that_may_not_read_passwords_is_told_of(told: DatabaseUsers, whose: str) -> None:
    with pytest.raises(ShowdownError, match=rf"no password for the database's user {whose}: .* database:view_cred"):
        require_passwords(told)


def test_what_terraform_does_not_know_is_no_password(applied: dict[str, Any]) -> None:
    applied["database_users"]["owner"] = {"name": None, "password": None}
    with pytest.raises(ShowdownError, match="no password"):
        require_passwords(Outputs.model_validate(applied).database_users)


def test_passwords_that_are_there_will_do() -> None:
    require_passwords(users())


def test_the_name_in_the_certificates_is_the_one_that_is_used(secured: Secured, applied: dict[str, Any]) -> None:
    outputs = secured.outputs(applied, host=PRIVATE, public_host=PUBLIC)
    assert verified_name(outputs, str(secured.certificates.ca), secured.ways) == PUBLIC
    private = secured.outputs(applied, host=PUBLIC, public_host="another.example")
    assert verified_name(private, str(secured.certificates.ca), secured.ways) == PUBLIC


def test_a_certificate_with_neither_name_is_refused(secured: Secured, applied: dict[str, Any]) -> None:
    outputs = secured.outputs(applied, host=PRIVATE, public_host="another.example")
    with pytest.raises(ShowdownError, match=f"do not name {PRIVATE} or another.example, .* open a ticket"):
        verified_name(outputs, str(secured.certificates.ca), secured.ways)


def test_a_certificate_of_another_ca_is_refused(secured: Secured, applied: dict[str, Any]) -> None:
    outputs = secured.outputs(applied, host=PRIVATE, public_host=PUBLIC)
    with pytest.raises(ShowdownError, match=r"at port 25060: its certificate is of another CA .*apply -refresh-only"):
        verified_name(outputs, str(secured.other_ca), secured.ways)


def test_a_password_that_has_changed_is_told_of(secured: Secured, applied: dict[str, Any]) -> None:
    outputs = secured.outputs(applied, host=PUBLIC)
    outputs.database_users.api.password = SecretStr("before")
    with pytest.raises(ShowdownError, match=r"at port 25061: the password has been changed .*apply -refresh-only"):
        verified_name(outputs, str(secured.certificates.ca), secured.ways)


def test_a_database_that_lets_nobody_in_is_told_of(secured: Secured, applied: dict[str, Any]) -> None:
    outputs = secured.outputs(applied)
    with pytest.raises(ShowdownError, match=r"at port 25060: it does not let the generator host in: .*trusted sources"):
        verified_name(outputs, str(secured.certificates.ca), {"owner": (LOOPBACK, free_port())})


def test_hosts_reach_the_database_inside_the_vpc_by_its_public_name(
    host: Callable[..., RemoteHost], tmp_path: Path
) -> None:
    file = tmp_path / "hosts-file"
    file.write_text(f"127.0.0.1 localhost\n10.0.0.1 {PUBLIC}\n")
    getent = f'test "$*" = "ahostsv4 {PRIVATE}" && echo "10.200.0.9      STREAM {PRIVATE}"'
    service = host("service1", getent=getent)
    resolve_on_hosts([service], PUBLIC, PRIVATE, str(file))
    resolve_on_hosts([service], PUBLIC, PRIVATE, str(file))
    assert file.read_text() == f"127.0.0.1 localhost\n10.200.0.9 {PUBLIC}\n"


def test_a_host_that_cannot_resolve_the_private_name_is_named(host: Callable[..., RemoteHost], tmp_path: Path) -> None:
    with pytest.raises(ShowdownError, match=f"^service1 cannot resolve {PRIVATE}"):
        resolve_on_hosts([host("service1", getent="exit 2")], PUBLIC, PRIVATE, str(tmp_path / "hosts-file"))


@pytest.mark.skipif(programs.find("pgbouncer") is None, reason="pgbouncer is not installed")
@pytest.mark.parametrize("tracked", [True, False])
def test_a_pool_that_mixes_up_prepared_statements_is_refused(
    stack: Tiers, reachable_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, tracked: bool
) -> None:
    program = programs.find("pgbouncer")
    assert program
    can_track = pgbouncer.require_mode(program, "session")
    if tracked and not can_track:
        pytest.skip("this pgbouncer is older than 1.21")
    monkeypatch.setattr(pgbouncer, "require_mode", lambda *_: can_track)
    if not tracked:
        render, setting = config.render, "max_prepared_statements = 0" if can_track else ""
        monkeypatch.setattr(
            config, "render", lambda name, **told: render(name, **told | {"prepared_statements": setting})
        )
    with running_pgbouncer(program, "transaction", stack.postgres.api_dsn, 5, reachable_folder, tmp_path) as (dsn, _):
        if tracked:
            require_prepared_statements(dsn, ADVICE["terraform"])
        else:
            with pytest.raises(ShowdownError, match=r'does not keep track .*apply with pool_mode = "session"'):
                require_prepared_statements(dsn, ADVICE["terraform"])


def test_a_pool_that_is_not_there_is_an_error() -> None:
    with pytest.raises(psycopg.OperationalError):
        require_prepared_statements(f"postgresql://api@{LOOPBACK}:{free_port()}/showdown", ADVICE["terraform"])

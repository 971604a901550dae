"""If Postgres insists on TLS, every client verifies it before it asks anything."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path

import psycopg
import pytest
from lab.certificates import authority, certify
from showdown.contract.contract import load_contract
from showdown_contract.data_set import DATA
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT, golden_body
from showdown_stack import programs
from showdown_stack.dsn import Dsn
from showdown_stack.external import external_postgres
from showdown_stack.pgbouncer import running_pgbouncer
from showdown_stack.ports import LOOPBACK
from showdown_stack.privilege import own, postgres_user
from showdown_stack.tiers import TierOptions, Tiers, running_tiers

Eventually = Callable[[Callable[[], object]], None]
RECIPES = 2_000
# The name in the server's certificate, and another name by which it can be reached.
NAME, OTHER_NAME = "localhost", "127.0.0.1"
COMMANDS = {name: variant.command for name, variant in load_contract().contenders().all.items()}
CONNECTIONS = ("pooled", "per-request")
rust_service = CHECKOUT / COMMANDS["axum"][0]
SERVICES = [
    "django",
    "starlette",
    pytest.param("axum", marks=pytest.mark.skipif(not rust_service.exists(), reason="rust_service is not built")),
]
ENCRYPTED = """
SELECT ssl, count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'api' GROUP BY ssl
"""


@dataclass(frozen=True)
class Secured:
    """A stack whose Postgres insists on TLS, the CA that signed its certificate, and another CA."""

    stack: Tiers
    ca: Path
    other_ca: Path

    def dsn(self, url: str, host: str = NAME, ca: Path | None = None) -> Dsn:
        """One of the stack's DSNs, with TLS and verification."""
        return replace(Dsn.parse(url), host=host, sslmode="verify-full", sslrootcert=str(ca or self.ca))

    def api(self, host: str = NAME, ca: Path | None = None) -> Dsn:
        return self.dsn(self.stack.postgres.api_dsn, host, ca)

    def owner(self, host: str = NAME, ca: Path | None = None) -> Dsn:
        return self.dsn(self.stack.postgres.owner_dsn, host, ca)


@pytest.fixture(scope="module")
def secured(session_folder: Path, seeded_state: Path) -> Iterator[Secured]:
    folder = session_folder / "tls"
    subprocess.run(["cp", "-a", seeded_state, folder], check=True)
    ca, other_ca = (authority(folder, name) for name in ("ca", "other-ca"))
    certificate, key = certify(folder, ca, NAME)
    own(key, postgres_user())
    (data,) = folder.glob("postgres-*/data")
    with (data / "postgresql.auto.conf").open("a") as settings:
        settings.write(f"ssl = on\nssl_cert_file = '{certificate}'\nssl_key_file = '{key}'\n")
    (data / "pg_hba.conf").write_text("hostssl all all all scram-sha-256\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOWDOWN_STATE", str(folder))
        with running_tiers(TierOptions(load_contract(), RECIPES, haproxy=False)) as stack:
            yield Secured(stack, ca, other_ca)


def recipe(stack: Tiers) -> tuple[int, bytes]:
    with closing(HTTPConnection(LOOPBACK, stack.service_port, timeout=20)) as connection:
        connection.request("GET", "/api/v1/recipes/1", headers={"cookie": "sessionid=golden-ada"})
        response = connection.getresponse()
        return response.status, response.read()


def environment(connections: str) -> dict[str, str]:
    knobs = {"WORKERS": "1", "POOL_SIZE": "1", "CONNECTIONS": connections, "POOL_TIMEOUT_SECONDS": "5"}
    return knobs | {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}


@pytest.mark.parametrize("connections", CONNECTIONS)
@pytest.mark.parametrize("name", SERVICES)
def test_a_service_asks_a_server_that_it_has_verified(
    secured: Secured, eventually: Eventually, name: str, connections: str
) -> None:
    stack = replace(secured.stack, service_dsn=secured.api().url)
    with (
        stack.service(f"{name}-{connections}", COMMANDS[name], environment(connections)),
        psycopg.connect(secured.owner().url, autocommit=True) as owner,
    ):
        assert [recipe(stack) for _ in range(2)] == [(200, golden_body("recipe-usual"))] * 2
        kept = [(True, 1)] if connections == "pooled" else []
        # Postgres may not have closed a request's connection yet.
        eventually(lambda: owner.execute(ENCRYPTED).fetchall() == kept)


@pytest.mark.parametrize("connections", CONNECTIONS)
@pytest.mark.parametrize("wrong", ["name", "ca"])
@pytest.mark.parametrize("name", SERVICES)
def test_a_service_does_not_ask_any_other(secured: Secured, name: str, wrong: str, connections: str) -> None:
    dsn = secured.api(host=OTHER_NAME) if wrong == "name" else secured.api(ca=secured.other_ca)
    stack = replace(secured.stack, service_dsn=dsn.url)
    log_name = f"{name}-{connections}-wrong-{wrong}"
    with stack.service(log_name, COMMANDS[name], environment(connections)) as service:
        assert recipe(stack) == (503, golden_body("unavailable"))
    causes = [line["cause"] for line in map(json.loads, service.log.read_text().splitlines()) if "cause" in line]
    # The messages of Python, libpq and rustls; Axum's pool adds one of its own.
    said = {
        "name": ("IP address mismatch", f'does not match host name "{OTHER_NAME}"', "not valid for name"),
        "ca": ("certificate verify failed", "UnknownIssuer"),
    }
    assert any(words in cause for cause in causes for words in said[wrong]), causes


@pytest.mark.parametrize("name", SERVICES)
def test_a_ca_that_cannot_be_read_is_told_at_the_start(secured: Secured, name: str) -> None:
    missing = secured.ca.with_name("missing.crt")
    stack = replace(secured.stack, service_dsn=secured.api(ca=missing).url)
    told = rf"exited with code \d+ at start.*DATABASE_URL: sslrootcert={missing} cannot be used \(.*No such file"
    with (
        pytest.raises(ShowdownError, match=f"(?s){told}"),
        stack.service(f"{name}-no-ca", COMMANDS[name], environment("pooled")),
    ):
        pass


def test_a_database_of_the_users_own_is_verified_too(secured: Secured) -> None:
    postgres = external_postgres(secured.owner().url, DATA, RECIPES, lambda _: None)
    assert postgres.api_dsn == secured.owner().url


def test_a_name_that_it_does_not_prove_is_refused(secured: Secured) -> None:
    with pytest.raises(ShowdownError, match=f'--dsn: .*does not match host name "{OTHER_NAME}"'):
        external_postgres(secured.owner(host=OTHER_NAME).url, DATA, RECIPES, lambda _: None)


def test_a_ca_that_is_not_there_is_told(secured: Secured) -> None:
    with pytest.raises(ShowdownError, match=r'--dsn: .*root certificate file "/nowhere/ca\.crt" does not exist'):
        external_postgres(secured.owner(ca=Path("/nowhere/ca.crt")).url, DATA, RECIPES, lambda _: None)


def test_one_that_insists_on_tls_is_not_asked_without(secured: Secured) -> None:
    with pytest.raises(ShowdownError, match=r"--dsn: .*no pg_hba.conf entry .*no encryption"):
        external_postgres(secured.stack.postgres.owner_dsn, DATA, RECIPES, lambda _: None)


def test_the_name_is_verified_through_a_tunnel(secured: Secured) -> None:
    there = replace(secured.owner(), host="db.invalid")
    with pytest.raises(psycopg.OperationalError, match=r'does not match host name "db\.invalid"'):
        psycopg.connect(there.url_by_way_of("127.0.0.1", there.port))
    here = secured.owner()
    with psycopg.connect(here.url_by_way_of("127.0.0.1", here.port)) as connection:
        assert connection.pgconn.ssl_in_use


@pytest.mark.skipif(programs.find("pgbouncer") is None, reason="pgbouncer is not installed")
@pytest.mark.parametrize("right", [True, False])
def test_pgbouncer_verifies_it(secured: Secured, reachable_folder: Path, tmp_path: Path, right: bool) -> None:
    program = programs.find("pgbouncer")
    assert program is not None
    target = secured.api(ca=secured.ca if right else secured.other_ca)
    with running_pgbouncer(program, "session", target.url, 25, reachable_folder, tmp_path) as (dsn, process):
        if right:
            with psycopg.connect(dsn) as client, psycopg.connect(secured.owner().url) as owner:
                assert client.execute("SELECT id FROM recipes WHERE id = 1001").fetchone() == (1001,)
                assert owner.execute(ENCRYPTED).fetchall() == [(True, 1)]
        else:
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(dsn)
            assert "certificate verify failed" in process.log.read_text()

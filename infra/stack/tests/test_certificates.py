"""A server's certificate is signed by a CA made for it, and only the server can read its key."""

import os
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from showdown_stack.certificates import make_certificates
from showdown_stack.privilege import UPSTREAM


def test_a_certificate_is_for_this_machine(tmp_path: Path) -> None:
    made = make_certificates(tmp_path, UPSTREAM)
    server, *_ = x509.load_pem_x509_certificates(made.chain.read_bytes())
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    trusting = ssl.create_default_context(cafile=str(made.ca))
    assert trusting.cert_store_stats()["x509_ca"] >= 1


def test_a_key_is_its_servers_alone(tmp_path: Path) -> None:
    made = make_certificates(tmp_path, UPSTREAM)
    status = made.key.stat()
    assert stat.S_IMODE(status.st_mode) == 0o600
    assert status.st_uid == (UPSTREAM.uid if os.geteuid() == 0 else os.geteuid())
    # That of the CA is kept nowhere.
    assert {path.name for path in tmp_path.iterdir()} == {"ca.pem", "chain.pem", "key.pem"}
    assert b"PRIVATE" not in made.ca.read_bytes() + made.chain.read_bytes()


def test_a_certificate_can_be_of_another_name_and_over(tmp_path: Path) -> None:
    made = make_certificates(tmp_path, UPSTREAM, ["example.test"], datetime.now(UTC) - timedelta(days=1))
    server, *_ = x509.load_pem_x509_certificates(made.chain.read_bytes())
    assert server.not_valid_after_utc < datetime.now(UTC)

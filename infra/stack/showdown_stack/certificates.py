"""A private CA, and the certificate of a server on this machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from showdown_stack.ports import LOOPBACK
from showdown_stack.privilege import User, own, write_privately

NAMES = ("localhost", LOOPBACK)


@dataclass(frozen=True)
class Certificates:
    """The files, in PEM."""

    ca: Path
    """What a client has to trust."""
    chain: Path
    key: Path
    """Of the server; that of the CA is forgotten at once."""


def make_certificates(
    folder: Path, user: User, names: Sequence[str] = NAMES, expires: datetime | None = None
) -> Certificates:
    """Make them in a folder. The server's user, and nobody else but root, can read its key."""
    import trustme  # noqa: PLC0415 - this takes a while, and most commands need no certificate

    ca = trustme.CA()
    server = ca.issue_cert(*names, not_after=expires)
    made = Certificates(folder / "ca.pem", folder / "chain.pem", folder / "key.pem")
    ca.cert_pem.write_to_path(str(made.ca))
    made.chain.write_bytes(b"".join(pem.bytes() for pem in server.cert_chain_pems))
    write_privately(made.key, server.private_key_pem.bytes().decode())
    own(made.key, user)
    return made

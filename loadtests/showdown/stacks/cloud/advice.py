"""What to do about what is wrong with hosts and their database, by whoever has made them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

AGAIN = "`terraform -chdir=infra apply -refresh-only` reads it anew"


@dataclass(frozen=True)
class Advice:
    """How each message goes on."""

    more_service_hosts: str
    pool_size: str
    """Before a number."""
    session_mode: str
    other_ca: str
    refused_login: str
    not_let_in: str
    other_name: str


ADVICE: Mapping[str, Advice] = MappingProxyType({
    "terraform": Advice(
        more_service_hosts="apply with a larger service_count",
        pool_size="apply with pool_size =",
        session_mode='apply with pool_mode = "session"',
        other_ca=f"its certificate is of another CA than Terraform's outputs say: {AGAIN}",
        refused_login=f"the password has been changed since the last apply: {AGAIN}",
        not_let_in="it does not let the generator host in: look at the trusted sources of the database, which "
        "`terraform -chdir=infra apply` sets",
        other_name="open a ticket with the provider",
    ),
    "hosts": Advice(
        more_service_hosts="add service hosts to the inventory",
        pool_size="give it more, and say so in the inventory: pool_size =",
        session_mode='have it lend them for a session, and say so in the inventory: pool_mode = "session"',
        other_ca="its certificate is of another CA than that of sslrootcert in the DSN",
        refused_login="the DSN's password is not that of its user",
        not_let_in="it does not let the generator host in: look at pg_hba.conf, listen_addresses and firewalls",
        other_name="make one with the name that the DSN has",
    ),
})  # fmt: skip

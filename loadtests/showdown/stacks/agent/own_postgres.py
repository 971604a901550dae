"""Postgres on its own host, a systemd unit over a cluster that is made the first time."""

import json
import secrets
from pathlib import Path
from typing import Any

from showdown_stack.postgres import API_USER, OWNER, initdb
from showdown_stack.privilege import own_folder, write_privately
from showdown_stack.programs import postgres_programs

from showdown.files import replace_file
from showdown.stacks.agent.leash import Leash, announce
from showdown.stacks.agent.unit import Unit
from showdown.stacks.agent.watch import seen_in

POSTGRES = Unit("showdown-postgres.service")
CLUSTER = Path("/var/lib/showdown/postgres")
SETTINGS = Path("/etc/showdown")


def run_postgres(_leash: Leash, files: dict[str, str]) -> dict[str, str]:
    """Have Postgres run with these configuration files, by name; returns the passwords of its users, by name.

    Raises ShowdownError with the end of its log if it does not start.
    """
    passwords = CLUSTER / "passwords.json"
    # It is written last, when the cluster is whole.
    if not passwords.exists():
        POSTGRES.stop()
        own_folder(CLUSTER)
        made = {user: secrets.token_urlsafe(24) for user in (OWNER, API_USER)}
        initdb(postgres_programs(), CLUSTER, OWNER, made[OWNER])
        write_privately(passwords, json.dumps(made))
    changed = [name for name, text in files.items() if _differs(SETTINGS / name, text)]
    for name in changed:
        replace_file(SETTINGS / name, files[name])
        (SETTINGS / name).chmod(0o644)
    if changed or not POSTGRES.running:
        POSTGRES.restart()
    told: dict[str, str] = json.loads(passwords.read_text())
    return told


def watch_postgres(leash: Leash, windows: list[list[float]]) -> dict[str, Any]:
    """What Postgres cost in windows."""
    pid = POSTGRES.pid
    announce("ready")
    return {"seen": seen_in(leash, [(begin, end) for begin, end in windows], lambda _: pid)}


def _differs(path: Path, text: str) -> bool:
    return not path.exists() or path.read_text() != text

"""Lets test hosts connect to servers on this machine's loopback, such as the local stack's Postgres."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

# Both programs are parts of systemd.
LISTEN = "systemd-socket-activate"
RELAY = "/lib/systemd/systemd-socket-proxyd"


@contextmanager
def relayed(address: str, target: str) -> Iterator[None]:
    """Relay connections from `address` to `target`; both are host:port."""
    # It listens before it says so, and starts the relay at the first connection.
    relay = subprocess.Popen([LISTEN, f"--listen={address}", RELAY, target], stderr=subprocess.PIPE, text=True)
    try:
        assert relay.stderr is not None
        relay.stderr.readline()
        yield
    finally:
        relay.terminate()
        relay.communicate()

"""Free ports on loopback."""

import socket
from contextlib import ExitStack

from showdown_contract.errors import ShowdownError

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port that nothing listened on a moment ago."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """So many of them, all different."""
    with ExitStack() as probes:
        # All are held until the last is found.
        taken = [probes.enter_context(socket.socket()) for _ in range(count)]
        for probe in taken:
            probe.bind((LOOPBACK, 0))
        return [int(probe.getsockname()[1]) for probe in taken]


def require_free(port: int) -> int:
    """The port itself. Raises ShowdownError where something else listens on it."""
    with socket.socket() as probe:
        # Without it a port that was closed a moment ago would count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise ShowdownError(
                f"port {port} on {LOOPBACK} cannot be used ({error.strerror}): "
                "stop what listens there, or choose another"
            ) from None
    return port


def accepts(port: int) -> bool:
    """Whether something accepts connections on a port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0

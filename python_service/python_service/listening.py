"""Refusing new connections before a listening socket is closed."""

import socket
from contextlib import suppress

# <asm-generic/socket.h>; Python does not name it.
_SO_BINDTOIFINDEX = 62
_NO_INTERFACE = 2**31 - 1


def take_no_more(listener: socket.socket) -> None:
    """Refuse new connections, in every process that shares the socket. Those that have begun can still be accepted.

    Closing a listener resets the connections in its queue, and one may always arrive between the last accept and
    the close. So the listener is bound to a network interface that does not exist: the kernel then refuses
    connections by any other. Unlike a packet filter, this needs no privilege. On Linux before 5.7 and on other
    systems nothing changes, and a connection that arrives in that moment is reset.
    """
    with suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, _SO_BINDTOIFINDEX, _NO_INTERFACE)

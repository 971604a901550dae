"""A listening socket before its end."""

import socket
from contextlib import suppress

# <asm-generic/socket.h>; Python does not name it.
_SO_BINDTOIFINDEX = 62
_NO_INTERFACE = 2**31 - 1


def take_no_more(listener: socket.socket) -> None:
    """No new connection from here on, in any process that shares the socket; those begun can be accepted.

    To close a listener resets what waits in it, and between the last accept and the close there is always a
    moment. So the listener is bound to a network interface that does not exist: the kernel refuses whoever
    comes by another. It needs no privilege, as a packet filter may. Where the kernel is older than Linux 5.7,
    or is another, that moment stays.
    """
    with suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, _SO_BINDTOIFINDEX, _NO_INTERFACE)

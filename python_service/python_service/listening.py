"""A listening socket before its end."""

import ctypes
import socket
import struct
from contextlib import suppress

# <asm-generic/socket.h>; Python does not name it.
_SO_ATTACH_FILTER = 26
_OF_FLAGS, _SYN, _SYN_OR_ACK, _DROP, _KEEP = 13, 0x02, 0x12, 0, 0xFFFFFFFF
# Load a byte of the TCP header, mask it, skip one instruction if it differs, return: <linux/filter.h>.
_LOAD_BYTE, _AND, _JUMP_IF_EQUAL, _RETURN = 0x30, 0x54, 0x15, 0x06
_DROP_SYN = (
    (_LOAD_BYTE, 0, 0, _OF_FLAGS),
    (_AND, 0, 0, _SYN_OR_ACK),
    (_JUMP_IF_EQUAL, 0, 1, _SYN),
    (_RETURN, 0, 0, _DROP),
    (_RETURN, 0, 0, _KEEP),
)


def take_no_more(listener: socket.socket) -> None:
    """No new connection from here on, in any process that shares the socket; those begun can be accepted.

    To close a listener resets what waits in it, and between the last accept and the close there is always a
    moment. So the kernel is told to ignore the packets that begin a connection: whoever sends one asks again
    a second later, and meets the service's successor, or nobody. Where the kernel has no such filter, that
    moment stays.
    """
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in _DROP_SYN))
    with suppress(OSError):
        listener.setsockopt(
            socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HP", len(_DROP_SYN), ctypes.addressof(program))
        )

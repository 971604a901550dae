"""Which TCP connections there are, as /proc/PID/fd calls them. Linux only.

The kernel is asked for those that are established (sock_diag(7)): /proc/net/tcp lists all others, too, and after some
minutes of load has thousands that only wait for their end.
"""

import socket
import struct
from contextlib import suppress
from pathlib import Path

NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY = 4, 20
NLM_F_REQUEST_DUMP = 0x301
NLMSG_ERROR, NLMSG_DONE = 2, 3
ESTABLISHED = 1
HEADER = struct.Struct("=IHHII")
# inet_diag_req_v2: family, protocol, nothing, states; and a connection, of any kind.
REQUEST = struct.Struct("=BBBBI48x")
# Of an inet_diag_msg: its last number.
INODE_AT = HEADER.size + 68
RECEIVE_BYTES = 1 << 16
SECONDS = 2.0
# Fields of a line of /proc/net/tcp.
STATE, INODE = 3, 9


def established() -> set[bytes]:
    """All connections of this network namespace."""
    try:
        inodes = {inode for family in (socket.AF_INET, socket.AF_INET6) for inode in _ask(family)}
    except OSError:
        # A kernel, or a container, that does not tell.
        inodes = _read()
    return {b"socket:[%d]" % inode for inode in inodes}


def _ask(family: int) -> set[int]:
    inodes: set[int] = set()
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG) as kernel:
        kernel.settimeout(SECONDS)
        request = REQUEST.pack(family, socket.IPPROTO_TCP, 0, 0, 1 << ESTABLISHED)
        kernel.send(HEADER.pack(HEADER.size + len(request), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST_DUMP, 1, 0) + request)
        while True:
            received = kernel.recv(RECEIVE_BYTES)
            start = 0
            while start < len(received):
                length, kind, *_ = HEADER.unpack_from(received, start)
                if kind == NLMSG_DONE:
                    return inodes
                if kind == NLMSG_ERROR or length < HEADER.size:
                    raise OSError("the kernel does not tell of connections")
                inodes.add(struct.unpack_from("=I", received, start + INODE_AT)[0])
                start += (length + 3) & ~3


def _read() -> set[int]:
    inodes = set()
    for file in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(file).read_text().splitlines()[1:]:
                fields = line.split()
                if int(fields[STATE], 16) == ESTABLISHED:
                    inodes.add(int(fields[INODE]))
    return inodes

"""Waits until a moment to a tenth of a millisecond: gevent's own timers on Linux wake up to a millisecond late."""

import ctypes
import os
import time

import gevent
from gevent import get_hub

READ = 1
CLOCK_REALTIME, ABSOLUTE = 0, 1
_libc = ctypes.CDLL(None, use_errno=True)


class _Time(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Setting(ctypes.Structure):
    _fields_ = (("interval", _Time), ("value", _Time))


class Alarm:
    """A timer of the kernel's that one greenlet waits for; without such timers, one of gevent's."""

    def __init__(self) -> None:
        self._fd = -1
        if hasattr(_libc, "timerfd_create"):
            self._fd = _libc.timerfd_create(CLOCK_REALTIME, os.O_NONBLOCK | os.O_CLOEXEC)
            if self._fd < 0:
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number))
            self._readable = get_hub().loop.io(self._fd, READ)

    def wait_until(self, moment: float) -> None:
        """Return at this moment (seconds since 1970), or at once where it is over."""
        if moment <= time.time():
            return
        if self._fd < 0:
            gevent.sleep(moment - time.time())
            return
        seconds, fraction = divmod(moment, 1)
        setting = _Setting(_Time(0, 0), _Time(int(seconds), int(fraction * 1e9)))
        _libc.timerfd_settime(self._fd, ABSOLUTE, ctypes.byref(setting), None)
        get_hub().wait(self._readable)
        os.read(self._fd, 8)

    def close(self) -> None:
        if self._fd >= 0:
            self._readable.close()
            os.close(self._fd)
            self._fd = -1

"""Senders that begin a request and do not go on: they are cut off (408), and never hold all threads meanwhile.

A request may take a second, and a further second for every 10 kB of it, ten in all. A slower or longer one needs one of
few places, which are for half of the threads; there it has ten seconds longer, and as long as it keeps the pace. Who
does not read what was asked for is cut off as well. Behind a proxy that buffers nobody is slow.
"""

import errno
import socket
import threading
import time
from typing import Any

from werkzeug.exceptions import RequestTimeout

_QUICK_SECONDS = 1.0
_SLOW_SECONDS = 11.0
_MOST_SECONDS = 10.0  # without a place
_BYTES_A_SECOND = 10_000
_READ_SECONDS = 20.0


class Places:
    """How many slow senders are waited for at a time: half of the threads, one at the least."""

    def __init__(self, threads: int) -> None:
        self._free = threading.BoundedSemaphore(max(1, threads // 2))

    def take(self) -> bool:
        """Return whether there was a place; it is kept until it is given back."""
        return self._free.acquire(blocking=False)

    def give_back(self) -> None:
        """Let another slow sender have the place."""
        self._free.release()


class PacedSocket(socket.socket):
    """A connection whose requests have to come at a pace; between ``begin`` and ``end`` of one, ``recv`` sees to it."""

    _places: Places | None = None
    _holds = False
    _began = 0.0
    _received = 0
    _kept: list[bytes] | None = None

    @classmethod
    def of(cls, plain: socket.socket) -> "PacedSocket":
        """Take a connection over from the socket object it had."""
        return plain if isinstance(plain, cls) else cls(fileno=plain.detach())

    def begin(self, places: Places) -> None:
        """Expect a request from now on."""
        self._places, self._began, self._received = places, time.monotonic(), 0

    def end(self) -> None:
        """Expect nothing any more."""
        if self._holds and self._places is not None:
            self._places.give_back()
        self._places, self._holds = None, False

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """Receive as a socket does.

        Raises:
            RequestTimeout: the request comes too slowly.

        """
        if self._places is None:
            return super().recv(bufsize, flags)
        while True:
            left = self._left()
            if left > 0:
                try:
                    self.settimeout(left)
                    data = super().recv(bufsize, flags)
                    self._received += len(data)
                    return data
                except TimeoutError:
                    pass
                finally:
                    self.settimeout(None)
            self._be_slow()

    def keep(self) -> None:
        """Keep what is sent from now on until ``send_kept``."""
        self._kept = []

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Send as a socket does, or keep it.

        Raises:
            ConnectionResetError: what is sent is not read.

        """
        if self._kept is not None:
            self._kept.append(bytes(data))
            return
        self.settimeout(_READ_SECONDS + len(data) / _BYTES_A_SECOND)
        try:
            super().sendall(data, flags)
        except TimeoutError as error:
            raise ConnectionResetError(errno.ECONNRESET, "what was asked for is not read") from error
        finally:
            self.settimeout(None)

    def send_kept(self) -> bool:
        """Send what was kept, in one go; return whether the connection took it without waiting."""
        data, self._kept = b"".join(self._kept or ()), None
        try:
            return self.send(data, socket.MSG_DONTWAIT) == len(data)
        except OSError:
            return False

    def _left(self) -> float:
        pace = self._received / _BYTES_A_SECOND
        patience = _SLOW_SECONDS + pace if self._holds else min(_QUICK_SECONDS + pace, _MOST_SECONDS)
        return self._began + patience - time.monotonic()

    def _be_slow(self) -> None:
        if self._holds or self._places is None or not self._places.take():
            raise RequestTimeout("the request came too slowly and was not waited for: send it again, in one go")
        self._holds = True

"""The lane: one thread for many small captures, which takes the next one where a thread would wait for the writer.

Threads that wait for the same commit cost more than their captures: each is woken for itself, and all want the
interpreter at once. Here a capture is a coroutine (greenlet). It is taken only when its whole request has arrived, and
its answer is given up where the connection does not take it at once, so that nobody's network is waited for; what waits
for the writer is handed to it together. Everything else has the threads of the server.
"""

import os
import re
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

import structlog
from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]  # greenlet has no types

from traceability.storage.waiting import go_on_with

_SMALL = 65_536
_TOGETHER = 32
_TICK_SECONDS = 1.0
_START = b"POST /epcis/"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,5})[ \t]*\r\n", re.IGNORECASE)
_CODED = re.compile(rb"\r\n(?:transfer-encoding|expect)[ \t]*:", re.IGNORECASE)
_LOG = structlog.get_logger("serve")


class Connections(Protocol):
    """What a lane needs of the server whose connections it serves."""

    def handle_arrived(self, conn: Any) -> bool:
        """Answer the request that has arrived; return whether the connection stays open."""

    def hand_to_thread(self, conn: Any) -> None:
        """Serve a connection whose next request is not one for a lane."""

    def closed(self, conn: Any) -> None:
        """Close a connection."""


def has_arrived(connection: socket.socket) -> bool:
    """Return whether a small capture waits on the connection to its last byte; nothing is taken from it."""
    try:
        data = connection.recv(_SMALL, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except OSError:
        return False
    end = data.find(b"\r\n\r\n")
    if not data.startswith(_START) or end < 0 or _CODED.search(data, 0, end):
        return False
    length = _LENGTH.search(data, 0, end + 2)
    return length is not None and len(data) >= end + 4 + int(length[1])


class Lane:
    """Serves connections with captures that have arrived, in a thread of its own."""

    def __init__(self, connections: Connections, keepalive_seconds: float) -> None:
        self._connections = connections
        self._keepalive = keepalive_seconds
        self._steps: deque[Callable[[], Any]] = deque()
        self._held: list[tuple[Future[Any], Callable[[], None]]] = []
        self._idle: dict[Any, float] = {}  # in the order in which they run out
        self._poller = selectors.DefaultSelector()
        self._waking, self._wake_up = socket.socketpair()
        self._waking.setblocking(False)  # noqa: FBT003  # the socket's own signature
        self._wake_up.setblocking(False)  # noqa: FBT003  # the socket's own signature
        self._poller.register(self._waking, selectors.EVENT_READ)
        self._sleeps = False
        self._hub = getcurrent()
        self._thread = threading.Thread(target=self._work, name="lane", daemon=True)
        self._thread.start()

    def take(self, conn: Any) -> None:
        """Serve a connection on which a capture has arrived, and what arrives on it after that."""
        self._do(lambda: greenlet(self._serve, self._hub).switch(conn))

    def wait(self, future: "Future[Any]", hand_over: Callable[[], None]) -> None:
        """Go on with other captures until a future is done; called by a capture of this lane."""
        resume = getcurrent().switch
        self._held.append((future, hand_over))
        future.add_done_callback(lambda _: self._do(resume))
        self._hub.switch()

    def _do(self, step: Callable[[], Any]) -> None:
        self._steps.append(step)
        if self._sleeps:
            self._sleeps = False
            os.write(self._wake_up.fileno(), b"\0")

    def _work(self) -> None:
        go_on_with(self)
        self._hub = getcurrent()
        while True:
            try:
                self._turn()
            except Exception:  # noqa: BLE001  # one step's failure; the others have to be served
                _LOG.exception("the lane failed")

    def _turn(self) -> None:
        """Do what can be done, see what has arrived, and hand to the writer what waits when there is nothing else."""
        while self._steps:
            self._steps.popleft()()
            if len(self._held) >= _TOGETHER:
                self._hand_over()
        arrived = self._select(0.0)
        if self._held and not arrived:
            self._hand_over()
        for conn in arrived or self._sleep():
            self._go_on(conn)
        self._close_idle(time.monotonic())

    def _sleep(self) -> list[Any]:
        self._sleeps = True
        found = self._select(0.0 if self._steps else _TICK_SECONDS)  # looked at after the mark, as _do sets it before
        self._sleeps = False
        return found

    def _select(self, seconds: float) -> list[Any]:
        found = [key.data for key, _ in self._poller.select(seconds)]
        if None in found:
            self._waking.recv(4096)
        return [conn for conn in found if conn is not None]

    def _hand_over(self) -> None:
        held, self._held = self._held, []
        for future, hand_over in held:
            try:
                hand_over()
            except Exception as error:  # noqa: BLE001  # it is the capture's that waits for it
                future.set_exception(error)

    def _go_on(self, conn: Any) -> None:
        self._poller.unregister(conn.sock)
        del self._idle[conn]
        if has_arrived(conn.sock):
            greenlet(self._serve, self._hub).switch(conn)
        else:
            self._connections.hand_to_thread(conn)

    def _serve(self, conn: Any) -> None:
        if not self._handled(conn):
            self._connections.closed(conn)
        elif conn.parser.unreader.buf.getvalue():  # read beyond its request already
            self._connections.hand_to_thread(conn)
        else:
            self._poller.register(conn.sock, selectors.EVENT_READ, conn)
            self._idle[conn] = time.monotonic() + self._keepalive

    def _handled(self, conn: Any) -> bool:
        try:
            return self._connections.handle_arrived(conn)
        except Exception:  # noqa: BLE001  # the others have to be served
            _LOG.exception("a capture could not be served")
            return False

    def _close_idle(self, now: float) -> None:
        while self._idle and next(iter(self._idle.values())) <= now:
            conn = next(iter(self._idle))
            del self._idle[conn]
            self._poller.unregister(conn.sock)
            self._connections.closed(conn)

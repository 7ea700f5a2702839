"""Loads a running server over kept-alive connections: 64 clients that post, or one that asks; all bounded."""

import contextlib
import http.client
import re
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NoReturn, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from bench.serving import Server

CLIENTS = 64
_REST = 0.001  # seconds
_LONGEST: Final = 60
_PIECE: Final = 65_536
_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)


def load(
    url: str, secret: str, bodies: Sequence[tuple[bytes, str]], clients: int = CLIENTS
) -> tuple[float, list[float]]:
    """Post every (body, signature) once; return the seconds it took and each request's own time, sorted.

    One thread plays all clients, since what the load takes of the two cores the server lacks.

    Raises:
        RuntimeError: one was not answered with 202, so that there is no figure.

    """
    address = _address(url)
    requests = [_request(address, secret, body, signature) for body, signature in bodies]
    requests.reverse()
    with selectors.DefaultSelector() as poller, contextlib.ExitStack() as stack:
        begun = time.perf_counter()
        busy = [stack.enter_context(_Client(address, poller)) for _ in range(min(clients, len(requests)))]
        for client in busy:
            client.begin(requests.pop())
        times: list[float] = []
        while len(times) < len(bodies):
            for key, _ in poller.select(_LONGEST) or _late():
                client = key.data
                if (took := client.go_on()) is not None:
                    times.append(took)
                    client.rest()
                    if requests:
                        client.begin(requests.pop())
        return time.perf_counter() - begun, sorted(times)


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or 80


def _late() -> NoReturn:
    raise RuntimeError(f"no answer within {_LONGEST} seconds")


def _request(address: tuple[str, int], secret: str, body: bytes, signature: str) -> bytes:
    head = (
        f"POST /epcis/capture HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\nAccept-Encoding: identity\r\n"
        f"Content-Length: {len(body)}\r\nAuthorization: Bearer {secret}\r\nContent-Type: application/json\r\n"
        f"X-JWS-Signature: {signature}\r\n\r\n"
    )
    return head.encode() + body


class _Client:
    """A connection that is kept open, with one request on its way at a time."""

    def __init__(self, address: tuple[str, int], poller: selectors.BaseSelector) -> None:
        self._poller = poller
        self._sock = socket.create_connection(address, timeout=_LONGEST)
        self._sock.setblocking(False)  # noqa: FBT003  # the socket's own signature
        self._unsent, self._answer, self._begun = memoryview(b""), bytearray(), 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sock.close()

    def begin(self, request: bytes) -> None:
        """Send a request, as far as the connection takes it."""
        self._begun, self._unsent, self._answer = time.perf_counter(), memoryview(request), bytearray()
        self._send()
        wanted = selectors.EVENT_WRITE if self._unsent else selectors.EVENT_READ
        self._poller.register(self._sock, wanted, self)

    def rest(self) -> None:
        """Wait for nothing until the next request."""
        self._poller.unregister(self._sock)

    def go_on(self) -> float | None:
        """Send or receive what can be; return the seconds the request took once it was answered with 202."""
        if self._unsent:
            self._send()
            if not self._unsent:
                self._poller.modify(self._sock, selectors.EVENT_READ, self)
            return None
        data = self._sock.recv(_PIECE)
        if not data:
            raise RuntimeError("RemoteDisconnected: the server closed the connection without an answer")
        self._answer += data
        head, _, body = bytes(self._answer).partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if length is None or len(body) < int(length[1]):
            return None
        if not head.startswith(b"HTTP/1.1 202 "):
            raise RuntimeError(f"{head[9:12].decode()}: {body[:300]!r}")
        return time.perf_counter() - self._begun

    def _send(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._unsent = self._unsent[self._sock.send(self._unsent) :]


def ask(
    server: "Server", paths: Sequence[str], check: Callable[[str, int, bytes], None], warm: int = 50
) -> tuple[list[float], list[float]]:
    """Ask for one path after another and check each answer; ``warm`` of them do not count.

    Returns:
        For each the processor time of the server, whatever it did between two questions, and the wait; both sorted.

    """
    connection = http.client.HTTPConnection(*_address(server.address), timeout=_LONGEST)
    spent, waited = [], []
    for path in paths:
        used, begun = server.thread_seconds(), time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        waited.append(time.perf_counter() - begun)
        check(path, answer.status, body)
        time.sleep(_REST)  # what the server does after its answer counts too
        spent.append(server.thread_seconds() - used)
    connection.close()
    return sorted(spent[warm:]), sorted(waited[warm:])


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of the sorted values lie."""
    return values[min(len(values) - 1, int(len(values) * share))]

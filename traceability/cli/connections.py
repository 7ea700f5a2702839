"""How the web server serves connections: a small capture that has arrived in the lane, anything else in a thread."""

import contextlib
import json
import time
from email.utils import formatdate
from functools import lru_cache
from typing import Any

import structlog
from gunicorn import util  # type: ignore[import-untyped]  # gunicorn has no types
from gunicorn.http import errors, message  # type: ignore[import-untyped]  # as above
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]  # as above
from werkzeug.exceptions import RequestTimeout

from traceability.cli.lane import Lane, has_arrived
from traceability.cli.slow_senders import PacedSocket, Places
from traceability.config import MAX_URI
from traceability.errors import UriTooLong

LINE_BYTES = 2 * MAX_URI
HEADER_BYTES = 16_384
HEADERS = 100
_OURS = (errors.ConfigurationProblem, errors.InvalidResponseHeader, errors.InvalidResponseHeaderName)
_LOG = structlog.get_logger("serve")


@lru_cache(1)
def _date(_second: int) -> str:
    return str(formatdate(usegmt=True))


def _http_date() -> str:
    return _date(int(time.monotonic()))


# Written out once a second and not once an answer: a fortieth of a capture.
util.http_date = _http_date
# gunicorn takes no longer line than this constant says, unless it takes any; the application answers for its own limit.
message.MAX_REQUEST_LINE = LINE_BYTES


class RequestThreads(ThreadWorker):  # type: ignore[misc]  # as above
    """Answers what it cannot read as a request the way the application answers: as a problem document (RFC 9457)."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._places = Places(self.cfg.threads)

    def init_process(self) -> None:
        """Start what serves captures that have arrived, in the process that serves."""
        self._lane = Lane(self, self.cfg.keepalive)
        super().init_process()

    def enqueue_req(self, conn: Any) -> None:
        """Serve a request: a capture that has arrived in the lane, anything else in a thread."""
        if has_arrived(conn.sock):
            self._lane.take(conn)
        else:
            self.hand_to_thread(conn)

    def hand_to_thread(self, conn: Any) -> None:
        """Serve a request in a thread, which may wait for it."""
        super().enqueue_req(conn)

    def handle_arrived(self, conn: Any) -> bool:
        """Answer a request that has arrived; return whether the connection stays open."""
        conn.sock = PacedSocket.of(conn.sock)
        conn.sock.keep()
        keeps_open = bool(super().handle(conn))
        return conn.sock.send_kept() and keeps_open

    def closed(self, conn: Any) -> None:
        """Close a connection of the lane; the main thread counts them."""
        self.method_queue.defer(self._close, conn)

    def _close(self, conn: Any) -> None:
        self.nr_conns -= 1
        conn.close(graceful=True)

    def handle(self, conn: Any) -> Any:
        """Handle a request that has to come at a pace."""
        conn.sock = PacedSocket.of(conn.sock)
        conn.sock.begin(self._places)
        try:
            return super().handle(conn)
        finally:
            conn.sock.end()

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Tell the caller what was wrong; what is not the caller's to mend is gunicorn's to log and answer."""
        if req is not None and isinstance(exc, RequestTimeout):
            return  # the application has answered already; what did not come is not waited for
        found = _refusal(exc)
        if found is None:
            super().handle_error(req, client, addr, exc)
            return
        _LOG.warning("no request", status=found["status"], error=str(exc)[:200])
        body = json.dumps(found).encode()
        head = (
            f"HTTP/1.1 {found['status']} {found['title']}\r\nConnection: close\r\n"
            f"Content-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with contextlib.suppress(OSError):  # who has gone reads no answer
            util.write_nonblock(client, head.encode() + body)


def _refusal(error: BaseException) -> dict[str, Any] | None:
    if isinstance(error, RequestTimeout):
        return {"type": "about:blank", "title": error.name, "status": 408, "detail": error.description}
    if isinstance(error, errors.LimitRequestLine):
        said = f"path and query may have {MAX_URI} bytes; these have more: ask in several requests"
        return {"type": UriTooLong.type, "title": "URI Too Long", "status": UriTooLong.status, "detail": said}
    if isinstance(error, errors.LimitRequestHeaders):
        said = f"a request may have {HEADERS} headers of {HEADER_BYTES} bytes each; this one has more"
        title = "Request Header Fields Too Large"
        return {"type": "about:blank", "title": title, "status": 431, "detail": said}
    if isinstance(error, errors.UnsupportedTransferCoding):
        said = "a body is sent whole or in chunks (RFC 9112); no other transfer coding is read"
        return {"type": "about:blank", "title": "Not Implemented", "status": 501, "detail": said}
    if isinstance(error, errors.ParseException) and not isinstance(error, _OURS):
        said = f"this is no HTTP request that can be read: {str(error)[:200]}"
        return {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": said}
    return None

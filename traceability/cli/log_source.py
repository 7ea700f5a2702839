"""A log that somebody serves over HTTP (C2SP tlog-tiles), as the source of a copy. Nothing it says is believed."""

import gzip
import io
import urllib.error
import urllib.request
import zlib
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from traceability.errors import InvalidInput, Unavailable

_TIMEOUT = 60
_LARGEST = 256 * (2 + 65_535)  # bytes of a bundle of the longest entries
_GONE = (404, 410)


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """Answers as it came where it leads elsewhere: who runs the other end must not choose what is asked from here."""

    def redirect_request(self, *_args: Any, **_named: Any) -> None:
        """Return no further request."""


class OverHttp:
    """One prefix; plain http will do, since everything is verified with a key known beforehand."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidInput(f"expected the address of a log, as https://traceability.example/ledger; got {url!r}")
        self._prefix = url.rstrip("/")
        self._opener = urllib.request.build_opener(NoRedirects())

    def get(self, path: str) -> bytes | None:
        """Return the bytes of a resource; None where the log has none.

        Raises:
            Unavailable: nobody answers, or the answer is an error or redirect, too long for any resource, or not as it
                says.

        """
        address = f"{self._prefix}/{path}"
        asked = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})  # noqa: S310  # http and https only, see above
        try:
            with self._opener.open(asked, timeout=_TIMEOUT) as answer:
                data: bytes = answer.read(_LARGEST + 1)
                squeezed = answer.headers.get("Content-Encoding", "").lower() == "gzip"
            return _bounded(_unpacked(data) if squeezed else data, address)
        except urllib.error.HTTPError as error:
            with error:
                if error.code in _GONE:
                    return None
                raise Unavailable(f"{address} answers {error.code}{_leading(error)}") from error
        except (OSError, EOFError, zlib.error, HTTPException) as error:
            raise Unavailable(f"{address} does not answer: {getattr(error, 'reason', None) or error}") from error


def _leading(error: urllib.error.HTTPError) -> str:
    """Return what is to be told of a redirect; nothing of another error."""
    target = error.headers.get("Location") if 300 <= error.code < 400 else None  # noqa: PLR2004  # RFC 9110, 15.4
    if target is None:
        return ""
    return f", a redirect to {target[:200]!r}, which is not followed: name the address at which the log itself answers"


def _unpacked(data: bytes) -> bytes:
    with gzip.open(io.BytesIO(data)) as stream:
        return stream.read(_LARGEST + 1)


def _bounded(data: bytes, address: str) -> bytes:
    if len(data) > _LARGEST:
        raise Unavailable(f"{address} answers with more than {_LARGEST} bytes, which no resource of a log has")
    return data

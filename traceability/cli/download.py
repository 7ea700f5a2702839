"""One file from an address of a publisher, over https alone, within bounds of time and size."""

import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from traceability.clock import elapsed
from traceability.errors import InvalidInput, TooLarge, Unavailable
from traceability.lists.seedfile import MAX_BYTES

SCHEMES = ("https",)
"""What is fetched and followed; never plain http, where anybody on the way could take a name off a list."""
_TIMEOUT = 60
_LONGEST = 900  # seconds of one file
_PIECE = 65_536
_AGENT = "traceability lists fetch"


class _Followed(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        """Follow to the same kind of address alone; raises Unavailable otherwise."""
        if urlsplit(newurl).scheme not in SCHEMES:
            raise Unavailable(f"it leads to {newurl[:200]!r}, which is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def download(address: str, seconds: Callable[[], float] = elapsed) -> tuple[bytes, str]:
    """Return the bytes at an address and their media type; ``seconds`` tells how time passes.

    Raises:
        InvalidInput: the address is not https.
        Unavailable: nobody answers in time, the answer is an error, ends early, is empty, or leads to another
            kind of address.
        TooLarge: it is larger than any list.

    """
    if urlsplit(address).scheme not in SCHEMES or not urlsplit(address).hostname:
        raise InvalidInput(f"expected an address with https; got {address[:200]!r}")
    asked = urllib.request.Request(address, headers={"User-Agent": _AGENT})  # noqa: S310  # https only, see above
    opener = urllib.request.build_opener(_Followed())
    try:
        with opener.open(asked, timeout=_TIMEOUT) as answer:
            data = _whole(answer, seconds)
            return data, answer.headers.get_content_type()
    except urllib.error.HTTPError as error:
        with error:
            raise Unavailable(f"it answers {error.code} {error.reason}") from error
    except (OSError, HTTPException) as error:
        raise Unavailable(f"it does not answer: {getattr(error, 'reason', None) or error}") from error


def _whole(answer: Any, seconds: Callable[[], float]) -> bytes:
    until, found = seconds() + _LONGEST, bytearray()
    while piece := answer.read(_PIECE):
        found += piece
        if len(found) > MAX_BYTES:
            raise TooLarge(f"it has more than {MAX_BYTES} bytes, more than a list has")
        if seconds() > until:
            raise Unavailable(f"it took more than {_LONGEST} seconds")
    length = answer.headers.get("Content-Length")
    if not found or (length is not None and length.isdigit() and int(length) != len(found)):
        raise Unavailable(f"it ended early: {len(found)} bytes of {length or 'some'}")
    return bytes(found)

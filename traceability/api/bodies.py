"""Bodies and addresses of bounded size: what is too large is never held, and its sender still reads the answer."""

import contextlib
from typing import IO

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, RequestTimeout

from traceability.config import MAX_URI
from traceability.errors import InvalidInput, LengthRequired, TooLarge, UriTooLong

MAX_JSON = 10_000_000
"""Bytes of a JSON body, and of every other body that is not a form with files."""
MAX_FORM = 3_000_000
"""Bytes of a form without files: the draft of 500 custody events fits, though a browser triples its quotation marks."""
_OVERRUN = 6_000_000
_PIECE = 65_536
_FORM = "application/x-www-form-urlencoded"
_FILES = "multipart/form-data"


def install(app: Flask) -> None:
    """Bound every request of the app."""
    app.before_request(_bound)
    app.after_request(_take_the_rest)


def read(limit: int, what: str) -> bytes:
    """Return the bytes of this request's body, whether its length was announced or it comes in chunks.

    Args:
        limit: bytes that are taken.
        what: names the body in the message, such as "a capture".

    Raises:
        TooLarge: it has more; no more than ``limit`` bytes of it were held.
        InvalidInput: it ended too early, or its chunks are damaged.
        RequestTimeout: it came too slowly (408).

    """
    length = request.content_length
    if length is not None and length > limit:
        raise TooLarge(f"{what} may have {limit} bytes; this one has {length}. Split it")
    request.max_content_length = limit + 1  # there werkzeug cuts chunked bodies off, without a word
    try:
        data = request.get_data(cache=False)
    except RequestTimeout:
        raise
    except HTTPException as error:
        raise InvalidInput("the body ended before it was whole: send it again") from error
    except Exception as error:  # whatever the server's own reader finds wrong with what was sent
        raise InvalidInput(f"the body cannot be read: {str(error)[:200]}") from error
    if len(data) > limit:
        raise TooLarge(f"{what} may have {limit} bytes; this one has more. Split it")
    return data


def _bound() -> None:
    length = len(request.path.encode()) + len(request.query_string)
    if length > MAX_URI:
        raise UriTooLong(f"path and query may have {MAX_URI} bytes; these have {length}: ask in several requests")
    if "\x00" in request.path or b"%00" in request.query_string:
        raise InvalidInput("path or query holds the character NUL (%00): leave it out")
    if request.mimetype == _FORM:
        _bound_form()
    elif request.mimetype != _FILES:
        request.max_content_length = MAX_JSON + 1


def _bound_form() -> None:
    length = request.content_length
    if length is None and request.environ.get("HTTP_TRANSFER_ENCODING"):
        raise LengthRequired("a form without files is sent whole, with its Content-Length")
    request.max_content_length = MAX_FORM
    if length is not None and length > MAX_FORM:
        raise TooLarge(f"a form without files may have {MAX_FORM} bytes; this one has {length}")


def _take_the_rest(response: Response) -> Response:
    """Read on for a while before a refusal: a sender that is cut off in the middle would never see the answer."""
    bad_request, allowed = 400, (request.max_content_length or 0) + _OVERRUN
    if response.status_code < bad_request or "wsgi.input_terminated" not in request.environ:
        return response  # other servers do not say where a body ends
    if (request.content_length or 0) <= allowed:
        with contextlib.suppress(Exception):  # the refusal stands, whatever else is wrong with the body
            _discard(request.environ["wsgi.input"], allowed)
    return response


def _discard(stream: IO[bytes], allowed: int) -> None:
    while allowed > 0 and (piece := stream.read(_PIECE)):
        allowed -= len(piece)

"""A service somewhere else, over its API: JSON over HTTP with the standard library, certificates verified."""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

import click

from traceability.cli.log_source import NoRedirects
from traceability.cli.output import parsed
from traceability.errors import InvalidInput, Problem, TraceabilityError, Unavailable

_TIMEOUT = 120
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ERROR = 400


class Refused(TraceabilityError):
    """The service refused the request; ``status`` is the one it answered."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        problems = [Problem(str(item.get("path", "")), str(item.get("message", ""))) for item in body.get("errors", ())]
        super().__init__(str(body.get("detail") or body.get("title") or f"HTTP {status}"), problems=problems)
        self.answered = status

    @property
    def status(self) -> int:  # type: ignore[override]  # of this answer, not of the class
        """Return the status the service answered."""
        return self.answered


class Remote:
    """One service, by its address and what proves who asks: an API key or session token, or a name and password."""

    def __init__(self, url: str, token: str | None = None, *, basic: tuple[str, str] | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidInput(f"expected an address such as https://traceability.example; got {url!r}")
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK and (token or basic):
            raise InvalidInput(f"{url} is not https: an API key would travel readably; use https")
        self._url = url.rstrip("/")
        self._headers = {"Accept": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        elif basic:
            self._headers["Authorization"] = "Basic " + base64.b64encode(":".join(basic).encode()).decode()
        self._opener = urllib.request.build_opener(NoRedirects())  # one would carry the API key to another address

    def get(self, path: str) -> Any:
        """Return the JSON of an address; raises as ``send``."""
        return self.send("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        """Post a JSON value and return the JSON answer; raises as ``send``."""
        return self.send("POST", path, json.dumps(body or {}).encode(), {"Content-Type": "application/json"})

    def send(self, method: str, path: str, data: bytes | None = None, headers: Mapping[str, str] | None = None) -> Any:
        """Send a request and return the JSON answer; None where there is none.

        Raises:
            Refused: the service answered with an error.
            Unavailable: nobody answers, or it is not this service.

        """
        found = self.raw(method, path, data, headers)
        return _json(found, self._url) if found else None

    def raw(self, method: str, path: str, data: bytes | None = None, headers: Mapping[str, str] | None = None) -> bytes:
        """Send a request and return the bytes of the answer; raises as ``send``."""
        return self.whole(method, path, data, headers)[0]

    def whole(
        self, method: str, path: str, data: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[bytes, Mapping[str, str]]:
        """Send a request and return the bytes and the header of the answer; raises as ``send``."""
        request = urllib.request.Request(  # noqa: S310  # http and https only, see __init__
            self._url + path, data=data, method=method, headers={**self._headers, **(headers or {})}
        )
        try:
            with self._opener.open(request, timeout=_TIMEOUT) as answer:
                found: tuple[bytes, Mapping[str, str]] = (answer.read(), answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(error.code, _problem(error)) from error
        except (OSError, HTTPException) as error:
            raise Unavailable(f"{self._url} does not answer: {getattr(error, 'reason', None) or error}") from error
        return found


def _problem(error: urllib.error.HTTPError) -> Mapping[str, Any]:
    try:
        body = parsed(error.read())
    except ValueError:
        return {"detail": f"HTTP {error.code} {error.reason}"}
    return body if isinstance(body, dict) else {"detail": f"HTTP {error.code}"}


def _json(data: bytes, url: str) -> Any:
    try:
        return parsed(data)
    except ValueError as error:
        raise Unavailable(f"{url} answers no JSON; is it this service?") from error


def remote_options(*, required: bool = True) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add ``--url`` and ``--token``."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        url = click.option("--url", required=required, envvar="TRC_URL", help="Address of the service, or TRC_URL.")
        token = click.option(
            "--token", envvar="TRC_TOKEN", help="API key or session token; better in TRC_TOKEN, unseen."
        )
        return url(token(function))

    return decorate

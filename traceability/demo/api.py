"""Requests to the application in this process: the same addresses, headers and signatures as over a network."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import orjson

from traceability.errors import TraceabilityError
from traceability.ledger.credential import make_credential
from traceability.ledger.jose import sign_compact, sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.services.context import Service

Headers = Mapping[str, str]
_REFUSED = 400


class App(Protocol):
    """A WSGI application with a test client, as Flask's."""

    def test_client(self, *, use_cookies: bool) -> Any:
        """Return a client."""


class DemoRefused(TraceabilityError):
    """The API refused a request of the demonstration, which is a fault of ours; nothing else may hide it."""


class Api:
    """A client of the application; every answer that is an error ends the demonstration."""

    def __init__(self, app: App, service: Service) -> None:
        self._client = app.test_client(use_cookies=False)
        self._service = service

    def get(self, path: str, auth: Headers) -> Any:
        """Return the JSON of an address.

        Raises:
            DemoRefused: the answer is an error.

        """
        return self._send("GET", path, headers=dict(auth))

    def post(self, path: str, body: Any, auth: Headers | None = None) -> Any:
        """Post JSON; raises as ``get``."""
        return self._send("POST", path, json=body, headers=dict(auth or {}))

    def detached(self, path: str, body: bytes, key: PrivateKey, auth: Headers) -> Any:
        """Post JSON bytes with a detached signature over exactly these bytes (RFC 7797)."""
        headers = {"Content-Type": "application/json", "X-JWS-Signature": sign_detached(body, key, kid=key.kid)}
        return self._send("POST", path, data=body, headers={**auth, **headers})

    def credential(self, path: str, body: bytes, key: PrivateKey, auth: Headers) -> Any:
        """Post the same as the subject of a credential, enveloped in a compact signature (``vc+jwt``)."""
        payload = make_credential(body, key.kid.partition("#")[0], self._service.clock())
        data = sign_compact(payload, key, kid=key.kid)
        return self._send("POST", path, data=data, headers={**auth, "Content-Type": "application/vc+jwt"})

    def upload(self, filename: str, data: bytes, links: Sequence[tuple[str, str]], auth: Headers) -> Any:
        """Upload a document about batches and shipments (multipart)."""
        import io

        form: dict[str, Any] = {"file": (io.BytesIO(data), filename)}
        for kind in {kind for kind, _ in links}:
            form[kind] = [target for linked, target in links if linked == kind]
        return self._send("POST", "/v1/documents", data=form, headers=dict(auth))

    def _send(self, method: str, path: str, **request: Any) -> Any:
        response = self._client.open(path, method=method, **request)
        body = orjson.loads(response.data) if response.data else None
        if response.status_code >= _REFUSED:
            said = body.get("detail") or body.get("title") or body if isinstance(body, dict) else body
            raise DemoRefused(f"{method} {path} answered {response.status_code}: {said}")
        return body


def basic(name: str, password: str) -> Headers:
    """Return the header of a person's name and password."""
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def bearer(secret: str) -> Headers:
    """Return the header of an API key."""
    return {"Authorization": f"Bearer {secret}"}

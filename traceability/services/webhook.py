"""Posting to the operator's own software, signed so that nothing is forged or replayed (Standard Webhooks, fault 32).

The headers ``webhook-id``, ``webhook-timestamp`` (Unix seconds) and ``webhook-signature`` are those of the Standard
Webhooks specification: ``v1,`` and the base64 HMAC-SHA256 over id, timestamp and body with dots between. Who receives
compares the signature, refuses a timestamp more than five minutes off, and takes each id once.
"""

import base64
import binascii
import hashlib
import hmac
import ipaddress
import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from traceability.config import PREFIX, Settings
from traceability.errors import InvalidInput, TraceabilityError
from traceability.services.outgoing import Outgoing, outgoing

_SECRET = re.compile(r"whsec_([A-Za-z0-9+/]+={0,2})")
_LEAST, _MOST = 24, 64  # bytes of the secret, as the specification has it
_ANSWER = 4_000


class NotTaken(TraceabilityError):
    """The receiver answered, but not that it has taken the message; it is posted again later."""

    status = 503


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where to post, and the secret that receiver and service share."""

    url: str
    call: Outgoing
    secret: bytes = field(repr=False)

    def post(self, message_id: str, at: datetime, body: bytes) -> None:
        """Post one message as JSON.

        Args:
            message_id: the same for the same message, so that a receiver takes it once.
            at: the moment it is signed for.
            body: JSON.

        Raises:
            NotReached: nobody answers in time, at an address that may be called.
            NotTaken: an answer of another status than 200 to 299; a redirect is not followed.

        """
        seconds = str(int(at.timestamp()))
        headers = {
            "webhook-id": message_id,
            "webhook-timestamp": seconds,
            "webhook-signature": signature(self.secret, message_id, seconds, body),
        }
        status, answer = self.call.post(self.url, body, "application/json", headers)
        if not 200 <= status < 300:  # noqa: PLR2004  # what HTTP calls successful
            raise NotTaken(f"{self.url} answered {status}: {answer[:150].decode('utf-8', 'replace').strip()}")


def signature(secret: bytes, message_id: str, seconds: str, body: bytes) -> str:
    """Return the signature of a message, as it stands in its header."""
    signed = b".".join((message_id.encode(), seconds.encode(), body))
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def read_webhook(settings: Settings) -> Webhook | None:
    """Return the webhook of the settings; None where none is named. Nobody is called.

    Raises:
        InvalidInput: the address may not be called, or the secret cannot be used.

    """
    url, path = settings.webhook_url, settings.webhook_secret_file
    if url is None and path is None:
        return None
    if url is None or path is None:
        raise InvalidInput(f"{PREFIX}WEBHOOK_URL: expected together with {PREFIX}WEBHOOK_SECRET_FILE")
    call = replace(outgoing(settings), most=_ANSWER)
    try:
        parts = replace(call, private=True).check(url)
        if parts.scheme == "http" and _is_here(parts.hostname or ""):
            call = replace(call, private=True)
        elif parts.scheme == "http":
            raise InvalidInput(f"expected https, or http at this machine itself; got {url[:200]!r}")
    except InvalidInput as error:
        raise InvalidInput(f"{PREFIX}WEBHOOK_URL: {error.detail}") from error
    return Webhook(url, call, _secret(path))


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _secret(path: Path) -> bytes:
    expected = f"{PREFIX}WEBHOOK_SECRET_FILE: expected a file with whsec_ and the base64 of {_LEAST} to {_MOST} bytes"
    try:
        found = _SECRET.fullmatch(path.read_text(encoding="ascii").strip())
        secret = base64.b64decode(found[1], validate=True) if found else b""
    except (OSError, ValueError, binascii.Error) as error:
        raise InvalidInput(f"{expected}; {path} cannot be read as one") from error
    if not _LEAST <= len(secret) <= _MOST:
        raise InvalidInput(f"{expected}; {path} holds another")
    return secret

"""Verifiable credentials as they wrap events: W3C VCDM 2.0 secured by JOSE (VC-JOSE-COSE), the payload of `vc+jwt`.

Only what authenticity needs is read: who says it (issuer), since when and until when, and what (credentialSubject).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson

from traceability import strict_json
from traceability.errors import InvalidInput
from traceability.ledger.errors import CredentialNotValid

CONTEXT = "https://www.w3.org/ns/credentials/v2"
CLOCK_TOLERANCE = timedelta(minutes=5)

_WRAPPED = "EnvelopedVerifiableCredential"
_DATA_URL = "data:application/vc+jwt,"
# xsd:dateTimeStamp: the zone is not optional.
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,12})?(Z|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Credential:
    """What a credential says about itself; its issuer is a claim until the signature's key is known to be theirs."""

    issuer: str
    valid_from: datetime | None
    valid_until: datetime | None
    subject: Any
    """The credentialSubject as parsed: an EPCISDocument, one event, or a UNTP event."""
    id: str | None


def read_credential(payload: bytes) -> Credential:
    """Read a credential from the verified payload of a `vc+jwt`.

    Raises:
        InvalidInput: not a VCDM 2.0 credential.

    """
    return credential_of(strict_json.loads(payload))


def credential_of(value: Any) -> Credential:
    """Read a credential from its parsed payload.

    Raises:
        InvalidInput: not a VCDM 2.0 credential.

    """
    if not isinstance(value, dict) or CONTEXT not in _listed(value.get("@context"))[:1]:
        raise InvalidInput(f"expected a credential (VCDM 2.0) whose @context begins with {CONTEXT}")
    if "VerifiableCredential" not in _listed(value.get("type")):
        raise InvalidInput("expected VerifiableCredential among the credential's type")
    subject = value.get("credentialSubject")
    if not isinstance(subject, dict | list) or not subject:
        raise InvalidInput("expected a credentialSubject: the EPCISDocument or event that is signed")
    start, end = _moment(value, "validFrom"), _moment(value, "validUntil")
    if start and end and end < start:
        raise InvalidInput(f"expected validUntil after validFrom; got {value['validFrom']} until {value['validUntil']}")
    return Credential(_issuer(value.get("issuer")), start, end, subject, _identifier(value))


def is_wrapped(data: bytes) -> bool:
    """Tell whether the bytes are a JSON ``EnvelopedVerifiableCredential``, and no text that merely speaks of one."""
    if _WRAPPED.encode() not in data:
        return False
    try:
        return _is_wrapper(strict_json.loads(data, max_string=len(data)))
    except InvalidInput:
        return False


def unwrap(data: bytes) -> bytes:
    """Return the compact JWS inside a JSON ``EnvelopedVerifiableCredential`` (VCDM 2.0, section 4.13).

    Raises:
        InvalidInput: another object, or another data URL than ``data:application/vc+jwt,``.

    """
    value = strict_json.loads(data, max_string=len(data))  # the whole JWS is one string
    if not _is_wrapper(value):
        raise InvalidInput(f"expected a JSON object of type {_WRAPPED}")
    url = value.get("id")
    if not isinstance(url, str) or not url.startswith(_DATA_URL):
        raise InvalidInput(f"expected the id of the {_WRAPPED} to begin with {_DATA_URL}")
    return url.removeprefix(_DATA_URL).encode()


def make_credential(subject: Mapping[str, Any] | bytes, issuer: str, valid_from: datetime) -> bytes:
    """Return the payload to sign; a ``subject`` given as JSON bytes is put in byte for byte.

    Raises:
        InvalidInput: ``valid_from`` has no time zone, or the subject cannot be written as JSON.

    """
    if valid_from.tzinfo is None:
        raise InvalidInput(f"expected a moment with a time zone; got {valid_from.isoformat()}")
    credential = {
        "@context": [CONTEXT],
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "validFrom": valid_from.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "credentialSubject": orjson.Fragment(subject) if isinstance(subject, bytes) else dict(subject),
    }
    try:
        return orjson.dumps(credential, default=_decimal)
    except orjson.JSONEncodeError as error:
        raise InvalidInput(f"the subject cannot be written as JSON: {error}") from error


def check_validity(credential: Credential, received_at: datetime) -> None:
    """Check that the credential was in force at ``received_at``; its start may lie 5 minutes ahead (clocks differ).

    Raises:
        CredentialNotValid: not yet, or no longer.

    """
    if credential.valid_from and received_at + CLOCK_TOLERANCE < credential.valid_from:
        raise CredentialNotValid(
            f"the credential is valid from {credential.valid_from.isoformat()}; it came at {received_at.isoformat()}"
        )
    if credential.valid_until and credential.valid_until < received_at:
        raise CredentialNotValid(
            f"the credential was valid until {credential.valid_until.isoformat()}; it came at {received_at.isoformat()}"
        )


def _is_wrapper(value: object) -> bool:
    return isinstance(value, dict) and _WRAPPED in _listed(value.get("type"))


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _issuer(value: object) -> str:
    name = value.get("id") if isinstance(value, dict) else value
    if not isinstance(name, str) or not name:
        raise InvalidInput("expected an issuer: a DID or URL, or an object with it as id")
    return name


def _identifier(value: Mapping[str, Any]) -> str | None:
    name = value.get("id")
    if name is not None and not isinstance(name, str):
        raise InvalidInput("expected the credential's id as text")
    return name


def _moment(value: Mapping[str, Any], name: str) -> datetime | None:
    text = value.get(name)
    if text is None:
        return None
    try:
        if isinstance(text, str) and _STAMP.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"{name}: {text} is no date of the calendar") from error
    raise InvalidInput(f"expected {name} as a date and time with zone, like 2026-07-01T12:00:00Z; got {text!r}")


def _decimal(value: object) -> object:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value).encode())  # kilograms keep their literal digits
    raise TypeError

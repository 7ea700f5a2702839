"""Relayed events: the acting party's own signature inside another party's capture (``crm:eventCredential``)."""

from typing import Any

from sqlmodel import Session

from traceability.errors import TraceabilityError
from traceability.events.model import CustodyEvent
from traceability.ledger import credential as vc
from traceability.ledger import jose
from traceability.ledger.keys import PublicKey
from traceability.services.content import content_digest
from traceability.services.context import Service
from traceability.services.receipts import root_at
from traceability.services.signed import key_of
from traceability.storage.tables import PartyKey


def credential_signer(service: Service, event: CustodyEvent) -> str | None:
    """Return the DID of the party whose relayed signature verifies and says exactly this event; None otherwise.

    A relayed signature that does not hold makes nothing false: the event is then vouched for by its sender alone.
    """
    token = event.crm("eventCredential")
    if not isinstance(token, str):
        return None
    try:
        return _verified(service, token, event)
    except TraceabilityError:
        return None


def _verified(service: Service, token: str, event: CustodyEvent) -> str | None:
    signed = jose.read_compact(token.encode())
    with service.store.read() as session:
        key, party = key_of(session, signed.kid)
        if not _active(key) or party.state != "active" or not _is_for_us(service, session, signed):
            return None
    jose.verify(signed, PublicKey.from_jwk(key.jwk))
    credential = vc.read_credential(signed.payload)
    vc.check_validity(credential, service.clock())
    if credential.issuer != party.did or not isinstance(credential.subject, dict):
        return None
    said = _without_credential(credential.subject)
    same = content_digest(said) == content_digest(_without_credential(event.raw))
    return party.did if same and said.get("errorDeclaration") == event.raw.get("errorDeclaration") else None


def _is_for_us(service: Service, session: Session, signed: jose.Signed) -> bool:
    """Tell whether what the signer says of a log fits ours; who names none says nothing of it."""
    anchor = signed.log_anchor
    return signed.log_origin in (None, service.settings.log_origin) and (
        anchor is None or root_at(session, anchor.size) == anchor.root
    )


def _active(key: PartyKey) -> bool:
    return key.state == "active"


def _without_credential(raw: Any) -> dict[str, Any]:
    return {name: value for name, value in raw.items() if not name.endswith("eventCredential")}

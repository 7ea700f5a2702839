"""Captures refused with 401 or 403: kept for the officers, rate-limited, never evidence (ARCHITECTURE).

An officer sees those of its importer, of the suppliers in the importer's chains, and those of nobody known.
"""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.errors import InvalidInput, NotFound, TooManyRequests, TraceabilityError
from traceability.events.identifiers import normalise
from traceability.services.access import Actor
from traceability.services.batches import require_visible
from traceability.services.context import Service, new_id
from traceability.services.visible import parties_seen, view_of
from traceability.storage.store import Transaction
from traceability.storage.tables import Incident, Party

_KEPT_BYTES = 1_000_000
_MIN_REASON, _MAX_REASON = 20, 2000


def record(
    service: Service, actor: Actor, body: bytes, media_type: str, jws: str | None, refusal: TraceabilityError
) -> None:
    """Keep a refused capture in quarantine. It enters no facts, balance or graph and changes no batch's state.

    Raises:
        TooManyRequests: this source has been refused too often; nothing more of it is kept for now.

    """
    kept: dict[str, Any] = {"jws": jws and jws[:8000], "body": body[:_KEPT_BYTES]}
    _keep(service, actor.source, media_type, refusal, party_id=actor.party_id, actor=actor.name[:100], **kept)


def record_unknown(service: Service, source: str, media_type: str, refusal: TraceabilityError) -> None:
    """Keep that a capture came from nobody known; what it held is not kept, or anybody could fill the disk.

    Raises:
        TooManyRequests: as ``record``.

    """
    _keep(service, source, media_type, refusal, party_id=None, actor=None, jws=None, body=b"")


def _keep(service: Service, source: str, media_type: str, refusal: TraceabilityError, **fields: Any) -> None:
    if not service.rates.allows("refusal", source):
        raise TooManyRequests(
            "too many refused captures from this source; no more are kept for now. Mend the signature, then go on"
        ) from refusal
    incident = Incident(
        id=new_id(), at=service.clock(), source=source[:100], status=refusal.status, reason=refusal.detail[:2000],
        media_type=media_type[:100], **fields,
    )  # fmt: skip
    service.store.write(lambda tx: tx.session.add(incident))


def incidents(service: Service, actor: Actor, *, limit: int = 100) -> list[Incident]:
    """Return the newest incidents that concern an officer's importer."""
    actor.require("incidents", scope="read")
    with service.store.read() as session:
        query = select(Incident).where(concerning(session, actor))
        return list(session.exec(query.order_by(col(Incident.at).desc(), col(Incident.id)).limit(limit)))


def concerning(session: Session, actor: Actor) -> Any:
    """Return the condition on incidents that the actor may see: all for a regulator, whose mandate has been checked."""
    if actor.role == "regulator":
        return sa.true()
    chain = parties_seen(session, view_of(session, actor))
    seen = session.exec(select(Party).where(col(Party.id).in_(sorted(chain))))
    known = {party.id for party in seen if "importer" not in party.roles} | {actor.own_party()}
    return sa.or_(col(Incident.party_id).is_(None), col(Incident.party_id).in_(sorted(known)))


def link(service: Service, actor: Actor, incident_id: str, batch: str, reason: str) -> None:
    """Link an incident to a batch by hand: it shows there as a note and changes no state.

    Raises:
        NotFound: there is no such incident, or no such batch, that the officer may see.
        InvalidInput: the reason is too short to tell anybody why, or too long.

    """
    actor.require("incidents", scope="write")
    if not _MIN_REASON <= len(reason.strip()) <= _MAX_REASON:
        raise InvalidInput(f"a reason has {_MIN_REASON} to {_MAX_REASON} characters: the next reader has to follow it")

    def change(tx: Transaction) -> None:
        query = select(Incident).where(Incident.id == incident_id, concerning(tx.session, actor))
        incident = tx.session.exec(query).one_or_none()
        if incident is None:
            raise NotFound(f"there is no incident {incident_id[:60]} that you may see")
        require_visible(tx.session, actor, batch)
        incident.linked_batch, incident.linked_by = normalise(batch), actor.person
        incident.linked_reason = reason.strip()
        tx.session.add(incident)

    service.store.write(change)

"""Captures refused with 401 or 403: kept for the officers, rate-limited, never evidence (ARCHITECTURE).

An officer sees those of its importer, of the suppliers in the importer's chains, and those of nobody known. What its
own importer's officers linked one to is for that importer alone: several may see the same incident.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
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
from traceability.storage.tables import Incident, IncidentLink, Party

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


@dataclass(frozen=True, slots=True)
class Seen:
    """An incident, and to what an officer of the reader's importer linked it last; None: to nothing."""

    row: Incident
    link: IncidentLink | None


def incidents(service: Service, actor: Actor, *, limit: int = 100) -> list[Seen]:
    """Return the newest incidents that concern an officer's importer."""
    actor.require("incidents", scope="read")
    with service.store.read() as session:
        query = select(Incident).where(concerning(session, actor))
        rows = session.exec(query.order_by(col(Incident.at).desc(), col(Incident.id)).limit(limit)).all()
        links = newest_links(session, actor.own_party(), [row.id for row in rows])
        return [Seen(row, links.get(row.id)) for row in rows]


def incident(service: Service, actor: Actor, incident_id: str) -> Seen:
    """Return one incident that concerns an officer's importer, however old it is.

    Raises:
        NotFound: there is no such incident that the officer may see.

    """
    actor.require("incidents", scope="read")
    with service.store.read() as session:
        row = _own(session, actor, incident_id)
        return Seen(row, newest_links(session, actor.own_party(), [row.id]).get(row.id))


def _own(session: Session, actor: Actor, incident_id: str) -> Incident:
    row = session.exec(select(Incident).where(Incident.id == incident_id, concerning(session, actor))).one_or_none()
    if row is None:
        raise NotFound(f"there is no incident {incident_id[:60]} that you may see")
    return row


def newest_links(session: Session, owner_id: str, incident_ids: Collection[str]) -> Mapping[str, IncidentLink]:
    """Return what each incident was linked to last by an importer's officers."""
    query = select(IncidentLink).where(
        IncidentLink.owner_id == owner_id, col(IncidentLink.incident_id).in_(incident_ids)
    )
    return {row.incident_id: row for row in session.exec(query.order_by(col(IncidentLink.id)))}


def standing_links(session: Session) -> Sequence[IncidentLink]:
    """Return the newest link of each incident for each importer: what is linked now."""
    newest = select(sa.func.max(IncidentLink.id)).group_by(col(IncidentLink.incident_id), col(IncidentLink.owner_id))
    return session.exec(
        select(IncidentLink).where(col(IncidentLink.id).in_(newest)).order_by(col(IncidentLink.id))
    ).all()


def linked_to(session: Session, actor: Actor, batch: str) -> list[Seen]:
    """Return the incidents linked to a batch, oldest first: by the actor's own importer, or by any for a regulator."""
    links = [row for row in standing_links(session) if row.batch_key == batch]
    mine = {row.incident_id: row for row in links if actor.role == "regulator" or row.owner_id == actor.own_party()}
    query = select(Incident).where(col(Incident.id).in_(mine), concerning(session, actor))
    return [Seen(row, mine[row.id]) for row in session.exec(query.order_by(col(Incident.at), col(Incident.id)))]


def concerning(session: Session, actor: Actor) -> Any:
    """Return the condition on incidents that the actor may see: all for a regulator, whose mandate has been checked."""
    if actor.role == "regulator":
        return sa.true()
    chain = parties_seen(session, view_of(session, actor))
    seen = session.exec(select(Party).where(col(Party.id).in_(sorted(chain))))
    known = {party.id for party in seen if "importer" not in party.roles} | {actor.own_party()}
    return sa.or_(col(Incident.party_id).is_(None), col(Incident.party_id).in_(sorted(known)))


def link(service: Service, actor: Actor, incident_id: str, batch: str, reason: str) -> None:
    """Link an incident to a batch by hand: it shows there as a note, changes no state, and keeps the batch's records.

    Linked again, to another batch or for another reason, the newer link of the importer counts.

    Raises:
        NotFound: there is no such incident, or no such batch, that the officer may see.
        InvalidInput: the reason is too short to tell anybody why, or too long.

    """
    actor.require("incidents", scope="write")
    if not _MIN_REASON <= len(reason.strip()) <= _MAX_REASON:
        raise InvalidInput(f"a reason has {_MIN_REASON} to {_MAX_REASON} characters: the next reader has to follow it")

    def change(tx: Transaction) -> None:
        now = tx.now  # takes the lock: what is erased was erased before this, or keeps to it
        row = _own(tx.session, actor, incident_id)
        require_visible(tx.session, actor, batch)
        link = IncidentLink(
            incident_id=row.id, owner_id=actor.own_party(), batch_key=normalise(batch), linked_by=actor.person,
            linked_at=now, reason=reason.strip(),
        )  # fmt: skip
        tx.session.add(link)

    service.store.write(change)

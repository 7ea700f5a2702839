"""Sites: registered places, each signed by its party; a change is a new row, so the past stays what it was.

A place is one identity however it is spelled, and belongs to the party that registered it first. A further registration
by that party is a correction or a later version; which of them counts for an event, ``custody.model.World`` says.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from traceability.errors import Conflict, Forbidden
from traceability.ledger.entry import Entry, milliseconds
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.holdings import PartyIndex, party_index
from traceability.services.signed import SignedBody, open_signed, still_good
from traceability.services.site_rows import listed, read_rows
from traceability.storage.jobs import enqueue
from traceability.storage.store import Transaction
from traceability.storage.tables import Site


def register(service: Service, actor: Actor, body: bytes, content_type: str, jws: str | None) -> list[tuple[Site, int]]:
    """Record signed sites: ``{"sites": [{uri, country, ...}]}``; returns each with its ledger index.

    Raises:
        NotAuthenticated, Forbidden: no good signature of the caller's own party, or another party's URI prefix or name.
        InvalidInput: a site is not well formed; nothing is written.
        Conflict: another party registered the place, under whatever spelling.

    """
    actor.require("sites", scope="write")
    signed = open_signed(service, actor, body, content_type, jws)
    rows = read_rows(listed(signed.data))

    def change(tx: Transaction) -> list[tuple[Site, int]]:
        still_good(tx, signed)
        index = party_index(tx.session)
        entry = Entry(kind="document", who=service.who(signed.party.id), at=milliseconds(tx.now), **signed.entry_fields)
        place = tx.log.append(entry)
        done = [(_add(tx, row, index, signed, place), place) for row in rows]
        tx.session.flush()
        enqueue(tx, "places_changed", f"{signed.party.id}-{place}", uris=sorted({row["key"] for row in rows}))
        return done

    return service.store.write(change)


def _add(tx: Transaction, row: Mapping[str, Any], index: PartyIndex, signed: SignedBody, place: int) -> Site:
    _check_owner(tx.session, row["uri"], row["key"], index, signed.party.id)
    site = Site(
        **row,
        party_id=signed.party.id,
        body=signed.body,
        jws=signed.jws or "",
        key_id=signed.key.id,
        entry_index=place,
        received_at=tx.now,
    )
    tx.session.add(site)
    return site


def _check_owner(session: Session, uri: str, key: str, index: PartyIndex, party_id: str) -> None:
    if index.prefix_owner(uri) not in (None, party_id):
        raise Forbidden(f"{uri} lies under a prefix another party owns; register it under a prefix of yours")
    if index.party_id(uri) not in (None, party_id):
        raise Forbidden(f"{uri} names another party; register the site under an identifier of yours")
    first = session.exec(select(Site.party_id).where(Site.key == key).order_by(col(Site.id)).limit(1)).first()
    if first not in (None, party_id):
        raise Conflict(f"{uri} is registered by another party")


def own_sites(service: Service, actor: Actor) -> Sequence[Site]:
    """Return the sites of the actor's own party."""
    with service.store.read() as session:
        return session.exec(select(Site).where(Site.party_id == actor.own_party()).order_by(col(Site.uri))).all()

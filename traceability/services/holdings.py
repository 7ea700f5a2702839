"""Who had a batch, proved by signatures: the ground on which one party may see another's events.

A claim about oneself proves nothing here, or anybody could look into any chain by posting an event naming its batch.
A party had a batch when it made it first (and nobody else owns the URI's prefix), or when a party that had it names it,
in an event of its own signature, as the one who takes possession or ownership.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability import strict_json
from traceability.events.identifiers import normalise
from traceability.events.model import CustodyEvent
from traceability.events.reading import read_events
from traceability.services.counter_signatures import counter_signers
from traceability.storage.ids import id_set
from traceability.storage.store import Transaction
from traceability.storage.tables import Event, EventItem, Holding, Item, Party, PartyClaim

_MAKING = ("born", "output")
_RECEIVERS = ("owning_party", "possessing_party")


def derive_holdings(tx: Transaction, items: Iterable[int]) -> set[tuple[str, int]]:
    """Work out who had each batch from all events naming it, and store what is new; return the new (party, item)."""
    parties = party_index(tx.session)
    new: set[tuple[str, int]] = set()
    for item_id in items:
        item = tx.session.get(Item, item_id)
        if item is None or not item.is_batch:
            continue
        known = {row.party_id for row in tx.session.exec(select(Holding).where(Holding.item_id == item_id))}
        for party_id, index in _holders(tx.session, item, parties).items():
            if party_id not in known:
                tx.session.add(Holding(party_id=party_id, item_id=item_id, event_index=index))
                new.add((party_id, item_id))
    tx.session.flush()
    return new


def _holders(session: Session, item: Item, parties: "PartyIndex") -> dict[str, int]:
    packers = packers_of(session, {item.id or 0})
    events = _events_about(session, item.id or 0, {bag for _, bag in packers})
    holders: dict[str, int] = {}
    maker = next((about for about in events if about.roles & set(_MAKING)), None)
    if maker is not None:
        # signing the birth besides makes nobody its maker, or copying the event would; but it may prove the owner right
        made_by = parties.prefix_owner(item.uri) or maker.row.signer_id
        if made_by in maker.signers:
            holders[made_by] = maker.row.index
    named = [(about, parties.receivers(parsed(about.row))) for about in events if about.signers]
    bags = {bag: signers for (_, bag), signers in packers.items()}
    grown = True
    while grown:
        grown = False
        for about, receivers in named:
            if not about.signers.isdisjoint(holders) and about.speaks_of_it(bags, holders):
                for party_id in receivers - holders.keys():
                    holders[party_id] = about.row.index
                    grown = True
    return holders


@dataclass(frozen=True, slots=True)
class _About:
    """An event naming a batch in some roles, or only bags that somebody says it was packed into."""

    row: Event
    roles: set[str]
    bags: set[int]
    signers: set[str]

    def speaks_of_it(self, packers: Mapping[int, set[str]], holders: Collection[str]) -> bool:
        """Return whether it names the batch, or a bag that a party which had the batch packed it into.

        Otherwise anybody could claim that a foreign batch lay in a bag that its holder handed over to him.
        """
        return bool(self.roles) or any(not packers[bag].isdisjoint(holders) for bag in self.bags)


def packers_of(session: Session, batches: Collection[int]) -> dict[tuple[int, int], set[str]]:
    """Return by (batch, bag) who signed that the batch was packed into the bag."""
    child, parent = EventItem.__table__.alias(), EventItem.__table__.alias()  # type: ignore[attr-defined]  # as above
    query = (
        sa.select(child.c.item_id, parent.c.item_id, col(Event.signer_id), col(Event.index))
        .join(parent, (parent.c.event_index == child.c.event_index) & (parent.c.role == "parent"))
        .join(Event, col(Event.index) == child.c.event_index)
        .where(child.c.item_id.in_(id_set(batches, session.get_bind().dialect.name)), child.c.role == "child")
        .distinct()
    )
    rows = session.connection().execute(query).all()
    besides = counter_signers(session, {index for _, _, _, index in rows})
    found: dict[tuple[int, int], set[str]] = {}
    for batch, bag, signer_id, index in rows:
        signers = besides.get(index, set()) | ({signer_id} if signer_id else set())
        if signers:
            found.setdefault((batch, bag), set()).update(signers)
    return found


def _events_about(session: Session, item_id: int, bags: set[int]) -> list[_About]:
    """Return the events naming the batch, or a bag it was packed into, in ledger order."""
    dialect = session.get_bind().dialect.name
    links = session.exec(
        select(EventItem.event_index, EventItem.item_id, EventItem.role).where(
            col(EventItem.item_id).in_(id_set({item_id, *bags}, dialect))
        )
    )
    roles: dict[int, set[str]] = {}
    named: dict[int, set[int]] = {}
    for index, name, role in links:
        roles.setdefault(index, set()).update({role} if name == item_id else ())
        named.setdefault(index, set()).update({name} - {item_id})
    rows = session.exec(select(Event).where(col(Event.index).in_(id_set(roles, dialect))).order_by(col(Event.index)))
    besides = counter_signers(session, roles)
    return [
        _About(
            row,
            roles[row.index],
            named[row.index],
            besides.get(row.index, set()) | ({row.signer_id} if row.signer_id else set()),
        )
        for row in rows
        if not row.declares_error
    ]


def parsed(row: Event) -> CustodyEvent:
    """Return the stored event as the events room reads it."""
    (event,) = read_events(strict_json.stored(row.body))
    return event


class PartyIndex:
    """Registered identifiers and prefixes of active parties, read once for a run over many events."""

    def __init__(self, parties: Sequence[Party], claims: Sequence[PartyClaim]) -> None:
        active = {party.id: party for party in parties if party.state == "active"}
        self.by_id: Mapping[str, Party] = {party.id: party for party in parties}
        self._ids = {normalise(party.did): party.id for party in active.values()}
        agreed = [claim for claim in claims if claim.state == "active" and claim.party_id in active]
        self._ids |= {normalise(claim.value): claim.party_id for claim in agreed if claim.kind != "prefix"}
        self._prefixes = sorted(
            ((normalise(claim.value), claim.party_id) for claim in agreed if claim.kind == "prefix"),
            key=lambda pair: -len(pair[0]),
        )

    def party_id(self, uri: str) -> str | None:
        """Return the id of the active party with this DID or identifier."""
        return self._ids.get(normalise(uri))

    def canonical(self, uri: str) -> str:
        """Return the DID of the party an identifier belongs to, else the identifier as written."""
        party_id = self.party_id(uri)
        return uri if party_id is None else self.by_id[party_id].did

    def prefix_owner(self, uri: str) -> str | None:
        """Return the id of the party whose agreed prefix covers a URI; the longest prefix wins."""
        key = normalise(uri)
        return next((party for prefix, party in self._prefixes if key.startswith(prefix)), None)

    def receivers(self, event: CustodyEvent) -> set[str]:
        """Return the ids of the parties an event names as taking possession or ownership."""
        named = {self.party_id(end.id) for end in event.destinations if end.type in _RECEIVERS}
        return {party for party in named if party is not None}


def party_index(session: Session) -> PartyIndex:
    """Read every party and claim."""
    return PartyIndex(list(session.exec(select(Party))), list(session.exec(select(PartyClaim))))


def holders_of(session: Session, items: Iterable[int]) -> dict[int, set[str]]:
    """Return the parties that had each batch."""
    found: dict[int, set[str]] = {}
    wanted = id_set(items, session.get_bind().dialect.name)
    rows: Any = session.exec(select(Holding.item_id, Holding.party_id).where(col(Holding.item_id).in_(wanted)))
    for item_id, party_id in rows:
        found.setdefault(item_id, set()).add(party_id)
    return found

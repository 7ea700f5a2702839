"""Who had a batch, proved by signatures: the ground on which one party may see another's events.

A claim about oneself proves nothing here, or anybody could look into any chain by posting an event naming its batch.
A party had a batch when it made it first (and nobody else owns the URI's prefix), or when a party that had it names it,
in an event of its own signature, as the one who takes possession or ownership; what lies in a bag goes with the bag.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from traceability.events.identifiers import normalise
from traceability.events.model import CustodyEvent
from traceability.services.bag_contents import Moment, bags_around, holding, moments, packings
from traceability.services.event_rows import parsed
from traceability.storage.ids import id_set
from traceability.storage.store import Transaction
from traceability.storage.tables import Event, EventItem, Handover, Holding, Item, Party, PartyClaim

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
        had = _holders(tx.session, item, parties)
        known = {row.party_id for row in tx.session.exec(select(Holding).where(Holding.item_id == item_id))}
        for party_id, index in had.since.items():
            if party_id not in known:
                tx.session.add(Holding(party_id=party_id, item_id=item_id, event_index=index))
                new.add((party_id, item_id))
        given = select(Handover.giver_id, Handover.receiver_id).where(Handover.item_id == item_id)
        for giver_id, receiver_id in had.given - set(tx.session.exec(given)):
            tx.session.add(Handover(item_id=item_id, giver_id=giver_id, receiver_id=receiver_id))
    tx.session.flush()
    return new


@dataclass(frozen=True, slots=True)
class _Had:
    """Who had a batch, each by the ledger index that proves it first, and who gave it to whom."""

    since: dict[str, int] = field(default_factory=dict)
    given: set[tuple[str, str]] = field(default_factory=set)

    def hand_over(self, row: Event, receivers: AbstractSet[str]) -> None:
        """Add the receivers an event names, where a party that had the batch signed it."""
        if row.signer_id in self.since:
            for party_id in receivers - {row.signer_id}:
                self.since.setdefault(party_id, row.index)
                self.given.add((row.signer_id, party_id))


def _holders(session: Session, item: Item, parties: "PartyIndex") -> _Had:
    events = _events_about(session, item.id or 0)
    had = _Had()
    maker = next((row for row, roles in events if roles & set(_MAKING)), None)
    if maker is not None and maker.signer_id:
        owner = parties.prefix_owner(item.uri)
        if owner in (None, maker.signer_id):
            had.since[maker.signer_id] = maker.index
    named = [(row, parties.receivers(parsed(row))) for row, _ in events if row.signer_id]
    bags = moments(session, bags_around(item.id or 0, packings(session, {item.id or 0})))
    known = -1
    while known < len(had.since):
        known = len(had.since)
        for row, receivers in named:
            had.hand_over(row, receivers)
        for moment in _in_bags(bags, item.key, had.since):
            had.hand_over(moment.row, parties.receivers(moment.step.event))
    return had


def _in_bags(bags: Sequence[Moment], batch: str, holders: Collection[str]) -> Iterator[Moment]:
    """Yield the events naming a bag while the batch lay in it, as parties that had the batch say by then.

    Otherwise anybody could claim that a foreign batch lay in a bag that its holder handed over to him, or no longer.
    """
    packs = _said_by(holders, lambda moment: moment.counts)
    unpacks = _said_by(holders, lambda moment: moment.effective)
    return (moment for moment, inside in holding(bags, packs, unpacks) if batch in inside)


def _said_by(holders: Collection[str], still: Callable[[Moment], bool]) -> Callable[[Moment], bool]:
    return lambda moment: moment.signer_id in holders and still(moment)


def _events_about(session: Session, item_id: int) -> list[tuple[Event, set[str]]]:
    """Return the events naming the batch with its roles there, in ledger order."""
    query = (
        select(Event, EventItem.role)
        .join(EventItem, col(EventItem.event_index) == col(Event.index))
        .where(EventItem.item_id == item_id, col(Event.declares_error).is_(False))
        .order_by(col(Event.index))
    )
    found: dict[int, tuple[Event, set[str]]] = {}
    for row, role in session.exec(query):
        found.setdefault(row.index, (row, set()))[1].add(role)
    return list(found.values())


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


def passed_on(session: Session, party_id: str, items: Iterable[int]) -> dict[int, set[str]]:
    """Return for batches that a party was given who has them from it, directly or not, itself included.

    A batch that the party made is left out: whoever has any of it has it from its maker.
    """
    wanted = id_set(items, session.get_bind().dialect.name)
    given_to_it = select(Holding.item_id).join(Event, col(Event.index) == col(Holding.event_index))
    given_to_it = given_to_it.where(Holding.party_id == party_id, col(Holding.item_id).in_(wanted))
    found = {item: {party_id} for item in session.exec(given_to_it.where(col(Event.signer_id) != party_id))}
    steps: dict[tuple[int, str], set[str]] = {}
    rows = select(Handover).where(col(Handover.item_id).in_(id_set(found, session.get_bind().dialect.name)))
    for row in session.exec(rows):
        steps.setdefault((row.item_id, row.giver_id), set()).add(row.receiver_id)
    for item, parties in found.items():
        waiting = [party_id]
        while waiting:
            fresh = steps.get((item, waiting.pop()), set()) - parties
            parties.update(fresh)
            waiting.extend(fresh)
    return found

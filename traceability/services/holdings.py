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

from traceability.events.identifiers import covers, normalise
from traceability.events.model import CustodyEvent
from traceability.services.bag_contents import Moment, bags_around, holding, moments, packings
from traceability.services.counter_signatures import counter_signers
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
        had = holders(evidence_about(tx.session, item), parties)
        known = {row.party_id for row in tx.session.exec(select(Holding).where(Holding.item_id == item_id))}
        for party_id, index in had.since.items():
            if party_id not in known:
                made = party_id == had.maker
                tx.session.add(Holding(party_id=party_id, item_id=item_id, event_index=index, made=made))
                new.add((party_id, item_id))
        given = select(Handover.giver_id, Handover.receiver_id).where(Handover.item_id == item_id)
        for giver_id, receiver_id in had.given - set(tx.session.exec(given)):
            tx.session.add(Handover(item_id=item_id, giver_id=giver_id, receiver_id=receiver_id))
    tx.session.flush()
    return new


@dataclass(slots=True)
class Had:
    """Who had a batch, each by the ledger index that proves it first, who gave it to whom, and who made it."""

    since: dict[str, int] = field(default_factory=dict)
    given: set[tuple[str, str]] = field(default_factory=set)
    maker: str | None = None
    shown: set[tuple[str, int]] = field(default_factory=set)
    """Every (party, ledger index) of an event that proves it, the first and the later ones."""

    def is_shown_at(self, party_id: str, index: int) -> bool:
        """Return whether the event at this ledger index proves that a party had it."""
        return (party_id, index) in self.shown

    def hand_over(self, row: Event, signers: Collection[str], receivers: AbstractSet[str]) -> None:
        """Add the receivers an event names, where a party that had the batch signed it."""
        for giver in self.since.keys() & set(signers):
            for party_id in receivers - {giver}:
                self.since.setdefault(party_id, row.index)
                self.given.add((giver, party_id))
                self.shown.add((party_id, row.index))


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything said of one batch: the events naming it, and those naming a bag it was ever packed into."""

    item: Item
    events: Sequence["_About"]
    bags: Sequence[Moment]


def evidence_about(session: Session, item: Item) -> Evidence:
    """Read what is said of a batch."""
    (found,) = evidence_of(session, [item])
    return found


def evidence_of(session: Session, items: Sequence[Item]) -> list[Evidence]:
    """Read what is said of each of several batches, in a few statements for all of them."""
    packed = packings(session, {item.id or 0 for item in items})
    about = _events_about(session, [item.id or 0 for item in items])
    around = {item.id: frozenset(bags_around(item.id or 0, packed)) for item in items}
    told = {bags: moments(session, bags) if bags else [] for bags in set(around.values())}
    return [Evidence(item, about.get(item.id or 0, []), told[around[item.id]]) for item in items]


def holders(evidence: Evidence, parties: "PartyIndex", *, prefixes: bool = True, ever: bool = False) -> Had:
    """Return who had a batch.

    Without ``prefixes`` its maker counts whoever owns the prefix of its URI: claims are agreed on as time goes by. With
    ``ever`` every event about its bags counts, whatever lay in them by what is known today.
    """
    had = Had()
    maker = next((about for about in evidence.events if about.roles & set(_MAKING)), None)
    if maker is not None:
        # signing the birth besides makes nobody its maker, or copying the event would; but it may prove the owner right
        made_by = (prefixes and parties.prefix_owner(evidence.item.uri)) or maker.row.signer_id
        if made_by in maker.signers:
            had.since[made_by], had.maker = maker.row.index, made_by
            had.shown.add((made_by, maker.row.index))
    named = [(about, parties.receivers(parsed(about.row))) for about in evidence.events if about.signers]
    known = -1
    while known < len(had.since):
        known = len(had.since)
        for about, receivers in named:
            had.hand_over(about.row, about.signers, receivers)
        for moment in evidence.bags if ever else _in_bags(evidence.bags, evidence.item.key, had.since):
            had.hand_over(moment.row, moment.signers, parties.receivers(moment.step.event))
    return had


@dataclass(frozen=True, slots=True)
class _About:
    """An event naming a batch in some roles, and the parties that signed it, first or besides."""

    row: Event
    roles: set[str]
    signers: frozenset[str]


def _in_bags(bags: Sequence[Moment], batch: str, holders: Collection[str]) -> Iterator[Moment]:
    """Yield the events naming a bag while the batch lay in it, as parties that had the batch say by then.

    Otherwise anybody could claim that a foreign batch lay in a bag that its holder handed over to him, or no longer.
    """
    packs = _said_by(holders, lambda moment: moment.counts)
    unpacks = _said_by(holders, lambda moment: moment.effective)
    return (moment for moment, inside in holding(bags, packs, unpacks) if batch in inside)


def _said_by(holders: Collection[str], still: Callable[[Moment], bool]) -> Callable[[Moment], bool]:
    return lambda moment: moment.said_by(holders) and still(moment)


def _events_about(session: Session, items: Collection[int]) -> dict[int, list[_About]]:
    """Return by item the events naming it with its roles there, in ledger order."""
    wanted = id_set(items, session.get_bind().dialect.name)
    query = (
        select(Event, EventItem.item_id, EventItem.role)
        .join(EventItem, col(EventItem.event_index) == col(Event.index))
        .where(col(EventItem.item_id).in_(wanted), col(Event.declares_error).is_(False))
        .order_by(col(Event.index))
    )
    found: dict[tuple[int, int], tuple[Event, set[str]]] = {}
    for row, item, role in session.exec(query):
        found.setdefault((item, row.index), (row, set()))[1].add(role)
    besides = counter_signers(session, {index for _, index in found})
    about: dict[int, list[_About]] = {}
    for (item, _), (row, roles) in found.items():
        signers = frozenset({row.signer_id, *besides.get(row.index, ())} - {None})
        about.setdefault(item, []).append(_About(row, roles, signers))
    return about


class PartyIndex:
    """Registered identifiers and prefixes of active parties, read once for a run over many events."""

    def __init__(self, parties: Sequence[Party], claims: Sequence[PartyClaim]) -> None:
        active = {party.id: party for party in parties if party.state == "active"}
        self.by_id: Mapping[str, Party] = {party.id: party for party in parties}
        agreed = [claim for claim in claims if claim.state == "active" and claim.party_id in active]
        self._ids = {normalise(claim.value): claim.party_id for claim in agreed if claim.kind != "prefix"}
        self._ids |= {normalise(party.did): party.id for party in active.values()}  # nobody's alias is a party's DID
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
        return next((party for prefix, party in self._prefixes if covers(prefix, key)), None)

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
    given_to_it = select(Holding.item_id).where(Holding.party_id == party_id, col(Holding.item_id).in_(wanted))
    found = {item: {party_id} for item in session.exec(given_to_it.where(col(Holding.made).is_(False)))}
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

"""The custody part of the facts: the upstream closure through one party's eyes, read from the tables."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from traceability.custody.closure import Closure, upstream
from traceability.custody.model import Recorded, Site, World, by_uri
from traceability.events.identifiers import normalise
from traceability.services.counter_signatures import counter_signatures
from traceability.services.disputes import Compromised, compromised, compromised_at
from traceability.services.edges import Direction, edges
from traceability.services.event_rows import parsed
from traceability.services.facts.verdicts import Verdicts
from traceability.services.same import same_parties
from traceability.services.visible import View, party_view
from traceability.storage import tables as t
from traceability.storage.ids import id_set


@dataclass(frozen=True, slots=True)
class People:
    """Registered parties as the facts need them; two records of one party are read under the DID of the one kept."""

    world: World
    by_id: dict[str, t.Party]
    by_did: dict[str, t.Party]  # by the normalised DID, as the custody room spells it
    claims: dict[str, list[t.PartyClaim]]
    same: Mapping[str, str] = field(default_factory=dict)
    """The id of the record under which a merged one is read, by the id of the merged one."""

    def read_as(self, party: t.Party) -> t.Party:
        """Return the record under which a party is read."""
        return self.by_id.get(self.same.get(party.id, ""), party)

    def also(self, party: t.Party) -> list[dict[str, str]]:
        """Return the DIDs and names of the other records that are read as this one."""
        others = (self.by_id[one] for one, kept in self.same.items() if kept == party.id and one in self.by_id)
        return sorted(({"did": row.did, "name": row.name} for row in others), key=lambda row: row["did"])

    def every(self, dids: Iterable[str]) -> set[str]:
        """Return these parties by their normalised DIDs, with the DIDs of records that are read as one of them."""
        found = set(dids)
        merged = {one: self.by_id[one] for one in self.same if one in self.by_id}
        return found | {normalise(row.did) for row in merged.values() if normalise(self.read_as(row).did) in found}


def people(session: Session, head: t.Checkpoint | None = None) -> People:
    """Read parties, claims and sites into the world that events are read against.

    With ``head`` they are those that the log had taken in by then: names come from approved records, which never
    change, so what is told of a party as of a head is the same whenever it is told.
    """
    found = session.exec(select(t.Party).where(t.Party.state == "active"))
    parties = {row.id: row for row in (found if head is None else _approved(session, found, head))}
    claims: dict[str, list[t.PartyClaim]] = {}
    for claim in session.exec(select(t.PartyClaim).where(t.PartyClaim.state == "active")):
        if claim.party_id in parties:
            claims.setdefault(claim.party_id, []).append(claim)
    keys = compromised(session) if head is None else compromised_at(session, head.size)
    places = select(t.Site).order_by(col(t.Site.id))
    places = places if head is None else places.where(col(t.Site.entry_index) < head.size)
    sites = [_site(row, parties, keys) for row in session.exec(places)]
    said = [claim for own in claims.values() for claim in own]
    merged = same_parties(session, None if head is None else head.size)
    same = {one: kept for one, kept in merged.items() if one in parties and kept in parties}
    read_as = {one: normalise(parties[same.get(one, one)].did) for one in parties}
    world = World(
        sites=by_uri(site for site in sites if site is not None),
        aliases={normalise(c.value): read_as[c.party_id] for c in said if c.kind != "prefix"}
        | {normalise(parties[one].did): read_as[one] for one in same},
        parties=frozenset(read_as.values()),
        prefixes={normalise(c.value): read_as[c.party_id] for c in said if c.kind == "prefix"},
    )
    return People(world, parties, {normalise(party.did): party for party in parties.values()}, claims, same)


def _approved(session: Session, rows: Iterable[t.Party], head: t.Checkpoint) -> Iterable[t.Party]:
    """Yield the parties approved by then; before approvals had entries of their own, the first key tells when."""
    first = select(t.PartyKey.party_id, func.min(t.PartyKey.added_index)).group_by(col(t.PartyKey.party_id))
    added = dict(session.exec(first).all())
    for row in rows:
        index = added.get(row.id) if row.entry_index is None else row.entry_index
        if index < head.size if index is not None else row.decided_at is not None and row.decided_at <= head.at:
            yield row


def _site(row: t.Site, parties: dict[str, t.Party], keys: Compromised) -> Site | None:
    party = parties.get(row.party_id)
    if party is None:
        return None
    return Site(
        row.uri,
        normalise(party.did),
        row.country,
        row.subdivision,
        row.latitude,
        row.longitude,
        row.valid_from,
        row.valid_to,
        row.entry_index,
        disputed=keys.disputes(row.key_id, row.entry_index),
    )


class StoredEvents:
    """The custody room's ``Lookup`` over the tables: one query a round, filtered by what a party may see.

    With ``until`` it knows the first so many entries of the ledger alone: no later event, counter-signature or
    revocation.
    """

    def __init__(self, session: Session, view: View, people_: People, until: int | None = None) -> None:
        self._session = session
        self._view = view
        self._people = people_
        self._verdicts = Verdicts(session, until)
        self._until = until
        self._seen: dict[int, Recorded] = {}

    def naming(self, names: AbstractSet[str]) -> Iterable[Recorded]:
        """Return every visible event naming one of these normalised identifiers."""
        ids = item_ids(self._session, names)
        indices = select(t.EventItem.event_index).where(
            col(t.EventItem.item_id).in_(id_set(ids, self._session.get_bind().dialect.name))
        )
        return self._recorded(select(t.Event).where(col(t.Event.index).in_(indices)))

    def identified(self, event_ids: AbstractSet[str]) -> Iterable[Recorded]:
        """Return the visible events with these ids, with the declarations that repeat them."""
        found: list[Recorded] = []
        for chunk in chunks(sorted(set(map(normalise, event_ids)))):
            found += self._recorded(select(t.Event).where(col(t.Event.event_id).in_(chunk)))
        return found

    def _recorded(self, query: SelectOfScalar[t.Event]) -> list[Recorded]:
        rows = [row for row in self._session.exec(query) if self._before(row.index)]
        items = _items_of(self._session, [row.index for row in rows])
        besides = counter_signatures(self._session, [row.index for row in rows])
        found = []
        for row in rows:
            others = [one for one in besides.get(row.index, []) if self._before(one.entry_index)]
            if self._view.sees_event(row, items.get(row.index, ()), {one.signer_id for one in others}):
                found.append(self._one(row, others))
        return found

    def _before(self, index: int) -> bool:
        return self._until is None or index < self._until

    def _one(self, row: t.Event, besides: Sequence[t.CounterSignature]) -> Recorded:
        if row.index not in self._seen:
            holding = [one.signer_id for one in besides if self._verdicts.holds(one, row)]
            verdict, disputed = self._verdicts.of(row), self._disputed(row, besides, holding)
            if verdict == "key_revoked" and row.signer_id in holding:
                verdict = "ok"  # its signer said it again, with a key that is not disputed
            relayed = row.credential_by if row.credential_by not in disputed else None
            self._seen[row.index] = Recorded(
                event=parsed(row),
                index=row.index,
                received_at=row.received_at,
                signer=self._did(row.signer_id),
                credential_by=relayed,
                verdict=verdict,
                counter_signers=tuple(filter(None, map(self._did, holding))),
                disputed=tuple(filter(None, disputed)),
            )
        return self._seen[row.index]

    def _disputed(
        self, row: t.Event, besides: Sequence[t.CounterSignature], holding: Collection[str]
    ) -> list[str | None]:
        """Return who signed an event besides its sender with a key reported as compromised, and not again since."""
        wrong = [one for one in besides if one.signer_id not in holding and self._verdicts.disputes(one)]
        found = [self._did(one.signer_id) for one in wrong]
        return [*found, row.credential_by] if self._verdicts.disputes_credential(row) else found

    def _did(self, party_id: str | None) -> str | None:
        party = self._people.by_id.get(party_id or "")
        return normalise(self._people.read_as(party).did) if party else None


def item_ids(session: Session, names: Iterable[str]) -> set[int]:
    """Return the ids of the items with these normalised identities."""
    found: set[int] = set()
    for chunk in chunks(sorted(names)):
        found.update(i for i in session.exec(select(t.Item.id).where(col(t.Item.key).in_(chunk))) if i is not None)
    return found


def _items_of(session: Session, indices: Collection[int]) -> dict[int, list[int]]:
    rows = session.exec(
        select(t.EventItem.event_index, t.EventItem.item_id).where(
            col(t.EventItem.event_index).in_(id_set(indices, session.get_bind().dialect.name))
        )
    )
    found: dict[int, list[int]] = {}
    for index, item in rows:
        found.setdefault(index, []).append(item)
    return found


def chunks(values: list[str], size: int = 500) -> Iterable[list[str]]:
    """Return the values in lists short enough for one query."""
    return (values[start : start + size] for start in range(0, len(values), size))


def chain_view(session: Session, owner_id: str, batches: Collection[str]) -> View:
    """Return what a party may see of the chain around these batches, without walking all it ever held.

    Around none of a known name it looks as well, as number 0: what is unknown takes the time of what is foreign.
    """
    start = item_ids(session, batches) or {0}
    around = start | neighbourhood(session, start)
    return party_view(session, owner_id, start=around)


def neighbourhood(session: Session, items: Collection[int]) -> set[int]:
    """Return every batch up- and downstream of these, whoever signed the links."""
    found = set(items)
    directions: tuple[tuple[Direction, int], ...] = (("up", 1), ("down", 0))
    for direction, place in directions:
        frontier, seen = set(items), set(items)
        while frontier:
            reached = edges(session, frontier, direction)
            frontier = {(made, used)[place] for made, used, _ in reached} - seen
            seen |= frontier
        found |= seen
    return found


def chain(session: Session, view: View, people_: People, batches: Collection[str]) -> Closure:
    """Return the upstream closure of some batches as a view shows it."""
    return upstream(StoredEvents(session, view, people_), [normalise(batch) for batch in batches])

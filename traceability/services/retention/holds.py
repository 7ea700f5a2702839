"""Legal holds: what a person keeps beyond its term, and what an open case keeps without anybody saying so."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, col, or_, select

from traceability.diligence.status import HOLD
from traceability.errors import InvalidInput, NotFound
from traceability.events.identifiers import normalise
from traceability.services.access import Actor
from traceability.services.assess import latest_all
from traceability.services.batches import require_visible
from traceability.services.beside import Beside
from traceability.services.context import Service, new_id
from traceability.services.facts.chain import item_ids
from traceability.services.incidents import standing_links
from traceability.services.retention.assessments import assessed_by
from traceability.services.retention.terms import Consignment
from traceability.services.states import SubjectState, of_row, state_of
from traceability.storage.store import Transaction
from traceability.storage.tables import Decision, Document, Event, EventItem, LegalHold, Shipment

KINDS = ("batch", "shipment", "document", "all")
_MIN_REASON = 20
_KEEPS = frozenset({"suspended", "reported_to_authority"})
_OPEN = "a case about it is open: it is held, waits for a second person, or was suspended or reported"


def place(service: Service, actor: Actor, kind: str, target: str, reason: str) -> LegalHold:
    """Keep something beyond its term: a batch, a shipment record, a document by its id, or all of a party's records.

    An officer holds its importer's records, a dpo those of its party; the operator's dpo holds everybody's.

    Raises:
        InvalidInput: another kind, no target, or a reason of fewer than 20 characters.
        NotFound: the party has nothing of the kind.

    """
    actor.require("hold", scope="write")
    if kind not in KINDS or len(reason.strip()) < _MIN_REASON:
        raise InvalidInput(f"expected a kind of {', '.join(KINDS)} and a reason of at least {_MIN_REASON} characters")
    key = normalise(target) if kind == "batch" else target

    def change(tx: Transaction) -> LegalHold:
        _require_target(tx.session, actor, kind, key)
        row = LegalHold(
            id=new_id(), party_id=actor.party_id, kind=kind, target=key if kind != "all" else "", reason=reason.strip(),
            placed_by=actor.person, placed_at=tx.now,
        )  # fmt: skip
        tx.session.add(row)
        return row

    return service.store.write(change)


def _require_target(session: Session, actor: Actor, kind: str, target: str) -> None:
    """Refuse a hold on nothing: its maker would think that something is kept."""
    party_id = actor.party_id
    if kind == "all":
        return
    if kind == "batch":
        there = bool(item_ids(session, [target]))
        if party_id is not None:
            require_visible(session, actor, target)  # another's batch is as if there were none
    elif kind == "document":
        row = session.get(Document, target)
        there = row is not None and party_id in (None, row.owner_id)
    else:
        query = select(Shipment.importer_id).where(Shipment.shipment_id == target)
        there = any(party_id in (None, owner) for owner in session.exec(query))
    if not there:
        raise NotFound(f"there is no {kind} {target[:200]} to hold")


def lift(service: Service, actor: Actor, hold_id: str, reason: str) -> LegalHold:
    """End a hold of the actor's party; a second time changes nothing.

    Raises:
        InvalidInput: the reason has fewer than 20 characters.
        NotFound: there is no such hold of the party.

    """
    actor.require("end_holds", scope="write")
    if len(reason.strip()) < _MIN_REASON:
        raise InvalidInput(f"say in at least {_MIN_REASON} characters why it need not be kept any longer")

    def change(tx: Transaction) -> LegalHold:
        row = tx.session.get(LegalHold, hold_id)
        if row is None or row.party_id != actor.party_id:
            raise NotFound(f"there is no hold {hold_id[:100]} of yours")
        if row.lifted_at is None:
            row.lifted_by, row.lifted_at, row.lifted_reason = actor.person, tx.now, reason.strip()
            tx.session.add(row)
        return row

    return service.store.write(change)


def holds(service: Service, actor: Actor) -> Sequence[LegalHold]:
    """Return the holds on the actor's party's records, newest first; the operator's own are among them."""
    actor.require("hold", scope="read")
    query = select(LegalHold).order_by(col(LegalHold.placed_at).desc())
    if actor.party_id is not None:
        query = query.where(or_(col(LegalHold.party_id) == actor.party_id, col(LegalHold.party_id).is_(None)))
    with service.store.read() as session:
        return session.exec(query).all()


@dataclass(slots=True)
class Held:
    """What is held now: items of batches, shipment records, documents, and parties as a whole (None: everybody)."""

    items: set[int] = field(default_factory=set)
    shipments: set[tuple[str | None, str]] = field(default_factory=set)
    documents: set[str] = field(default_factory=set)  # ids
    papers: set[tuple[str, str]] = field(default_factory=set)  # owner and sha256 of what a decision waits about
    parties: set[str | None] = field(default_factory=set)

    def party(self, party_id: str | None) -> bool:
        """Tell whether everything of a party is held."""
        return None in self.parties or party_id in self.parties

    def paper(self, row: Document) -> bool:
        """Tell whether a document is held by hand, or for a decision of its own owner's officers that waits."""
        own = (row.owner_id, row.sha256) in self.papers
        return self.party(row.owner_id) or row.id in self.documents or own

    def shipment(self, importer_id: str, shipment_id: str) -> bool:
        """Tell whether a person holds a shipment record."""
        return self.party(importer_id) or bool({(importer_id, shipment_id), (None, shipment_id)} & self.shipments)


def held(service: Service, session: Session) -> Held:
    """Read every hold in force, the decisions that wait, and the batches with an incident or an open case."""
    found = Held()
    for row in session.exec(select(LegalHold).where(col(LegalHold.lifted_at).is_(None))):
        if row.kind == "batch":
            found.items |= item_ids(session, [row.target])
        elif row.kind == "shipment":
            found.shipments.add((row.party_id, row.target))
        elif row.kind == "document":
            found.documents.add(row.target)
        else:
            found.parties.add(row.party_id)
    found.items |= assessed_by(session, found.parties)
    found.items |= item_ids(session, {link.batch_key for link in standing_links(session)})
    _waiting(session, found)
    found.items |= _open_batches(service, session)
    return found


def _waiting(session: Session, found: Held) -> None:
    """Hold what a proposed decision that waits for a second person speaks of."""
    for row in session.exec(select(Decision).where(Decision.state == "waiting")):
        if row.subject_kind == "correction":
            named = select(EventItem.item_id).join(Event, col(Event.index) == col(EventItem.event_index))
            found.items |= set(session.exec(named.where(Event.event_id == row.subject)))
        elif row.subject_kind in ("document", "doc_type", "signal"):
            found.papers.add((row.owner_id, row.subject.partition("|")[0]))


def _open_batches(service: Service, session: Session) -> set[int]:
    rows = [row for row in latest_all(session) if row.subject_kind == "batch" and row.erased_index is None]
    beside = Beside(session)
    states = (of_row(service, session, row.owner_id, "batch", row.subject, row, beside) for row in rows)
    return item_ids(session, [state.subject for state in states if _keeps(state)])


def case_about(service: Service, session: Session, one: Consignment) -> str | None:
    """Return why an open case keeps a shipment record; None where there is none."""
    return _OPEN if _keeps(state_of(service, session, one.importer_id, "shipment", one.shipment_id)) else None


def _keeps(state: SubjectState) -> bool:
    standing = state.decision
    held_back = standing is not None and standing.disposition in _KEEPS
    return state.state == HOLD or bool(state.waiting) or held_back

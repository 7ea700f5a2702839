"""Putting a facts document together: shipment or batch, through the eyes of one owner, at one date."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqlmodel import Session, col, select

from traceability.custody.facts import ChainFacts, custody_facts, identifier
from traceability.custody.model import Note, Recorded
from traceability.diligence.definitions.annex_i import annex_row
from traceability.errors import NotFound
from traceability.events.identifiers import normalise
from traceability.lists.coverage import Coverage
from traceability.lists.required import required_lists
from traceability.services import disputes
from traceability.services.context import Service
from traceability.services.facts import entities as ent
from traceability.services.facts import importer as imp
from traceability.services.facts import named
from traceability.services.facts import papers as pap
from traceability.services.facts.cases import case_notes, cases, contest_notes
from traceability.services.facts.chain import People, chain, chain_view, people
from traceability.services.facts.contradicted import chain_of, contradicted
from traceability.services.facts.decided import decided
from traceability.services.facts.erased import erased_evidence
from traceability.services.facts.goods import Traded, goods_notes
from traceability.services.facts.listed import lists
from traceability.services.facts.places import place_notes
from traceability.services.lists import ListBook
from traceability.services.reviewer_memory import memory
from traceability.services.screening import Asking, Screened
from traceability.storage.tables import Party, Shipment
from traceability.texts import phrase

Kind = Literal["shipment", "batch"]
_STATUS = {"failed": phrase("failed"), "interrupted": phrase("was interrupted")}
_BATCH_LISTS = frozenset({"transit_watch"})


@dataclass(frozen=True, slots=True)
class Assembled:
    """A facts document with what the engine does not read: notes, reasons to wait, list coverage, screenings."""

    facts: dict[str, Any]
    notes: list[dict[str, Any]]
    pending: list[str]
    coverage: list[dict[str, Any]]
    batches: list[str]
    screened: list[Screened] = field(default_factory=list)
    declared: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The ids of events declared wrong in this chain, each with the ids of the events that replace it."""
    alone: bool = False
    """Whether a hit or signal stands as rejected on the word of one person."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What does not count yet: error declarations and replacing events by id, and what one person alone rejected."""

    declarations: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """Through whose eyes, at which date, and what does not count yet."""

    session: Session
    known: People
    book: ListBook
    owner: Party
    as_of: date
    waiting: Waiting
    review_from: Decimal

    @property
    def own(self) -> str:
        """Return the DID under which the owner is read, as the custody room spells it."""
        return normalise(self.known.read_as(self.owner).did)


def assemble(
    service: Service,
    session: Session,
    owner_id: str,
    kind: Kind,
    subject: str,
    as_of: date,
    waiting: Waiting = Waiting(),
) -> Assembled:
    """Assemble the facts of a shipment record or of a batch without one.

    ``waiting`` names what two persons have not agreed to yet (epcis.md 8).

    Raises:
        NotFound: the owner has no such shipment record.

    """
    book = service.books.at(session, as_of)
    scope = Scope(
        session, people(session), book, session.get_one(Party, owner_id), as_of, waiting, service.settings.review_from
    )
    return _shipment(scope, subject) if kind == "shipment" else _batch(scope, subject)


def _batch(scope: Scope, batch: str) -> Assembled:
    book, as_of = scope.book, scope.as_of
    custody, declared, recorded = _custody(scope, [batch], None)
    facts: dict[str, Any] = {"schema_version": "1.0", "as_of": as_of.isoformat(), "custody_events": custody.events}
    facts["lists"] = lists(book, facts, only=_BATCH_LISTS)
    required = book.coverage(as_of, required_lists("batch"))
    notes = [_note(note) for note in custody.notes]
    notes += _refused(scope, declared)
    notes.append(
        {"kind": "not_assessed", "message": phrase("origin and goods not assessed: no shipment record names it")}
    )
    acted = scope.known.every({*custody.parties}.union(*(entry.signers for entry in recorded)))
    notes += case_notes(scope.session, scope.owner.id, facts, custody.batches, acted)
    notes += contest_notes(scope.session, scope.owner.id, facts, ("batch", batch), custody.batches, acted)
    papers = pap.papers(scope.session, scope.owner.id, {("batch", name) for name in custody.batches})
    dispositions = decided(scope.session, scope.owner.id)
    notes += contradicted(papers, chain_of(custody, {}, scope.known), dispositions)
    notes += pap.left_out(papers, dispositions)
    pending = [*custody.pending, *_unread(papers, dispositions)]
    return Assembled(facts, notes, pending, _coverage(required), sorted(custody.batches), declared=declared)


def _shipment(scope: Scope, shipment_id: str) -> Assembled:
    session, owner, as_of = scope.session, scope.owner, scope.as_of
    row = session.exec(
        select(Shipment).where(
            Shipment.importer_id == owner.id, Shipment.shipment_id == shipment_id, col(Shipment.latest).is_(True)
        )
    ).one_or_none()
    if row is None:
        raise NotFound(f"there is no shipment record {shipment_id[:200]} of yours")
    record = imp.shipment_facts(row.record)
    batches = row.record.get("batch_ids", [])
    custody, declared, recorded = _custody(scope, batches, record.get("destination_country"))
    facts: dict[str, Any] = {
        "schema_version": "1.0",
        "as_of": as_of.isoformat(),
        "importer": imp.importer(session, owner, scope.known),
        "shipment": record,
    }
    if volume := imp.year_to_date(session, owner, row, as_of):
        facts["importer_ytd_kg"] = volume
    if batches:
        facts["custody_events"] = custody.events
    others = [party for party in custody.upstream_parties if party["party_id"] != scope.own]
    others += _supplier(scope, record, {party["party_id"] for party in others})
    if others:
        facts["upstream_parties"] = others
    return _with_papers(scope, _Draft(facts, record, custody, shipment_id, declared, recorded))


def _supplier(scope: Scope, record: Mapping[str, Any], known: Collection[str]) -> list[dict[str, Any]]:
    """Return the supplier of the shipment as an upstream party, where the chain does not name it already."""
    stated = record.get("supplier", {}).get("party_id")
    did = scope.known.world.party(stated) if stated else None
    if did is None or did in known or did == scope.own:
        return []
    sites = scope.known.world.sites_by_party(scope.as_of).get(did, ())
    places = [{"country": s.country, "site_id": s.uri} | _region(s.subdivision) for s in sites]
    return [{"party_id": identifier(did)} | ({"operating_locations": places} if places else {})]


def _region(subdivision: str | None) -> dict[str, str]:
    return {"subdivision": subdivision} if subdivision else {}


@dataclass(frozen=True, slots=True)
class _Draft:
    facts: dict[str, Any]
    record: Mapping[str, Any]
    custody: ChainFacts
    shipment_id: str
    declared: Mapping[str, frozenset[str]]
    recorded: Sequence[Recorded]


def _with_papers(scope: Scope, draft: _Draft) -> Assembled:
    facts, custody, as_of, owner, book = draft.facts, draft.custody, scope.as_of, scope.owner, scope.book
    session = scope.session
    targets = {("shipment", draft.shipment_id), *(("batch", batch) for batch in custody.batches)}
    targets |= {("party", did) for did in scope.known.every(custody.parties)}
    papers = pap.papers(session, owner.id, targets)
    dispositions = decided(session, owner.id, alone=not scope.waiting.alone)
    signed = chain_of(custody, draft.record, scope.known)
    facts["documents"] = pap.documents(papers, lambda: signed.lots)
    if any(report.outcome == "parsed" for report in papers.reports.values()):
        facts["text_signals"] = pap.signals(papers, dispositions)
    parties = {*custody.parties, scope.own}
    said = memory(session, owner.id, as_of, alone=not scope.waiting.alone)
    others = named.vessels(draft.recorded) + named.sites(session, scope.known, custody.events, draft.record)
    others += named.in_papers(papers)
    found = ent.entities(book, scope.known, parties, draft.record, others, said, Asking(as_of, scope.review_from))
    if book.has_names:
        facts["entity_hits"] = found.hits
    acted = scope.known.every(parties.union(*(entry.signers for entry in draft.recorded)))
    facts |= cases(session, owner.id, facts, draft.shipment_id, custody.batches, acted)
    facts["lists"] = lists(book, facts)
    row = annex_row(draft.record)
    destination = draft.record.get("destination_country")
    required = required_lists("shipment", destination=destination, annex_i=row is not None)
    notes = [*map(_note, custody.notes), *_refused(scope, draft.declared)]
    notes += [_unscreened(did) for did in found.unscreened]
    notes += named.vessel_notes(draft.recorded)
    notes += place_notes(session, book, facts, as_of)
    notes += goods_notes(book, Traded(draft.record, custody, draft.recorded), as_of)
    notes += contradicted(papers, signed, dispositions)
    notes += pap.other_lots(papers, lambda: signed.lots) + pap.left_out(papers, dispositions)
    notes += [_again(*one) for one in found.again]
    notes += contest_notes(session, owner.id, facts, ("shipment", draft.shipment_id), custody.batches, acted)
    pending = [*custody.pending, *_unread(papers, dispositions), *_not_screened(found.screened)]
    pending += disputes.declarations(session, owner.id, draft.shipment_id)
    coverage = _coverage(book.coverage(as_of, required))
    alone = not scope.waiting.alone and dispositions != decided(session, owner.id, alone=False)
    return Assembled(facts, notes, pending, coverage, sorted(custody.batches), found.screened, draft.declared, alone)


def _custody(
    scope: Scope, batches: Collection[str], destination: str | None
) -> tuple[ChainFacts, dict[str, frozenset[str]], list[Recorded]]:
    """Return the custody facts, the ids of events declared wrong with those that replace them, and what counted."""
    view = chain_view(scope.session, scope.owner.id, [normalise(batch) for batch in batches])
    closure = chain(scope.session, view, scope.known, batches)
    declared = {
        e.event_id: frozenset(e.event.error_declaration.corrective_ids)
        for e in closure.recorded
        if e.event.error_declaration is not None
    }
    counted = [entry for entry in closure.recorded if _counts(entry, scope.waiting)]
    facts = custody_facts(counted, batches, scope.known.world, as_of=scope.as_of, destination_country=destination)
    facts.pending.extend(erased_evidence(scope.session, [entry.index for entry in closure.recorded]))
    return facts, declared, counted


def _counts(entry: Recorded, waiting: Waiting) -> bool:
    if entry.event_id in waiting.events:
        return False
    return entry.event.error_declaration is None or entry.event_id not in waiting.declarations


def _unread(papers: pap.Papers, dispositions: Mapping[str, str]) -> list[str]:
    return [
        phrase(f"the document {row.filename!r} has not been read to the end")
        if row.erased_index is None
        else phrase(f"a document was erased when its retention ended (ledger entry {row.erased_index})")
        for row in papers.unread
        if row.erased_index is not None or dispositions.get(row.sha256) != "read_by_person"
    ]


def _refused(scope: Scope, declared: Mapping[str, frozenset[str]]) -> list[dict[str, Any]]:
    """Return what is said of error declarations that do not count: the event stands as it was."""
    held = sorted(declared.keys() & scope.waiting.declarations)
    return [{"kind": "correction_held", "message": _held(e), "events": [e], "review": False} for e in held]


def _held(event_id: str) -> str:
    return phrase(f"{event_id}: its error declaration does not count: it was refused, or waits for two persons")


def _unscreened(did: str) -> dict[str, Any]:
    message = phrase(f"{did} is no registered party, so it could not be screened by name")
    return {"kind": "party_not_screened", "message": message, "review": False}


def _again(hit: str, message: str) -> dict[str, Any]:
    return {"kind": "confirm_again", "message": message, "hit": hit, "review": True}


def _not_screened(screened: Collection[Screened]) -> list[str]:
    """Return why the state is pending: a screening that failed or was not run is not clear."""
    lost = [one for one in screened if one.status != "done"]
    return [_failed(repr(one.subject.name[:200]), _STATUS[one.status], one.failure) for one in lost]


def _failed(name: str, what: str, failure: str | None) -> str:
    return phrase(f"the screening of {name} {what} ({failure})")


def _note(note: Note) -> dict[str, Any]:
    return {**asdict(note), "batches": list(note.batches), "review": note.review}


def _coverage(found: Collection[Coverage]) -> list[dict[str, Any]]:
    return [
        {
            "list_id": item.list_id,
            "version": item.version,
            "published_on": item.published_at and item.published_at.isoformat(),
            "age_days": item.age_days,
            "state": item.state,
            "required": item.required,
            "sentence": item.sentence,
        }
        for item in found
    ]

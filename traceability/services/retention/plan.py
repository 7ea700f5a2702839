"""What is due: record by record the longest ground, then holds, then what a record still kept rests on.

A record without a known ground, or with one whose start nobody stated, is kept and reported.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session

from traceability.diligence.retention import ACCESS, Term, end_of, term
from traceability.services.context import Service
from traceability.services.retention import cases, holds
from traceability.services.retention.assessments import BatchRuns, in_stock
from traceability.services.retention.captures import Captured, captured
from traceability.services.retention.holds import Held
from traceability.services.retention.lookups import look_ups
from traceability.services.retention.papers import old_reads, papers, reads_kept_from
from traceability.services.retention.terms import Consignment, Cover, consignments
from traceability.services.retention.upstream import rests_on

_HELD = "a person holds it; the reason stands with the hold"
_RESTS = "a record that is still kept rests on it"


@dataclass(frozen=True, slots=True)
class Line:
    """One record: due, blocked (its term is over, something else keeps it), unknown (no end known) or running."""

    kind: str
    subject: str
    owner_id: str | None
    state: str
    term: Term
    why: str

    @property
    def key(self) -> tuple[str, str, str | None]:
        """Return what tells it from every other line of a day, and the same on another day."""
        return key_of(self.kind, self.subject, self.owner_id)


def key_of(kind: str, subject: str, owner_id: str | None) -> tuple[str, str, str | None]:
    """Return the key of a line; the one about the log of reads names a day, which moves on."""
    return kind, "" if kind == "access_log" else subject, owner_id


@dataclass(frozen=True, slots=True)
class Plan:
    """The lines of one day."""

    as_of: date
    lines: list[Line] = field(default_factory=list)

    def of(self, party_id: str | None) -> "Plan":
        """Return the lines about one party's records; None: all."""
        return self if party_id is None else Plan(self.as_of, [one for one in self.lines if one.owner_id == party_id])

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many records of each kind are in each state."""
        table: dict[str, dict[str, int]] = {}
        for (kind, state), number in sorted(Counter((line.kind, line.state) for line in self.lines).items()):
            table.setdefault(kind, {})[state] = number
        return table


def plan(service: Service, session: Session, today: date) -> Plan:
    """Return the state of every record that still has its body on a day."""
    held, found = holds.held(service, session), consignments(session)
    made = Plan(today)
    alive: dict[tuple[str, str], Consignment] = {}
    for one in found:
        if one.erased:
            continue
        line = _shipment(service, session, one, held, today)
        made.lines.append(line)
        if line.state != "due":
            alive[one.importer_id, one.shipment_id] = one
    known, stocked = captured(session), in_stock(session, found)
    cover = Cover(
        session,
        [
            *((one.grounds, one.items) for one in found),
            *((one.grounds, one.items) for one in stocked if one.by_importer),
        ],
    )
    terms = {index: term(cover.grounds(event.items), event.received_on) for index, event in known.events.items()}
    last = known.last_received()
    runs = [(one, _runs(one, last, cover, held, today)) for one in stocked if one.alive]
    made.lines.extend(line for _, line in runs)
    living = (one.items for one, line in runs if one.by_importer and line.state != "due")
    roots = held.items.union(*living, *(one.items for one in alive.values()))
    kept = _kept(session, known, terms, roots, today)
    made.lines.extend(_captures(known, terms, kept, held, today))
    for paper in papers(session, found, alive, kept):
        blocked = _HELD if held.paper(paper.row) else _RESTS if paper.needed else None
        made.lines.append(_line("document", paper.row.id, paper.row.owner_id, paper.term, today, blocked))
    for asked in look_ups(session):
        blocked = _HELD if held.party(asked.owner_id) else None
        made.lines.append(_line("screening", str(asked.entry_index), asked.owner_id, asked.term, today, blocked))
    for case in cases.cases(session, found, alive, kept, held):
        made.lines.append(_line(case.kind, case.subject, case.owner_id, case.term, today, case.blocked))
    made.lines.extend(_reads(session, held, today))
    return made


def _kept(session: Session, known: Captured, terms: Mapping[int, Term], roots: set[int], today: date) -> set[int]:
    """Return the items whose events have to stay: those of records still kept, and what they rest on."""
    running = (one for index, one in known.events.items() if not terms[index].is_over(today))
    kept = rests_on(session, roots.union(*(one.items for one in running)))
    return kept | rests_on(session, known.correctives(kept) - kept)


def _line(kind: str, subject: str, owner_id: str | None, found: Term, today: date, blocked: str | None) -> Line:
    """Return the line of a record: what is not known first, then its term, then what else keeps it."""
    if found.ends_on is None:
        state, why = "unknown", found.why
    elif not found.is_over(today):
        state, why = "running", found.why
    else:
        state, why = ("blocked", blocked) if blocked else ("due", found.why)
    return Line(kind, subject, owner_id, state, found, why)


def _shipment(service: Service, session: Session, one: Consignment, held: Held, today: date) -> Line:
    blocked = _HELD if held.shipment(one.importer_id, one.shipment_id) or one.items & held.items else None
    if blocked is None and one.term.is_over(today):
        blocked = holds.case_about(service, session, one)
    return _line("shipment", one.shipment_id, one.importer_id, one.term, today, blocked)


def _runs(one: BatchRuns, last: Mapping[int, date], cover: Cover, held: Held, today: date) -> Line:
    """Return the line of an owner's runs over a batch: its own term and holds, whoever sent the events."""
    blocked = _HELD if held.party(one.owner_id) or one.items & held.items else None
    grounds = one.grounds if one.by_importer else cover.grounds(one.items)
    received = [last[item] for item in one.items if item in last]
    lasts = term(grounds if received else None, max(received, default=date.min))
    return _line("assessment", one.batch, one.owner_id, lasts, today, blocked)


def _captures(known: Captured, terms: Mapping[int, Term], kept: set[int], held: Held, today: date) -> Iterable[Line]:
    """Yield a line for each capture: it goes as a whole, together with every other that signs one of its events."""
    for group in known.groups():
        events = {index for one in group for index in one.events}
        items = frozenset[int]().union(*(known.events[index].items for index in events))
        needed = bool(items & kept) or any(not known.events[index].items for index in events)
        blocked = _HELD if any(held.party(one.party_id) for one in group) else _RESTS if needed else None
        longest = _longest([terms[index] for index in events])
        for one in group:
            yield _line("capture", one.id, one.party_id, longest, today, blocked)


def _longest(found: list[Term]) -> Term:
    """Return the term that ends last; one without end is longer than any, and so is that of nothing."""
    endless = next((one for one in found if one.ends_on is None), None)
    return endless or max(found, key=lambda one: one.ends_on or date.max, default=term([], date.min))


def _reads(session: Session, held: Held, today: date) -> Iterable[Line]:
    """Yield the line for the oldest reads: they are the operator's to erase, since one may concern several parties."""
    found = old_reads(session, held, today)
    if found is not None:
        ends = end_of(ACCESS, found[1])
        blocked = _HELD if held.party(None) else None
        about = Term(ACCESS.code, ends, f"{found[0]} reads; {ACCESS.law_ref}: {ACCESS.years} years")
        yield _line("access_log", f"reads before {reads_kept_from(today).isoformat()}", None, about, today, blocked)

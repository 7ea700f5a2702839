"""Cases and who reported a grievance: with which records they are kept; an open case is never due."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from traceability.diligence.retention import CMR, REPORTER, Term, end_of, grounds_of, term
from traceability.services.facts.chain import item_ids
from traceability.services.retention.holds import Held
from traceability.services.retention.terms import Consignment, Grounds, importer_facts, merged
from traceability.storage.tables import CaseVersion, GrievanceReporter

HELD = "a person holds it; the reason stands with the hold"
_OPEN = "the case is open"
_RESTS = "it names what a record that is still kept rests on"
_ENDED = frozenset({"completed", "failed", "closed", "answered", "withdrawn"})
#: An answer to a request that nobody accepted yet is still dealt with; what a party was told waits for nobody.
_ENDED_OF = {"request": frozenset({"accepted", "withdrawn"}), "contest": frozenset({"told", "answered", "withdrawn"})}
_Alive = Mapping[tuple[str, str], Consignment]


@dataclass(frozen=True, slots=True)
class Kept:
    """A case, or who reported it, that has its words: its term, and what keeps it beyond."""

    kind: str
    subject: str
    owner_id: str
    term: Term
    blocked: str | None


def cases(session: Session, found: Sequence[Consignment], alive: _Alive, kept: set[int], held: Held) -> Iterable[Kept]:
    """Yield every case with the longest ground of its importer's records, from its last version on; then reporters."""
    query = select(CaseVersion).where(col(CaseVersion.latest).is_(True)).order_by(col(CaseVersion.case_id))
    rows = {row.case_id: row for row in session.exec(query)}
    grounds: dict[str, Grounds] = {}
    for row in rows.values():
        if row.erased_index is not None:
            continue
        if row.owner_id not in grounds:
            grounds[row.owner_id] = _grounds(session, row.owner_id, found)
        rests = _RESTS if _serves(session, row, alive, kept) else None
        lasts = term(_binding(row, grounds[row.owner_id]), row.written_at.date())
        yield Kept("case", row.case_id, row.owner_id, lasts, _blocked(row, held) or rests)
    named = select(GrievanceReporter).where(col(GrievanceReporter.erasure_index).is_(None))
    for who in session.exec(named.order_by(col(GrievanceReporter.case_id))):
        yield _reporter(who, rows[who.case_id], held)


def _reporter(who: GrievanceReporter, row: CaseVersion, held: Held) -> Kept:
    """Return how long a reporter is known: after the case ended the shortest term, whatever keeps the case."""
    ends = end_of(REPORTER, row.written_at.date())
    lasts = Term(REPORTER.code, ends, f"{REPORTER.law_ref}: {REPORTER.years} year after the last word on the case")
    return Kept("reporter", who.case_id, who.owner_id, lasts, None if row.erased_index else _blocked(row, held))


def _grounds(session: Session, owner_id: str, found: Sequence[Consignment]) -> Grounds:
    """Return what binds an importer: the grounds of all its records; without one, as if it were about minerals."""
    mine = [one.grounds for one in found if one.importer_id == owner_id]
    return merged(mine) if mine else grounds_of(importer_facts(session, owner_id), None)


def _binding(row: CaseVersion, grounds: Grounds) -> Grounds:
    """Return the grounds of a case: a notice under Reg. (EU) 2017/821 is about minerals, whatever the records are."""
    return merged([grounds, (CMR,)]) if row.record.get("regime") == CMR.code else grounds


def _blocked(row: CaseVersion, held: Held) -> str | None:
    if held.party(row.owner_id):
        return HELD
    said: Any = row.record.get("progress", row.record.get("status"))
    return None if said in _ENDED_OF.get(row.kind, _ENDED) else _OPEN


def _serves(session: Session, row: CaseVersion, alive: _Alive, kept: set[int]) -> bool:
    """Tell whether a record still kept may rest on the case; one about a party or site serves them all."""
    for one in row.record["about"]:
        if one["kind"] == "shipment":
            serves = (row.owner_id, one["id"]) in alive
        elif one["kind"] == "batch":
            serves = bool(item_ids(session, [one["id"]]) & kept)
        else:
            serves = any(owner == row.owner_id for owner, _ in alive)
        if serves:
            return True
    return False

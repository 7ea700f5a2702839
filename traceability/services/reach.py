"""Which assessed subjects show a hit, a signal, a document or a correction, and which criticals rest on it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from traceability.lists.codes import party_list
from traceability.services.assess import latest_all
from traceability.services.facts.decided import DOC_TYPE
from traceability.services.reviewer_memory import Asked
from traceability.services.screening_record import screened_by
from traceability.storage.tables import AssessmentRow, Document, DocumentLink, Screening

_NOWHERE = "/-"
_KIND = col(DocumentLink.kind)


@dataclass(frozen=True, slots=True)
class Showing:
    """A subject whose newest assessment shows the thing, with the critical findings that rest on it."""

    kind: str
    subject: str
    assessment_id: int
    entry_index: int
    criticals: tuple[dict[str, Any], ...]


def subjects_showing(session: Session, owner_id: str, kind: str, subject: str) -> list[Showing]:
    """Return the owner's subjects that show it, as their newest assessments stand."""
    places_in = _seeker(session, owner_id, kind, subject)
    found = []
    for row in latest_all(session, owner_id) if places_in else ():
        places = places_in(row) if places_in else None
        if places is not None:
            rests = tuple(_criticals(row, places))
            found.append(Showing(row.subject_kind, row.subject, row.id or 0, row.entry_index, rests))
    return found


Seeker = Callable[[AssessmentRow], Sequence[str] | None]


def _seeker(session: Session, owner_id: str, kind: str, subject: str) -> Seeker | None:
    """Return what gives the JSON Pointers under which a run's facts hold the thing; None from it: it is not there."""
    if kind == "hit":
        return _hit_seeker(session, subject)
    if kind == "signal":
        return lambda row: _signal_places(row.facts, subject) or _noted(row, subject)
    if kind in ("document", DOC_TYPE):
        return _document_seeker(session, owner_id, subject)
    return lambda row: _correction_places(row, subject)


def _hit_seeker(session: Session, subject: str) -> Seeker | None:
    """Seek by the screening itself, not by the name alone, which another company may share."""
    list_id, entry_key, subject_key = (*subject.split("|", 2), "", "")[:3]
    screenings = select(Screening.entry_index, Screening.subject).where(
        Screening.subject_key == subject_key, col(Screening.asked_by).is_(None)
    )
    said = {place: who for place, who in session.exec(screenings) if place is not None}

    def places(row: AssessmentRow) -> Sequence[str] | None:
        who = said.get(row.entry_index - 1)  # the screenings of a run are the entry right before its own
        if who is None:
            return None
        wanted = (party_list(list_id).list_code, entry_key, who["name"][:500], who["party_id"])
        hits = enumerate(row.facts.get("entity_hits", []))
        return [f"/entity_hits/{number}" for number, hit in hits if _named(hit) == wanted] or None

    return places


def hits_shown(session: Session, row: AssessmentRow) -> Iterator[tuple[Asked, str]]:
    """Yield the hits that a run shows, as decisions name them, each with the name that met the entry."""
    shown = {_named(hit) for hit in row.facts.get("entity_hits", [])}
    for one in session.exec(select(Screening).where(screened_by(row.entry_index))) if shown else ():
        name, party_id = one.subject["name"], one.subject["party_id"]
        for found in one.hits:
            list_id, entry_key = found["list_id"], found["entry_key"]
            if (party_list(list_id).list_code, entry_key[:500], name[:500], party_id) in shown:
                yield Asked(list_id, entry_key, one.subject_key, party_id, found.get("identity")), name


def _named(hit: Mapping[str, Any]) -> tuple[str, str | None, str, str | None]:
    return hit["list_code"], hit.get("entry_id"), hit["party_name"], hit.get("party_id")


def _signal_places(facts: Mapping[str, Any], subject: str) -> list[str]:
    signals = enumerate(facts.get("text_signals", []))
    return [f"/text_signals/{number}" for number, signal in signals if _signal_key(signal) == subject]


def _noted(row: AssessmentRow, subject: str) -> list[str] | None:
    """Return a place on which no finding rests, where a note of the run is about this passage of a paper."""
    return [_NOWHERE] if any(note.get("signal") == subject for note in row.notes) else None


def _signal_key(signal: Mapping[str, Any]) -> str:
    sha256 = signal["document_id"].removeprefix("sha256:")
    return f"{sha256}|{signal['topic']}|{signal['start']}-{signal['end']}"


def _document_seeker(session: Session, owner_id: str, sha256: str) -> Seeker | None:
    own = select(Document.id).where(Document.owner_id == owner_id, Document.sha256 == sha256)
    known = session.exec(own).first()
    if known is None:
        return None
    links = session.exec(select(DocumentLink.target).where(DocumentLink.document_id == known, _KIND == "batch"))
    batches = set(links)

    def places(row: AssessmentRow) -> Sequence[str] | None:
        shown = [
            f"/documents/{number}"
            for number, document in enumerate(row.facts.get("documents", []))
            if document["document_id"].partition("#")[0] == f"sha256:{sha256}"
        ]
        return shown or ([_NOWHERE] if batches & set(row.batches) else None)

    return places


def _correction_places(row: AssessmentRow, event_id: str) -> list[str] | None:
    """Return no place but the whole run, where it knows an error declaration of this event."""
    noted = any(event_id in note.get("events", ()) for note in row.notes)
    declared = any(
        event["event_id"] == event_id and event.get("error_declaration")
        for event in row.facts.get("custody_events", [])
    )
    return [] if noted or declared else None


def _criticals(row: AssessmentRow, places: Sequence[str]) -> Iterable[dict[str, Any]]:
    """Yield the criticals whose evidence touches one of the places; for a correction all of them."""
    for finding in row.result["findings"]:
        rests = not places or any(_touches(pointer, place) for pointer in finding["evidence"] for place in places)
        if finding["severity"] == "critical" and rests:
            yield {
                "code": finding["code"],
                "severity": "critical",
                "digest": finding["digest"],
                "kind": row.subject_kind,
                "subject": row.subject,
                "assessment_id": row.id,
            }


def _touches(pointer: str, place: str) -> bool:
    return pointer == place or pointer.startswith(f"{place}/") or place.startswith(f"{pointer}/")

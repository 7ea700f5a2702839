"""The contradictions of one document with what is signed, side by side, as the newest assessments say them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from sqlmodel import Session

from traceability.documents.report import Read, Report
from traceability.services import document_links
from traceability.services.assess import latest
from traceability.services.context import Service
from traceability.services.contradictions.model import Event, Signed, signed
from traceability.services.shipments import for_batch
from traceability.storage.tables import AssessmentRow, Document

#: The findings that say of a paper what the notes cannot: the catalogue has a code for it.
_KINDS: Final = {"ORIGIN-MISMATCH": "origin_contradicted", "DOC-CLAIM-CONTRADICTED": "denial_contradicted"}
_PLACE: Final = re.compile(r"/(documents|text_signals|custody_events)/([0-9]+)(?:/.*)?")


def of_document(service: Service, row: Document) -> list[dict[str, Any]]:
    """Return what a document says against signed facts of what it is attached to.

    Each has the kind, a ``code`` where it is a finding of the catalogue and not a note, where and what was ``read``,
    the ``signed`` facts beside it, and the ``about`` (shipment or batch) whose newest assessment says so.
    """
    if row.report is None:
        return []
    report = Report.from_dict(row.report)
    with service.store.read() as session:
        runs = [latest(session, row.owner_id, *about) for about in _about(session, row)]
    found = [one for run in runs if run is not None for one in (*_noted(run, row), *_raised(run, row, report))]
    return list({(one["message"], one["read"]["start"], str(one["about"])): one for one in found}.values())


def _about(session: Session, row: Document) -> list[tuple[str, str]]:
    """Return the subjects a document is attached to: shipment records, and batches that no record names."""
    found: list[tuple[str, str]] = []
    for link in document_links.links_of(session, row.id, row.owner_id):
        named = for_batch(session, row.owner_id, link.target) if link.kind == "batch" else [link.target]
        found += [("shipment", one) for one in named if link.kind != "party"]
        found += [("batch", link.target)] if link.kind == "batch" and not named else []
    return list(dict.fromkeys(found))


def _noted(run: AssessmentRow, row: Document) -> Iterator[dict[str, Any]]:
    names = ("kind", "message", "why", "read", "signed", "review", "signal", "disposition")
    for note in run.notes:
        if note.get("document") == row.sha256 and "read" in note:
            yield {name: note.get(name) for name in names} | {"code": None, "about": _subject(run)}


def _raised(run: AssessmentRow, row: Document, report: Report) -> Iterator[dict[str, Any]]:
    """Yield the findings of the rules that rest on a field or passage of the document."""
    for finding in run.result["findings"]:
        for read in _read(run.facts, row, report, finding) if finding["code"] in _KINDS else ():
            facts = [asdict(fact) for fact in _signed(run.facts, finding)]
            said = finding["message"]
            yield {
                "kind": _KINDS[finding["code"]], "code": finding["code"], "message": said, "why": said,
                "read": asdict(read), "signed": facts, "review": True, "signal": None, "disposition": None,
                "about": _subject(run),
            }  # fmt: skip


def _read(facts: Mapping[str, Any], row: Document, report: Report, finding: Mapping[str, Any]) -> Iterator[Read]:
    for section, thing in _rests_on(facts, finding):
        if thing.get("document_id", "").partition("#")[0] != f"sha256:{row.sha256}":
            continue
        if section == "documents":
            country = thing.get("declared_origin_country")
            yield from (_origin(one) for one in report.facts.origins if one.country == country)
        else:
            said = (one for one in report.findings if (one.start, one.end) == (thing["start"], thing["end"]))
            page = next((one.page for one in said), 1)
            yield Read("sourcing", "denial", thing["quote"], page, thing["start"], thing["end"])


def _origin(one: Any) -> Read:
    """Return where an origin was read; reports of earlier versions say it without label and confidence."""
    return one.read or Read("origin", "origin", one.quote, one.page, one.start, one.end)


def _signed(facts: Mapping[str, Any], finding: Mapping[str, Any]) -> Iterator[Signed]:
    """Yield the signed side: the origins of the record and of the mines, or the events that show a denied source."""
    if finding["code"] == "ORIGIN-MISMATCH":
        stated = ", ".join(one["country"] for one in facts.get("shipment", {}).get("origins", ()))
        if stated:
            yield Signed("shipment record", stated)
        events = [event for event in facts.get("custody_events", ()) if event["type"] == "extraction"]
    else:
        events = [thing for section, thing in _rests_on(facts, finding) if section == "custody_events"]
    yield from dict.fromkeys(signed(event, _place(event)) for event in events)


def _rests_on(facts: Mapping[str, Any], finding: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for place in filter(None, map(_PLACE.fullmatch, finding["evidence"])):
        things = facts.get(place[1], [])
        if int(place[2]) < len(things):
            yield place[1], things[int(place[2])]


def _place(event: Event) -> str:
    return str(event.get("subdivision") or event.get("country") or "place unknown")


def _subject(run: AssessmentRow) -> dict[str, str]:
    return {"kind": run.subject_kind, "subject": run.subject}

"""The papers of a consignment's chain as reports list them, with the file each becomes in a package."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlmodel import Session

from traceability.custody.closure import Closure
from traceability.diligence.reports.tracing import Paper
from traceability.events.identifiers import normalise
from traceability.services.access import Actor
from traceability.services.facts.papers import papers
from traceability.services.file_names import file_name
from traceability.services.period import falls_within
from traceability.storage import tables as t

MOST_BYTES: Final = 100_000_000
"""Bytes of papers in one package; what goes beyond is listed without its file."""


def papers_of(
    session: Session, actor: Actor, row: t.Shipment, closure: Closure, events: Iterable[Mapping[str, Any]]
) -> tuple[list[Paper], list[t.Document]]:
    """Return the papers of a shipment record, its batches and the parties of its chain, and the documents behind them.

    Both are in the order in which the papers came.
    """
    targets = {("shipment", row.shipment_id), *(("batch", batch) for batch in closure.batches)}
    targets |= {("party", normalise(did)) for event in events for did in event["parties"]}
    found = papers(session, row.importer_id, targets)
    files = [one for one in found.rows if one.erased_index is None and falls_within(actor, one.uploaded_at)]
    files.sort(key=lambda one: (one.entry_index, one.id))
    unread = {one.id for one in found.unread}
    left, listed = MOST_BYTES, []
    for number, one in enumerate(files, start=1):
        report = None if one.id in unread else found.reports.get(one.id)
        kind = found.types.get(one.sha256) or (report.facts_type if report else "other")
        left -= one.size
        path = f"papers/{number:03d}-{kind}.{_ending(one.filename)}" if left >= 0 else None
        issued, language = (report.facts.issued_on, report.language) if report else (None, None)
        listed.append(Paper(one.sha256, kind, one.filename, issued, language, path, report is None))
    return listed, files


def _ending(name: str) -> str:
    """Return the ending under which a paper lies in a package: one that starts no program."""
    _, dot, ending = file_name(name).rpartition(".")
    return ending if dot else "bin"

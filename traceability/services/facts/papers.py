"""Documents and text signals in the facts (facts.md 8): what was read, and what a person has said of it since."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from traceability.documents.report import EMBEDDED, Declared, DeclaredOrigin, Finding, Report
from traceability.services.contradictions.names import Lots
from traceability.services.facts.chain import chunks
from traceability.services.facts.decided import confirmed_types
from traceability.storage.tables import Document, DocumentLink
from traceability.texts import phrase

_ENTERED = ("affirmed", "reported", "historical", "remediated")
_MAX_QUOTE = 2000
_MOST_LOTS = 10
_SEVERAL = 2
# By the label a paper names its issuer under. "Issued by" alone does not say whether that is an authority: left out.
_ISSUERS = {
    **dict.fromkeys(("supplier", "shipper", "exporter", "declarant"), "supplier"),
    **dict.fromkeys(("auditor", "laboratory", "third_party"), "third_party"),
    "importer": "importer",
    "authority": "authority",
}


@dataclass(frozen=True, slots=True)
class Papers:
    """The documents of one subject as an owner sees them."""

    rows: tuple[Document, ...]
    reports: Mapping[str, Report]
    types: Mapping[str, str] = field(default_factory=dict)  # what paper it is, as two officers say, by sha256
    about: Mapping[str, frozenset[str]] = field(default_factory=dict)  # what each is attached to here, by its id

    @property
    def unread(self) -> list[Document]:
        """Return what was not read to the end, or holds files that nobody read: it keeps the state pending."""
        return [row for row in self.rows if not self.complete(row) or self._holds_files(row)]

    def complete(self, row: Document) -> bool:
        """Tell whether the text of a document was read to the end."""
        report = self.reports.get(row.id)
        return report is not None and report.text_read

    def _holds_files(self, row: Document) -> bool:
        return any(note.code == EMBEDDED for note in self.reports[row.id].notes)


def papers(session: Session, owner_id: str, targets: Collection[tuple[str, str]]) -> Papers:
    """Return the owner's documents attached to any of (kind, target)."""
    links = session.exec(
        select(DocumentLink.document_id, DocumentLink.kind, DocumentLink.target)
        .join(Document, col(Document.id) == col(DocumentLink.document_id))
        .where(Document.owner_id == owner_id)
    )
    about: dict[str, frozenset[str]] = {}
    for document_id, kind, target in links:
        if (kind, target) in targets:
            about[document_id] = about.get(document_id, frozenset()) | {kind}
    ids = about.keys()
    query = select(Document).where(Document.owner_id == owner_id).order_by(col(Document.id))
    rows = [row for chunk in chunks(sorted(ids)) for row in session.exec(query.where(col(Document.id).in_(chunk)))]
    reports = {row.id: Report.from_dict(row.report) for row in rows if row.report is not None}
    return Papers(tuple(rows), reports, confirmed_types(session, owner_id), about)


def documents(found: Papers, lots: Callable[[], Lots] | None = None) -> list[dict[str, Any]]:
    """Return the ``documents`` section; an unread paper has the type other and proves nothing.

    Of a paper that states the origin of lots of the chain, those of other ``lots`` besides are left out: they are of
    other goods of a bigger consignment (``other_lots`` tells of them).
    """
    return [
        entry
        for row in found.rows
        for entry in _entries(row, found.reports.get(row.id), found.types.get(row.sha256), lots)
    ]


def other_lots(found: Papers, lots: Callable[[], Lots]) -> list[dict[str, Any]]:
    """Return a note for each paper that states the origin of other goods besides those of the chain."""
    notes = []
    for row in found.rows:
        report = found.reports.get(row.id)
        others = _others(report.facts.origins, lots) if report is not None and found.complete(row) else []
        if others:
            which = ", ".join(dict.fromkeys(f"{one.lot} ({one.country})" for one in others[:_MOST_LOTS]))
            message = phrase(f"{row.filename} states the origin of lots that are not in the chain, besides: {which}")
            notes.append({"kind": "other_lots", "message": message, "document": row.sha256, "review": False})
    return notes


def left_out(found: Papers, dispositions: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a note for what of a paper was not read or not run, until a person has read it: it is not clear."""
    return [
        {
            "kind": "read_in_part", "message": f"{row.filename}: {note.message}", "document": row.sha256,
            "review": False,
        }
        for row in found.rows
        if found.complete(row) and dispositions.get(row.sha256) != "read_by_person"
        for note in found.reports[row.id].left_out
    ]  # fmt: skip


def _others(origins: Sequence[DeclaredOrigin], lots: Callable[[], Lots]) -> list[DeclaredOrigin]:
    """Return the origins of lots that the chain does not know, where it knows others of the paper.

    The lots are asked for only where a paper has several: to name those of a long chain takes a while.
    """
    if len({one.lot for one in origins} - {None}) < _SEVERAL:
        return []
    known = lots()
    others = [one for one in origins if one.lot is not None and not known.find(one.lot)]
    return others if len(others) < sum(one.lot is not None for one in origins) else []


def _entries(
    row: Document, report: Report | None, confirmed: str | None, lots: Callable[[], Lots] | None
) -> Iterable[dict[str, Any]]:
    name = f"sha256:{row.sha256}"
    if report is None or report.outcome != "parsed" or report.unread_pages:
        yield {"document_id": name, "type": "other"}
        return
    entry: dict[str, Any] = {"document_id": name, "type": confirmed or report.facts_type}
    entry |= _declared(report.facts)
    others = frozenset(_others(report.facts.origins, lots)) if lots is not None else frozenset()
    countries = list(dict.fromkeys(origin.country for origin in report.facts.origins if origin not in others))
    if not countries:
        yield entry
    for number, country in enumerate(countries, start=1):
        suffix = "" if number == 1 else f"#{number}"
        yield {**entry, "document_id": name + suffix, "declared_origin_country": country}


def _declared(declared: Declared) -> dict[str, Any]:
    stated = {"issuer_role": _ISSUERS.get(declared.issuer_role or ""), "issued_on": declared.issued_on}
    return {name: value for name, value in stated.items() if value}


def signal_key(sha256: str, finding: Finding) -> str:
    """Return what a decision on a signal names: this passage of this paper."""
    return f"{sha256}|{finding.topic}|{finding.start}-{finding.end}"


def signals(found: Papers, dispositions: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the ``text_signals`` section from the documents that were parsed."""
    rows = []
    for row in found.rows:
        report = found.reports.get(row.id)
        if report is not None and report.outcome == "parsed":
            rows += [
                _signal(row, item, dispositions.get(signal_key(row.sha256, item)))
                for item in report.findings
                if _enters(item)
            ]
    return rows


def _enters(finding: Finding) -> bool:
    if finding.topic is None:
        return False
    denied = finding.assertion == "negated" and finding.topic == "sourcing"
    return finding.assertion in _ENTERED or (denied and finding.actor != "third_party")


def _signal(row: Document, finding: Finding, disposition: str | None) -> dict[str, Any]:
    signal: dict[str, Any] = {
        "document_id": f"sha256:{row.sha256}",
        "topic": finding.topic,
        "assertion": finding.assertion,
        "quote": finding.quote[:_MAX_QUOTE],
        "start": finding.start,
        "end": finding.end,
    }
    if finding.topic == "sourcing" and finding.country:
        place = {"country": finding.country}
        signal["locations"] = [place | ({"subdivision": finding.region} if finding.region else {})]
    if disposition:
        signal["disposition"] = disposition
    return signal

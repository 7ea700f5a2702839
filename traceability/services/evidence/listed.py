"""The list versions that the runs of a pack read: what they are, and the lines that findings rest on."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlmodel import Session, col, select

from traceability.ledger.encoding import b64u
from traceability.lists.areas import section_name
from traceability.lists.codes import party_list
from traceability.services.context import Service
from traceability.services.evidence.proofs import Proofs
from traceability.services.whole import lines_digest, version_bytes
from traceability.storage.tables import AssessmentRow, ListEntryRow, ListReviewRow, ListVersionRow

_SAID = (
    "list_id", "version", "title", "publisher", "published_at", "retrieved_at", "source_url", "source_sha256",
    "table_sha256", "row_count", "coverage", "terms", "entry_index",
)  # fmt: skip


def list_lines(
    service: Service, session: Session, runs: Sequence[AssessmentRow], files: dict[str, bytes], proofs: Proofs
) -> list[dict[str, Any]]:
    """Return a line for each version that a run read, in the order of the log, and prove each version's record."""
    used = {(item["list_id"], item["version"]) for row in runs for item in row.coverage}
    query = select(ListVersionRow).where(col(ListVersionRow.entry_index) < proofs.checkpoint.size)
    lines = []
    for version in session.exec(query.order_by(col(ListVersionRow.entry_index))):
        if (version.list_id, version.version) in used:
            _prove(service, session, version, files, proofs)
            said = {name: getattr(version, name) for name in _SAID}
            lines.append({**said, "matching_lines": _matching(version.list_id, version.version, runs)})
    return lines


def _prove(
    service: Service, session: Session, version: ListVersionRow, files: dict[str, bytes], proofs: Proofs
) -> None:
    """Prove a version by its whole record, or by the hash of its table where its entry is of an older form."""
    index, about = version.entry_index, f"list {version.title}, version {version.version}"
    if proofs.body_at(index) == b64u(bytes.fromhex(version.table_sha256)):
        proofs.add_hash(index, about)
        return
    name = f"lists/{index}.json"
    review = session.exec(select(ListReviewRow).where(ListReviewRow.version_id == version.id)).all()
    files[name] = version_bytes(version, _lines_digest(service, session, version), review)
    proofs.add(index, about, files[name], file=name)


def _lines_digest(service: Service, session: Session, version: ListVersionRow) -> str:
    """Return the hash of a version's lines; they never change, so a process reads them once."""
    known = service.list_digests
    if version.entry_index not in known:
        rows = session.exec(select(ListEntryRow).where(ListEntryRow.version_id == version.id))
        known[version.entry_index] = lines_digest(row.model_dump() for row in rows)
    return known[version.entry_index]


def _matching(list_id: str, version: str, runs: Iterable[AssessmentRow]) -> list[dict[str, Any]]:
    """Return the lines of a list that findings name as evidence, each once, as the facts carry them."""
    found = []
    for row in runs:
        if any((item["list_id"], item["version"]) == (list_id, version) for item in row.coverage):
            found += [line for line in _lines(list_id, row) if line not in found]
    return found


def _lines(list_id: str, row: AssessmentRow) -> Iterator[dict[str, Any]]:
    section = section_name(list_id)
    code = party_list(list_id).list_code if section is None else None  # a list of areas or goods has no name hits
    for finding in row.result["findings"]:
        for pointer in finding["evidence"]:
            match pointer.split("/")[1:]:
                case ["lists", name, "entries", number, *_] if name == section and number.isdigit():
                    yield row.facts["lists"][name]["entries"][int(number)]
                case ["entity_hits", number, *_] if row.facts["entity_hits"][int(number)]["list_code"] == code:
                    yield row.facts["entity_hits"][int(number)]

"""Supplier documents: the file, what its reading gave, and what it is linked to, each against its entry."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from traceability.errors import TraceabilityError
from traceability.ledger.encoding import digest
from traceability.services.fsck.audit import TABLES, Audit, Said, batched, hash_of, moment_of
from traceability.services.whole import document_bytes, links_bytes

_BATCH = 50  # a report may have a megabyte
_LINK: Any = TABLES["document_link"]
_DOCUMENT: Any = TABLES["document"]


def check_documents(audit: Audit, *, deep: bool) -> None:
    """Check every document and its links; ``deep`` reads the files too."""
    for batch in batched(audit.rows("document", ("id",), size=_BATCH), _BATCH):
        entries = audit.entries(index for row in batch for index in (row.entry_index, row.read_index))
        for row in batch:
            said = {
                "kind": "document", "body": hash_of(row.sha256), "jws": None, "key": None,
                "who": audit.who(row.owner_id), "at": moment_of(row.uploaded_at), "ref": (),
            }  # fmt: skip
            audit.stands_for("document", row.entry_index, entries.get(row.entry_index), said)
            _check_reading(audit, row, entries)
            if deep:
                _check_file(audit, row)
    _check_links(audit)


def _check_reading(audit: Audit, row: Any, entries: Mapping[int, Said]) -> None:
    """Check that state, outcome and report agree, and that the entry of the reading stands for all of the row."""
    if row.report is None and row.outcome is None and audit.is_excused(row.entry_index):
        return
    is_read = row.report is not None
    outcome = row.report.get("outcome") if isinstance(row.report, Mapping) else None
    expected = {"state": "read" if is_read else "pending", "outcome": outcome}
    audit.same("document", row.entry_index, expected, row)
    if is_read != (row.read_at is not None):
        audit.problem("document", row.entry_index, "read_at: it does not go with the report")
    if row.read_index is not None:
        said = {
            "kind": "screening", "body": digest(document_bytes(row, audit.who)), "key": None,
            "who": audit.who(row.owner_id), "ref": (row.entry_index,),
            "at": None if row.read_at is None else moment_of(row.read_at),
        }  # fmt: skip
        audit.stands_for("document", row.read_index, entries.get(row.read_index), said)
    elif is_read:
        audit.report.recorded_before("document", "report, file name and media type stand in no entry")


def _check_file(audit: Audit, row: Any) -> None:
    try:
        data = audit.files.get(row.sha256)
    except TraceabilityError as error:
        # An erasure that was approved while we read deletes the file of a row that stands in our snapshot.
        if not audit.is_excused(row.entry_index) and not audit.was_erased_since(row.entry_index):
            audit.problem("document", row.entry_index, error.detail)
        return
    audit.same("document", row.entry_index, {"size": len(data)}, row)


def _check_links(audit: Audit) -> None:
    """Check that the links of one upload are together those that its entry stands for."""
    owners = sa.select(_DOCUMENT.c.id, _DOCUMENT.c.owner_id, _DOCUMENT.c.entry_index)
    about = {row.id: row for row in audit.session.connection().execute(owners)}
    order = ("entry_index", "document_id", "kind", "target")
    linked = audit.rows("document_link", order, where=_LINK.c.entry_index.is_not(None))
    for index, group in groupby(linked, key=lambda row: row.entry_index):
        rows = list(group)
        document = about.get(rows[0].document_id)
        said = {
            "kind": "document", "body": digest(links_bytes(rows, audit.who)), "key": None, "jws": None,
            "who": audit.who(document.owner_id) if document else None, "at": moment_of(rows[0].linked_at),
            "ref": (document.entry_index,) if document else (),
        }  # fmt: skip
        audit.stands_for("document_link", index, audit.entries([index]).get(index), said)
    for _ in audit.rows("document_link", where=_LINK.c.entry_index.is_(None)):
        audit.report.recorded_before("document_link", "what it links stands in no entry")

"""The table of documents, as the batch page and the list of documents show it."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import request, session, url_for

from traceability.documents.report import EMBEDDED
from traceability.services import documents
from traceability.services.access import Actor
from traceability.services.mandates import private_reader
from traceability.storage.tables import Document
from traceability.web import words
from traceability.web.language import N_, gettext, ngettext
from traceability.web.page import Cell, Column, Row, Table, cells_of, table
from traceability.web.session import service

COLUMNS = (
    Column("file", "Document"),
    Column("type", "Kind"),
    Column("reading", "Reading"),
    Column("signals", "Signals", "number"),
    Column("by", "Handed over by"),
    Column("at", "Handed over", "time"),
    Column("sha256", "sha256", "id"),
)


def listing(rows: Iterable[Document], suffix: str = "", whose: str = "", importer: str | None = None) -> Table:
    """Return documents as a table; a reader under a mandate names the ``importer`` (DID) in every link."""
    empty = N_(
        "No document of your party is attached. Attach certificates, assays and audit reports: unsaid is not clear."
    )
    shown = list(rows)
    types = documents.types_of(service(), shown)
    lines = (_row(row, types, importer) for row in shown)
    return table(f"documents{suffix}", gettext("Documents") + whose, COLUMNS, lines, empty)


def reader(who: Actor, importer: str | None = None, subject: str | None = None) -> Actor:
    """Return the actor to read documents as: under a mandate that of the importer (DID), and the read is logged.

    ``subject`` is what the log says was read; without it the address.

    Raises:
        PurposeNeeded: a regulator or auditor has stated no purpose in this session.
        InvalidQuery: a regulator names no importer.

    """
    return private_reader(service(), who, session.get("purpose"), importer, subject or request.path)


def names(who: Actor) -> dict[str, str]:
    """Return the file names of the documents of the reader's own party, by sha256."""
    return {row.sha256: row.filename for row in documents.documents(service(), who)}


def reading(row: Document) -> str:
    """Return in words how far a document was read; only ``read to the end`` is not pending."""
    if row.state != "read" or row.report is None:
        return gettext("waits to be read")
    unread = row.report.get("unread_pages") or []
    if row.outcome == "parsed" and not unread and holds_files(row):
        return gettext("not read: the files inside it")
    if row.outcome == "parsed" and not unread:
        return gettext("read to the end by machine")
    if row.outcome == "parsed":
        return ngettext("not read: %(num)s page", "not read: %(num)s pages", len(unread))
    if row.outcome == "needs_ocr":
        return gettext("needs a person: no text could be read")
    return gettext("could not be read")


def holds_files(row: Document) -> bool:
    """Tell whether there are files inside a document, which nobody read."""
    return any(note["code"] == EMBEDDED for note in (row.report or {}).get("notes", ()))


def kind(row: Document, types: Mapping[str, str]) -> str:
    """Return what paper it is, and who says so; ``types`` are those that officers have confirmed, by id."""
    if row.id in types:
        return gettext("%(kind)s, confirmed by two officers", kind=words.sentence(types[row.id]))
    found = (row.report or {}).get("facts_type")
    return gettext("%(kind)s, read by machine", kind=words.sentence(found)) if found else gettext("not known")


def _row(row: Document, types: Mapping[str, str], importer: str | None) -> Row:
    findings = (row.report or {}).get("findings", [])
    values: dict[str, Any] = {
        "file": Cell(row.filename, href=url_for("web.document", document_id=row.id, importer=importer)),
        "type": kind(row, types),
        "reading": reading(row),
        "signals": str(len(findings)) if row.report else gettext("not read"),
        "by": row.uploaded_by,
        "at": words.moment(row.uploaded_at),
        "sha256": Cell(row.sha256[:16], whole=row.sha256),
    }
    return Row(cells_of(values))

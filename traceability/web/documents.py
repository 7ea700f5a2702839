"""Documents of one's own party: hand one over, see what was read by machine, take the original (page 4, first part)."""

from typing import Any

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.documents.report import Report
from traceability.errors import InvalidInput, NotFound, Problem
from traceability.services import document_links
from traceability.services import documents as document_service
from traceability.services.contradictions.shown import of_document
from traceability.services.file_names import attachment
from traceability.storage.tables import Document
from traceability.web import contradicted, papers, passages, words
from traceability.web.fields import LINES
from traceability.web.language import N_, Verbatim, gettext
from traceability.web.page import Column, Page, table
from traceability.web.routes import action, bp, page, seen
from traceability.web.session import actor, service

_FIELDS = (Column("field", "Field"), Column("value", "Value"))
_NOTES = (Column("page", "Page", "number"), Column("what", "About"), Column("note", "Note"))
_WHERE = frozenset({"read", "reads", "start", "end"})


@page("/documents")
def documents() -> Page:
    """The documents of one's own party, and the form to hand one over."""
    batch = request.args.get("batch") or None
    rows = document_service.documents(service(), actor(), batch=batch)
    return Page(
        "Documents", "documents.html", [papers.listing(rows)], {}, {"batch": batch, "kinds": document_links.KINDS}
    )


@action("/documents", form=documents, longest=dict.fromkeys(document_links.KINDS, LINES))
def post_document() -> AnyResponse:
    """Keep a document and let it be read."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise InvalidInput(gettext("no file was chosen"), problems=[Problem("file", gettext("choose the document"))])
    links = [
        (kind, line.strip())
        for kind in document_links.KINDS
        for line in request.form.get(kind, "").splitlines()
        if line.strip()
    ]
    media_type = file.mimetype or "application/octet-stream"
    try:
        row = document_service.upload(service(), actor(), file.read(), file.filename, media_type, links)
    except NotFound as error:  # a line of the form, not the page
        raise InvalidInput(error.detail, problems=error.problems) from error
    return seen(url_for("web.document", document_id=row.id))


@page("/documents/<document_id>")
def document(document_id: str) -> Page:
    """One document: how far it was read, the fields and signals the machine found, with their quotes."""
    who, importer = actor(), request.args.get("importer")
    row = document_service.document(service(), papers.reader(who, importer), document_id)
    report = row.report or {}
    types = document_service.types_of(service(), [row])
    about = {
        N_("kind"): papers.kind(row, types), N_("reading"): papers.reading(row),
        N_("size"): gettext("%(size)s bytes", size=row.size), N_("SHA-256"): row.sha256,
        N_("handed over"): gettext("%(when)s by %(who)s", when=words.moment(row.uploaded_at), who=row.uploaded_by),
        N_("ledger entry"): str(row.entry_index), N_("about"): _about(row),
    }  # fmt: skip
    read = Report.from_dict(report) if report else None
    against = of_document(service(), row)
    fields = [
        {"field": words.sentence(key), "value": _said(value)} for key, value in report.get("facts", {}).items() if value
    ]
    return Page(
        Verbatim(row.filename),
        "document.html",
        [
            contradicted.listing(row, read, against),
            table("notes", "What was not read, and what is odd", _NOTES, _notes(read), N_("Nothing of this kind.")),
            passages.listing(row, read),
            table("fields", "Fields read by machine", _FIELDS, fields, N_("The machine read no labelled field.")),
        ],
        {"document": about, "text": passages.text(read, against)},
        {
            "row": row,
            "unread": not _read_to_the_end(row),
            "in_part": read is not None and bool(read.left_out),
            "officer": who.may("decide"),
            "importer": importer,
        },
    )


def _notes(read: Report | None) -> list[dict[str, str]]:
    return [
        {"page": str(note.page or ""), "what": words.sentence(note.code), "note": note.message}
        for note in (read.notes if read else ())
    ]


def _read_to_the_end(row: Document) -> bool:
    whole = row.report is not None and not row.report.get("unread_pages")
    return whole and row.state == "read" and row.outcome == "parsed" and not papers.holds_files(row)


def _about(row: Document) -> str:
    """Return what a document is attached to, and what it still waits for."""
    said = []
    for one in document_service.links(service(), row):
        record = f"{words.sentence(one.kind)} {one.target}"
        waits = gettext("%(record)s (no such record yet: it waits for it)", record=record)
        said.append(waits if one.waits else record)
    return "; ".join(said) or gettext("nothing: it was handed over without a batch, shipment record or party")


def _said(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_said(item) for item in value)
    if isinstance(value, dict):
        told = {key: item for key, item in value.items() if item not in (None, [], "") and key not in _WHERE}
        return ", ".join(f"{words.sentence(key)} {_said(item)}" for key, item in told.items())
    return str(value)


@bp.get("/documents/<document_id>/content")
def document_content(document_id: str) -> Response:
    """The file as it was handed over, only ever as an attachment."""
    row, data = document_service.content(service(), papers.reader(actor(), request.args.get("importer")), document_id)
    headers = {"Content-Disposition": attachment(row.filename), "Cache-Control": "no-store"}
    return Response(data, content_type="application/octet-stream", headers=headers)


@bp.get("/documents/of/<sha256>")
def document_by_hash(sha256: str) -> AnyResponse:
    """Lead from a hash in the evidence of a finding to the document."""
    importer = request.args.get("importer")
    for row in document_service.documents(service(), papers.reader(actor(), importer)):
        if row.sha256 == sha256:
            return redirect(url_for("web.document", document_id=row.id, importer=importer), 303)
    raise NotFound(gettext("there is no such document of yours"))

"""Documents of one's own party: hand one over, see what was read by machine, take the original (page 4, first part)."""

from typing import Any

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.errors import InvalidInput, NotFound, Problem
from traceability.services import documents as document_service
from traceability.storage.tables import Document
from traceability.web import papers, words
from traceability.web.page import Cell, Column, Page, Row, cells_of, table
from traceability.web.routes import action, bp, page, seen
from traceability.web.session import actor, service

_SIGNALS = (
    Column("page", "Page", "number"), Column("what", "About"), Column("assertion", "Said as"),
    Column("quote", "Quote"), Column("rule", "Rule"),
)  # fmt: skip
_FIELDS = (Column("field", "Field"), Column("value", "Value"))


@page("/documents")
def documents() -> Page:
    """The documents of one's own party, and the form to hand one over."""
    batch = request.args.get("batch") or None
    rows = document_service.documents(service(), actor(), batch=batch)
    return Page(
        "Documents", "documents.html", [papers.listing(rows)], {}, {"batch": batch, "kinds": document_service.KINDS}
    )


@action("/documents", form=documents)
def post_document() -> AnyResponse:
    """Keep a document and let it be read."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise InvalidInput("no file was chosen", problems=[Problem("file", "choose the document")])
    links = [
        (kind, line.strip())
        for kind in document_service.KINDS
        for line in request.form.get(kind, "").splitlines()
        if line.strip()
    ]
    media_type = file.mimetype or "application/octet-stream"
    row = document_service.upload(service(), actor(), file.read(), file.filename, media_type, links)
    return seen(url_for("web.document", document_id=row.id))


@page("/documents/<document_id>")
def document(document_id: str) -> Page:
    """One document: how far it was read, the fields and signals the machine found, with their quotes."""
    who = actor()
    row = document_service.document(service(), who, document_id)
    report = row.report or {}
    types = document_service.types(service(), who)
    about = {
        "kind": papers.kind(row, types), "reading": papers.reading(row), "size": f"{row.size} bytes",
        "sha256": row.sha256, "handed over": f"{words.moment(row.uploaded_at)} by {row.uploaded_by}",
        "ledger entry": str(row.entry_index),
    }  # fmt: skip
    signals = [_signal(row, item) for item in report.get("findings", [])]
    fields = [
        {"field": words.sentence(key), "value": _said(value)} for key, value in report.get("facts", {}).items() if value
    ]
    return Page(
        row.filename,
        "document.html",
        [
            table(
                "signals", "Signals: passages a person has to judge", _SIGNALS, signals, "The machine found no passage."
            ),
            table("fields", "Fields read by machine", _FIELDS, fields, "The machine read no labelled field."),
        ],
        {"document": about},
        {"row": row, "unread": papers.reading(row) != "read to the end by machine", "officer": who.may("decide")},
    )


def _signal(row: Document, item: dict[str, Any]) -> Row:
    topic, start, end = item.get("topic"), item.get("start"), item.get("end")
    href = (
        url_for("web.judge", kind="signal", id=f"{row.sha256}|{topic}|{start}-{end}")
        if topic and actor().may("decide")
        else None
    )
    values: dict[str, Any] = {
        "page": str(item.get("page") or ""), "what": Cell(words.sentence(topic or item["kind"]), href=href),
        "assertion": item.get("assertion"), "quote": item.get("quote"), "rule": item.get("rule"),
    }  # fmt: skip
    return Row(cells_of(values))


def _said(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_said(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{words.sentence(key)} {_said(item)}" for key, item in value.items() if item is not None)
    return str(value)


@bp.get("/documents/<document_id>/content")
def document_content(document_id: str) -> Response:
    """The file as it was handed over, only ever as an attachment."""
    row, data = document_service.content(service(), actor(), document_id)
    headers = {"Content-Disposition": f'attachment; filename="{row.sha256[:16]}"', "Cache-Control": "no-store"}
    return Response(data, content_type="application/octet-stream", headers=headers)


@bp.get("/documents/of/<sha256>")
def document_by_hash(sha256: str) -> AnyResponse:
    """Lead from a hash in the evidence of a finding to the document."""
    for row in document_service.documents(service(), actor()):
        if row.sha256 == sha256:
            return redirect(url_for("web.document", document_id=row.id), 303)
    raise NotFound("there is no such document of yours")

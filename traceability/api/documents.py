"""Supplier documents: uploaded, read by machine, confirmed by people."""

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import fields

from traceability.api.base import Length, StrictSchema, actor, answer, blueprint, reader, service, text
from traceability.errors import InvalidInput
from traceability.services import disclose, document_links, documents, review
from traceability.services.contradictions.shown import of_document
from traceability.services.file_names import attachment
from traceability.storage.tables import Decision, Document

blp: Blueprint = blueprint("documents", "/v1/documents", "Supplier documents of the caller's own party")


class TypeSchema(StrictSchema):
    """What paper it is, as an officer says, and why."""

    type = text(Decision.disposition, required=True)
    reason = fields.String(required=True, validate=Length(max=review.MAX_REASON))


@blp.route("", methods=["POST"])
def post_document() -> Response:
    """Upload a document (multipart: file, and any number of batch, shipment, party fields naming what it is about)."""
    who = actor()
    who.require("documents", scope="write")
    file = request.files.get("file")
    if file is None:
        raise InvalidInput("send the document as multipart/form-data with the field `file`")
    links = [(kind, target) for kind in document_links.KINDS for target in request.form.getlist(kind)]
    row = documents.upload(
        service(), who, file.read(), file.filename or "document", file.mimetype or "application/octet-stream", links
    )
    return answer(shown(row), 201, {"Location": f"/v1/documents/{row.id}"})


@blp.route("", methods=["GET"])
def get_documents() -> Response:
    """The documents of the caller's own party; ``batch`` narrows them to one batch."""
    rows = documents.documents(service(), reader(), batch=request.args.get("batch"))
    return answer([shown(row) for row in rows])


@blp.route("/<string:document_id>", methods=["GET"])
def get_document(document_id: str) -> Response:
    """One document with the report of what was read in it, and where it contradicts what is signed."""
    row = documents.document(service(), reader(), document_id)
    return answer(shown(row) | {"report": row.report, "contradictions": of_document(service(), row)})


@blp.route("/<string:document_id>/content", methods=["GET"])
def get_content(document_id: str) -> Response:
    """The file as it was handed over, only ever as an attachment."""
    row, data = documents.content(service(), reader(), document_id)
    headers = {"Content-Disposition": attachment(row.filename), "X-Content-Type-Options": "nosniff"}
    return Response(data, content_type="application/octet-stream", headers=headers)


@blp.route("/<string:document_id>/type", methods=["POST"])
@blp.arguments(TypeSchema)
def post_type(body: dict[str, Any], document_id: str) -> Response:
    """Propose what paper a document is (officer); the decision counts once a second officer confirms it."""
    row = documents.confirm_type(service(), actor(), document_id, body["type"], body["reason"])
    return answer(disclose.decision(row), 202)


def shown(row: Document) -> dict[str, Any]:
    """Return a document as JSON, without its report; a link ``waits`` while its shipment record is not posted."""
    linked, types = documents.links(service(), row), documents.types_of(service(), [row])
    return {
        "id": row.id,
        "sha256": row.sha256,
        "filename": row.filename,
        "size": row.size,
        "state": row.state,
        "outcome": row.outcome,
        "type": types.get(row.id) or (row.report or {}).get("facts_type"),
        "type_confirmed": row.id in types,
        "uploaded_at": row.uploaded_at.isoformat(),
        "index": row.entry_index,
        "links": [{"kind": one.kind, "target": one.target, "waits": one.waits} for one in linked],
    }

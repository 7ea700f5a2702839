"""Shipment records: an importer's signed declarations of consignments."""

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import fields

from traceability.api import bodies
from traceability.api.base import Length, StrictSchema, actor, answer, blueprint, purpose, reader, service
from traceability.services import disclose, shipments
from traceability.services.signed import SIGNED_BYTES, open_signed
from traceability.storage.tables import Shipment

blp: Blueprint = blueprint("shipments", "/v1/shipments", "Signed shipment records of an importer")


class RecordSchema(StrictSchema):
    """One record: its JSON text, and the detached JWS over it."""

    body = fields.String(required=True)
    jws = fields.String(required=True)


class ImportSchema(StrictSchema):
    """Several signed records."""

    records = fields.List(fields.Nested(RecordSchema), required=True, validate=Length(1, 5000))


@blp.route("", methods=["POST"])
def post_shipment() -> Response:
    """Record a signed shipment record (vc+jwt, or JSON with X-JWS-Signature)."""
    jws = request.headers.get("X-JWS-Signature")
    who, body = actor(), bodies.read(SIGNED_BYTES, "a shipment record")
    done = shipments.post(service(), who, body, request.content_type or "", jws)
    return answer(_recorded(done), 200 if done.repeated else 201)


def _recorded(done: shipments.Recorded) -> dict[str, Any]:
    return {
        "shipment_id": done.shipment_id,
        "version": done.version,
        "index": done.index,
        "repeated": done.repeated,
    }


@blp.route("/import", methods=["POST"])
@blp.arguments(ImportSchema)
def post_import(body: dict[str, Any]) -> Response:
    """Record several shipment records, each signed by itself; all of them or none."""
    who = actor()
    who.require("shipments", scope="write")
    signed = [
        open_signed(service(), who, item["body"].encode(), "application/json", item["jws"]) for item in body["records"]
    ]
    done = shipments.post_all(service(), who, signed)
    return answer([_recorded(one) for one in done], 201)


@blp.route("", methods=["GET"])
def get_shipments() -> Response:
    """The newest version of every shipment record of the caller's importer."""
    return answer([shown(row) for row in shipments.shipments(service(), reader())])


@blp.route("/<path:shipment_id>/state", methods=["GET"])
def get_state(shipment_id: str) -> Response:
    """Status, state, findings, coverage and notes of a shipment record."""
    return answer(disclose.assessed(disclose.subject_state(service(), actor(), "shipment", shipment_id, purpose())))


@blp.route("/<path:shipment_id>", methods=["GET"])
def get_shipment(shipment_id: str) -> Response:
    """The newest version of one shipment record."""
    return answer(shown(shipments.shipment(service(), reader(), shipment_id)))


def shown(row: Shipment) -> dict[str, Any]:
    """Return a shipment record as JSON."""
    return {
        "shipment_id": row.shipment_id,
        "version": row.version,
        "record": row.record,
        "index": row.entry_index,
        "received_at": row.received_at.isoformat(),
        "erased": row.erased_index,
    }

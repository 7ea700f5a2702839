"""Openings of commitments to personal data: deposit, read, and erase."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields

from traceability.api.base import Length, StrictSchema, actor, answer, blueprint, purpose, service, text
from traceability.ledger.commitment import Opening
from traceability.services import personal
from traceability.storage.tables import PersonalData

blp: Blueprint = blueprint("personal", "/v1", "Personal data behind the commitments of signed events")


class OpeningSchema(StrictSchema):
    """One opening: the commitment as the signed event holds it, what the value is, the value, the salt in base64."""

    commitment = fields.String(required=True, validate=Length(44, 44))
    name = fields.String(required=True, validate=Length(1, 100))
    value = fields.String(required=True, validate=Length(1, 4000))
    salt = fields.String(required=True, validate=Length(22, 44))


class OpeningsSchema(StrictSchema):
    """The openings of a capture."""

    openings = fields.List(fields.Nested(OpeningSchema), required=True, validate=Length(1, personal.MAX_OPENINGS))


class ErasureSchema(StrictSchema):
    """Which openings of an event are erased (without ``commitments`` all of them), and why."""

    reason = fields.String(required=True, validate=Length(personal.MIN_REASON, 2000))
    commitments = fields.List(
        text(PersonalData.commitment), load_default=None, allow_none=True, validate=Length(1, 5000)
    )


_OPENINGS, _ERASURE = OpeningsSchema(), ErasureSchema()


@blp.route("/captures/<string:capture_id>/openings", methods=["POST"])
@blp.arguments(_OPENINGS)
def post_openings(given: dict[str, Any], capture_id: str) -> Response:
    """Deposit what opens the commitments of one's own capture; all of it or nothing, again changes nothing."""
    found = [Opening.from_value(one) for one in given["openings"]]
    done = personal.deposit(service(), actor(), capture_id, found)
    return answer({"deposited": done.new, "known": done.known}, 201 if done.new else 200)


@blp.route("/openings/<path:event_id>", methods=["GET"])
def get_openings(event_id: str) -> Response:
    """The openings of an event one may see; every read is logged, with its purpose under a mandate."""
    found = personal.openings(service(), actor(), event_id, purpose())
    return answer({"event_id": event_id, "openings": found}, headers={"Cache-Control": "no-store"})


@blp.route("/openings/<path:event_id>/erase", methods=["POST"])
@blp.arguments(_ERASURE)
def post_erasure(given: dict[str, Any], event_id: str) -> Response:
    """Erase openings of one's own party's event (dpo); its signature and proofs stay valid. Again changes nothing."""
    place, number = personal.erase(service(), actor(), event_id, given["reason"], given["commitments"])
    return answer({"event_id": event_id, "erased": number, "erasure": place})

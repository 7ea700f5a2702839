"""Requests for information to parties of the chain: asked, answered, accepted or asked again, step by step."""

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import fields

from traceability.api import bodies
from traceability.api.base import StrictSchema, actor, answer, blueprint, moment, reader, service
from traceability.api.cases import BASE
from traceability.clock import latest_date
from traceability.services import addressed, requests
from traceability.services.access import Actor
from traceability.services.case_fields import LONG, words
from traceability.services.request_forms import InformationRequestSchema, for_addressee, state
from traceability.services.signed import SIGNED_BYTES
from traceability.storage.tables import CaseVersion, Party

blp: Blueprint = blueprint("requests", "/v1/requests", "Requests for information to parties of the chain")


class AskerStepSchema(StrictSchema):
    """A step of the asker: the version it was made from, and what it says to the addressee."""

    based_on = fields.Integer(**BASE)
    text = words(LONG, required=True)


class FurtherQuestionSchema(AskerStepSchema):
    """A further question, and until when it is to be answered."""

    due_on = fields.Date(required=True)


@blp.route("", methods=["GET"])
def get_requests() -> Response:
    """What one's party asked and is asked: open ones first, by the day they are due."""
    who = reader()
    rows = requests.listed(service(), who)
    parties = requests.names(service(), rows)
    return answer([shown(row, who, parties) for row in rows])


@blp.route("", methods=["POST"])
@blp.arguments(InformationRequestSchema)
def post_request(body: dict[str, Any]) -> Response:
    """Ask a party of the chain (officer); it reads the question, and nothing else of one's records."""
    return _told(requests.ask(service(), actor(), body))


@blp.route("/<string:case_id>", methods=["GET"])
def get_request(case_id: str) -> Response:
    """One request with its thread and all its versions, newest first."""
    who = reader()
    found = requests.one(service(), who, case_id)
    parties = requests.names(service(), [found.now])
    versions = [shown(row, who, parties) for row in found.versions]
    return answer(versions[0] | {"versions": versions})


@blp.route("/<string:case_id>/answers", methods=["POST"])
def post_answer(case_id: str) -> Response:
    """Answer what one's party is asked, as JSON; signed (vc+jwt, or the header X-JWS-Signature) where one wants to."""
    who = actor()
    who.require("answer", scope="write")
    body, jws = bodies.read(SIGNED_BYTES, "an answer"), request.headers.get("X-JWS-Signature")
    given = requests.read_answer(service(), who, body, request.content_type or "", jws)
    return _told(requests.answer(service(), who, case_id, given))


@blp.route("/<string:case_id>/acceptance", methods=["POST"])
@blp.arguments(AskerStepSchema)
def post_acceptance(body: dict[str, Any], case_id: str) -> Response:
    """Accept an answer (officer): its documents count from now on, and what it is about is assessed again."""
    return _told(requests.accept(service(), actor(), case_id, body["based_on"], body["text"]))


@blp.route("/<string:case_id>/questions", methods=["POST"])
@blp.arguments(FurtherQuestionSchema)
def post_question(body: dict[str, Any], case_id: str) -> Response:
    """Ask again after an answer that is not enough (officer), with a new day."""
    said = body["based_on"], body["text"], body["due_on"]
    return _told(requests.ask_again(service(), actor(), case_id, *said))


@blp.route("/<string:case_id>/withdrawal", methods=["POST"])
@blp.arguments(AskerStepSchema)
def post_withdrawal(body: dict[str, Any], case_id: str) -> Response:
    """Withdraw a request (officer); the addressee reads why."""
    return _told(requests.withdraw(service(), actor(), case_id, body["based_on"], body["text"]))


def _told(row: CaseVersion) -> Response:
    return answer(shown(row, actor(), requests.names(service(), [row])), 201)


def shown(row: CaseVersion, who: Actor, parties: dict[str, Party]) -> dict[str, Any]:
    """Return one version as JSON, as far as the reader may see it; no person of the other side is named."""
    own = addressed.is_writer(who, row)
    named = row.record.get("thread", [{}])[-1].get("by")
    mine = named == getattr(parties.get(who.party_id or ""), "did", None)
    asker, asked = parties.get(row.owner_id), parties.get(row.addressee_id or "")
    return {
        "id": row.case_id,
        "version": row.version,
        "state": state(row.record, latest_date(service().clock())),
        "asker": asker and {"did": asker.did, "name": asker.name},
        "addressee": asked and {"did": asked.did, "name": asked.name},
        "record": row.record if own else for_addressee(row.record),
        "written_by": row.written_by if mine else None,
        "written_at": moment(row.written_at),
        "index": row.entry_index,
        "erased": row.erased_index,
    }

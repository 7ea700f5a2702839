"""Officer decisions, incidents, mandates and the access log."""

from datetime import date
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import fields, validate

from traceability.api.base import Length, StrictSchema, actor, answer, blueprint, reader, service, text
from traceability.errors import InvalidInput
from traceability.services import disclose, incidents, mandates, review
from traceability.storage.tables import Decision, IncidentLink, Mandate, Party, User

blp: Blueprint = blueprint("decisions", "/v1/decisions", "Decisions of officers, with a second person where due")
incidents_blp: Blueprint = blueprint("incidents", "/v1/incidents", "Refused captures in the officers' quarantine")
mandates_blp: Blueprint = blueprint("mandates", "/v1/mandates", "Mandates of regulators and auditors")
access_blp: Blueprint = blueprint("access", "/v1/access-log", "Who read what, for the dpo")
_REASON: dict[str, Any] = {"required": True, "validate": Length(max=review.MAX_REASON)}


class DecisionSchema(StrictSchema):
    """A decision about a batch or shipment record."""

    kind = fields.String(required=True, validate=validate.OneOf(("batch", "shipment")))
    subject = text(Decision.subject, required=True)
    disposition = fields.String(required=True, validate=validate.OneOf(review.DISPOSITIONS))
    reason = fields.String(**_REASON)
    reason_code = text(Decision.reason_code, load_default="other")
    findings = fields.List(fields.String(), load_default=list)
    inputs_hash = text(Decision.inputs_hash)
    evidence = fields.List(fields.String(), load_default=list)
    steps = fields.List(fields.Dict(keys=fields.String(), values=fields.String()), load_default=list)
    review_on = fields.Date()


class JudgementSchema(StrictSchema):
    """A decision on a name hit, text signal, unread document, what paper a document is, or a correction."""

    kind = fields.String(required=True, validate=validate.OneOf(tuple(review.VERDICTS)))
    subject = text(Decision.subject, required=True)
    verdict = text(Decision.disposition, required=True)
    reason = fields.String(**_REASON)


class ReasonSchema(StrictSchema):
    """The second person's reason."""

    reason = fields.String(**_REASON)


class LinkSchema(StrictSchema):
    """Linking an incident to a batch by hand."""

    batch = text(IncidentLink.batch_key, required=True)
    reason = text(IncidentLink.reason, required=True)


class MandateSchema(StrictSchema):
    """What entitles a regulator or auditor to read."""

    user = text(User.name, required=True)
    authority = text(Mandate.authority, required=True)
    legal_article = text(Mandate.legal_article, required=True)
    purpose = text(Mandate.purpose, required=True)
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(required=True)
    importer = text(Party.did)
    records_from = fields.Date()
    records_to = fields.Date()


@blp.route("", methods=["GET"])
def get_decisions() -> Response:
    """Decisions of the caller's importer, newest first; ``state=waiting`` shows those for a second person."""
    return answer(disclose.decisions(service(), reader(), state=request.args.get("state")))


@blp.route("", methods=["POST"])
@blp.arguments(DecisionSchema)
def post_decision(body: dict[str, Any]) -> Response:
    """Decide about a batch or shipment record."""
    stated: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in body.items()}
    row = review.decide(service(), actor(), review.Proposal(**stated))
    return answer(disclose.decision(row), 202 if row.state == "waiting" else 201)


@blp.route("/judgements", methods=["POST"])
@blp.arguments(JudgementSchema)
def post_judgement(body: dict[str, Any]) -> Response:
    """Decide on a name hit, text signal, unread document, what paper a document is, or a correction."""
    row = review.judge(service(), actor(), body["kind"], body["subject"], body["verdict"], body["reason"])
    return answer(disclose.decision(row), 202 if row.state == "waiting" else 201)


@blp.route("/<string:decision_id>/confirm", methods=["POST"])
@blp.arguments(ReasonSchema)
def post_confirm(body: dict[str, Any], decision_id: str) -> Response:
    """Confirm another officer's proposal."""
    return answer(disclose.decision(review.confirm(service(), actor(), decision_id, body["reason"])))


@blp.route("/<string:decision_id>/decline", methods=["POST"])
@blp.arguments(ReasonSchema)
def post_decline(body: dict[str, Any], decision_id: str) -> Response:
    """Refuse a waiting proposal."""
    return answer(disclose.decision(review.decline(service(), actor(), decision_id, body["reason"])))


@incidents_blp.route("", methods=["GET"])
def get_incidents() -> Response:
    """The newest refused captures."""
    return answer([shown(row) for row in incidents.incidents(service(), actor())])


@incidents_blp.route("/<string:incident_id>/link", methods=["POST"])
@incidents_blp.arguments(LinkSchema)
def post_link(body: dict[str, Any], incident_id: str) -> Response:
    """Link an incident to a batch, where it shows as a note."""
    incidents.link(service(), actor(), incident_id, body["batch"], body["reason"])
    return Response(status=204)


@mandates_blp.route("", methods=["POST"])
@mandates_blp.arguments(MandateSchema)
def post_mandate(body: dict[str, Any]) -> Response:
    """Record a mandate (admin)."""
    row = mandates.grant(
        service(), actor(), body["user"], body["authority"], body["legal_article"], body["purpose"],
        (body["valid_from"], body["valid_to"]), body.get("importer"), _records(body),
    )  # fmt: skip
    return answer({"id": row.id, "valid_from": row.valid_from.isoformat(), "valid_to": row.valid_to.isoformat()}, 201)


def _records(body: dict[str, Any]) -> tuple[date, date] | None:
    said = body.get("records_from"), body.get("records_to")
    if said[0] is None or said[1] is None:
        if said != (None, None):
            raise InvalidInput("the period of the records has a first and a last day: records_from and records_to")
        return None
    return said[0], said[1]


@access_blp.route("", methods=["GET"])
def get_access_log() -> Response:
    """The newest reads under a mandate."""
    rows = mandates.access_log(service(), actor())
    return answer(
        [
            {
                "at": row.at.isoformat(),
                "actor": row.actor,
                "role": row.role,
                "action": row.action,
                "subject": row.subject,
                "mandate": row.mandate_id,
                "importers": [disclose.named(party) for party in read.importers],
                "detail": row.detail,
            }
            for read in rows
            for row in (read.line,)
        ]
    )


def shown(seen: incidents.Seen) -> dict[str, Any]:
    """Return an incident as JSON; never the refused body, which nobody vouches for."""
    row, link = seen.row, seen.link
    return {
        "id": row.id,
        "at": row.at.isoformat(),
        "source": row.source,
        "actor": row.actor,
        "status": row.status,
        "reason": row.reason,
        "media_type": row.media_type,
        "bytes": len(row.body),
        "linked_batch": link and link.batch_key,
        "linked_by": link and link.linked_by,
        "linked_reason": link and link.reason,
    }

"""Retention, for the dpo: what is due, approving that it is erased, and legal holds."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields, validate

from traceability.api.base import Length, StrictSchema, actor, answer, blueprint, moment, service
from traceability.services.retention import holds, reports
from traceability.services.retention.approve import MIN_REASON, approve
from traceability.storage.tables import LegalHold, RetentionLine, RetentionReport

blp: Blueprint = blueprint("retention", "/v1/retention", "What is due to be erased, approvals and legal holds")
_FRESH = {"Cache-Control": "no-store"}
_REASON = Length(MIN_REASON, 2000)


class ApprovalSchema(StrictSchema):
    """An approval: why, and which lines; without lines all that are due."""

    reason = fields.String(required=True, validate=_REASON)
    lines = fields.List(fields.Integer(strict=True), load_default=None, allow_none=True, validate=Length(1, 100000))


class HoldSchema(StrictSchema):
    """A hold: on a batch (URI), a shipment record (id), a document (id), or all records of the party."""

    kind = fields.String(required=True, validate=validate.OneOf(holds.KINDS))
    target = fields.String(load_default="", validate=Length(0, 500))
    reason = fields.String(required=True, validate=_REASON)


class LiftSchema(StrictSchema):
    """Why a hold ends."""

    reason = fields.String(required=True, validate=_REASON)


_APPROVAL, _HOLD, _LIFT = ApprovalSchema(), HoldSchema(), LiftSchema()


@blp.route("/reports", methods=["POST"])
def post_report() -> Response:
    """Let a report of what is due be made; it is there once its job is done."""
    report_id = reports.ask(service(), actor())
    return answer({"id": report_id, "state": "waiting"}, 202, {"Location": f"/v1/retention/reports/{report_id}"})


@blp.route("/reports", methods=["GET"])
def get_reports() -> Response:
    """The reports of the caller's party, newest first; the operator's dpo sees all."""
    return answer({"reports": [_report(row) for row in reports.reports(service(), actor())]}, headers=_FRESH)


@blp.route("/reports/<string:report_id>", methods=["GET"])
def get_report(report_id: str) -> Response:
    """One report: what is due, and what is kept beyond its term with the reason."""
    return answer(shown(reports.report(service(), actor(), report_id)), headers=_FRESH)


@blp.route("/reports/<string:report_id>/approve", methods=["POST"])
@blp.arguments(_APPROVAL)
def post_approval(given: dict[str, Any], report_id: str) -> Response:
    """Erase what a report says is due, all or some lines; what is no longer due is kept. Again changes nothing."""
    done = approve(service(), actor(), report_id, given["reason"], given["lines"])
    erased = [{"line": line, "erasure": place} for line, place in sorted(done.erased.items())]
    already = [{"line": line, "erasure": place} for line, place in sorted(done.already.items())]
    kept = [{"line": line, "why": why} for line, why in sorted(done.kept.items())]
    return answer({"report": report_id, "erased": erased, "already_erased": already, "kept": kept})


@blp.route("/holds", methods=["GET"])
def get_holds() -> Response:
    """The holds on the caller's party's records, lifted ones too."""
    return answer({"holds": [_hold(row) for row in holds.holds(service(), actor())]}, headers=_FRESH)


@blp.route("/holds", methods=["POST"])
@blp.arguments(_HOLD)
def post_hold(given: dict[str, Any]) -> Response:
    """Keep something beyond its term until the hold is lifted."""
    return answer(_hold(holds.place(service(), actor(), given["kind"], given["target"], given["reason"])), 201)


@blp.route("/holds/<string:hold_id>/lift", methods=["POST"])
@blp.arguments(_LIFT)
def post_lift(given: dict[str, Any], hold_id: str) -> Response:
    """End a hold."""
    return answer(_hold(holds.lift(service(), actor(), hold_id, given["reason"])))


def _report(row: RetentionReport) -> dict[str, Any]:
    return {"id": row.id, "party_id": row.party_id, "as_of": row.as_of.isoformat(), "at": moment(row.at),
            "counts": row.counts}  # fmt: skip


def shown(found: reports.Report) -> dict[str, Any]:
    """Return a report with its lines as JSON."""
    return {**_report(found.row), "lines": [_line(row, found.owners.get(row.owner_id or "")) for row in found.lines]}


def _line(row: RetentionLine, owner: str | None) -> dict[str, Any]:
    return {
        "line": row.id, "kind": row.kind, "subject": row.subject, "owner": owner, "state": row.state,
        "ground": row.ground, "ended_on": row.ended_on and row.ended_on.isoformat(), "why": row.why,
        "decided_by": row.decided_by, "decided_at": moment(row.decided_at), "reason": row.reason,
        "erasure": row.erasure_index,
    }  # fmt: skip


def _hold(row: LegalHold) -> dict[str, Any]:
    return {
        "id": row.id, "kind": row.kind, "target": row.target, "reason": row.reason, "placed_by": row.placed_by,
        "placed_at": moment(row.placed_at), "lifted_by": row.lifted_by, "lifted_at": moment(row.lifted_at),
        "lifted_reason": row.lifted_reason, "everybody": row.party_id is None,
    }  # fmt: skip

"""Mitigation plans and grievances of an importer, version by version; who reported a grievance, apart."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields, validate

from traceability.api.base import Length, StrictSchema, actor, answer, blueprint, moment, purpose, reader, service
from traceability.services import case_reporters, cases
from traceability.services.case_forms import GrievanceSchema, PlanSchema
from traceability.storage.tables import CaseVersion

plans_blp: Blueprint = blueprint("mitigation-plans", "/v1/mitigation-plans", "Mitigation plans of an importer")
grievances_blp: Blueprint = blueprint("grievances", "/v1/grievances", "Grievances and incident reports")
#: The field with which a new version says from which one it was made.
BASE: dict[str, Any] = {"required": True, "strict": True, "validate": validate.Range(min=1, max=2**31 - 1)}


class PlanVersionSchema(PlanSchema):
    """A new version of a plan, whole, and the version it was made from."""

    based_on = fields.Integer(**BASE)


class NewGrievanceSchema(GrievanceSchema):
    """A grievance; ``reporter`` is kept apart and shown to nobody but those entitled."""

    reporter = fields.String(validate=Length(1, cases.MAX_IDENTITY))


class GrievanceVersionSchema(GrievanceSchema):
    """A new version of a grievance, whole, and the version it was made from."""

    based_on = fields.Integer(**BASE)


class ReporterErasureSchema(StrictSchema):
    """Why a reporter is erased."""

    reason = fields.String(required=True, validate=Length(max=2000))


@plans_blp.route("", methods=["GET"])
def get_plans() -> Response:
    """The plans of the importer, those to be reviewed first on top."""
    return answer([shown(row) for row in cases.listed(service(), reader(), "plan")])


@plans_blp.route("", methods=["POST"])
@plans_blp.arguments(PlanSchema)
def post_plan(body: dict[str, Any]) -> Response:
    """Record a plan (officer)."""
    return answer(shown(cases.create(service(), actor(), "plan", body)), 201)


@plans_blp.route("/<string:case_id>", methods=["GET"])
def get_plan(case_id: str) -> Response:
    """One plan with all its versions, newest first."""
    return whole("plan", case_id)


@plans_blp.route("/<string:case_id>/versions", methods=["POST"])
@plans_blp.arguments(PlanVersionSchema)
def post_plan_version(body: dict[str, Any], case_id: str) -> Response:
    """Record a new version; 409 says what changed where it was not made from the newest."""
    return revised("plan", case_id, body)


@grievances_blp.route("", methods=["GET"])
def get_grievances() -> Response:
    """The grievances of the importer, open ones first."""
    return answer([shown(row) for row in cases.listed(service(), reader(), "grievance")])


@grievances_blp.route("", methods=["POST"])
@grievances_blp.arguments(NewGrievanceSchema)
def post_grievance(body: dict[str, Any]) -> Response:
    """Record a grievance (officer)."""
    who = body.pop("reporter", None)
    return answer(shown(cases.create(service(), actor(), "grievance", body, who)), 201)


@grievances_blp.route("/<string:case_id>", methods=["GET"])
def get_grievance(case_id: str) -> Response:
    """One grievance with all its versions, newest first; never who reported it."""
    return whole("grievance", case_id)


@grievances_blp.route("/<string:case_id>/versions", methods=["POST"])
@grievances_blp.arguments(GrievanceVersionSchema)
def post_grievance_version(body: dict[str, Any], case_id: str) -> Response:
    """Record a new version; 409 says what changed where it was not made from the newest."""
    return revised("grievance", case_id, body)


@grievances_blp.route("/<string:case_id>/reporter", methods=["GET"])
def get_reporter(case_id: str) -> Response:
    """Who reported it, for the officer who took it down and the dpo; each read is logged with its purpose."""
    row = case_reporters.read(service(), actor(), case_id, purpose())
    return answer({"id": row.case_id, "identity": row.identity, "erased": row.erasure_index})


@grievances_blp.route("/<string:case_id>/reporter/erase", methods=["POST"])
@grievances_blp.arguments(ReporterErasureSchema)
def post_erase_reporter(body: dict[str, Any], case_id: str) -> Response:
    """Erase who reported it (dpo); the grievance stays."""
    return answer({"entry": case_reporters.erase(service(), actor(), case_id, body["reason"])})


def whole(kind: str, case_id: str) -> Response:
    """Answer with one case and all its versions, newest first."""
    found = cases.case(service(), reader(), kind, case_id)
    return answer(shown(found.now) | {"versions": [shown(row) for row in found.versions]})


def revised(kind: str, case_id: str, body: dict[str, Any]) -> Response:
    """Record a new version of a case made from ``based_on``, and answer with it."""
    base = body.pop("based_on")
    return answer(shown(cases.revise(service(), actor(), kind, case_id, base, body)), 201)


def shown(row: CaseVersion) -> dict[str, Any]:
    """Return one version as JSON."""
    return {
        "id": row.case_id,
        "version": row.version,
        "record": row.record,
        "written_by": row.written_by,
        "written_at": moment(row.written_at),
        "index": row.entry_index,
        "erased": row.erased_index,
    }

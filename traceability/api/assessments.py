"""The rule engine by itself: a facts document in, its answer out (rule-catalogue.md 1 and 2). Nothing is stored."""

from flask import Response, request
from flask_smorest import Blueprint

from traceability.api.base import StrictParser, actor, answer, blueprint
from traceability.services.assess import assess_facts

blp: Blueprint = blueprint("assessments", "/v1/assessments", "Assess a facts document without storing anything")

_PARSER = StrictParser()


@blp.route("", methods=["POST"])
def post_assessment() -> Response:
    """Answer a facts document (assessment-facts.schema.json) with findings, a status and notes."""
    actor().require_scope("read")
    return answer(assess_facts(_PARSER.load_json(request, None)))

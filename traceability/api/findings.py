"""Findings: why one is there."""

from flask import Response
from flask_smorest import Blueprint

from traceability.api.base import answer, blueprint, reader, service
from traceability.services.explanations import explanation

blp: Blueprint = blueprint("findings", "/v1/findings", "Why a finding is there")


@blp.route("/<string:finding_id>/explanation", methods=["GET"])
def get_explanation(finding_id: str) -> Response:
    """Law and its provenance, the rule's logic and version, the facts it looked at, and what would end the finding.

    ``finding_id`` is the ``id`` that every finding of a state has. A regulator names the importer (``?importer=DID``).
    """
    return answer(explanation(service(), reader(), finding_id))

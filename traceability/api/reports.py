"""Reports: which there are, and one of them as a file of the format that is asked for."""

from flask import Response, request
from flask_smorest import Blueprint

from traceability.api.base import actor, answer, blueprint, purpose, service
from traceability.services.file_names import attachment
from traceability.services.reports import asking

blp: Blueprint = blueprint("reports", "/v1/reports", "Reports that the law asks for, as drafts")


@blp.route("", methods=["GET"])
def get_reports() -> Response:
    """The kinds of reports the caller's role may ask for: law, audience, parameters and formats."""
    return answer({"reports": asking.offered(actor())})


@blp.route("/<string:kind>", methods=["GET"])
def get_report(kind: str) -> Response:
    """One report as a draft: ``year`` or ``from`` and ``to``, ``batch``, ``shipment`` or ``notice``, and ``format``.

    Without a period it is about the calendar year before. Regulators name the ``importer`` (DID) and, as auditors,
    state the purpose (X-Purpose); the read is logged.
    """
    found = asking.made(service(), actor(), kind, request.args.to_dict(), purpose())
    headers = {"Content-Disposition": attachment(found.name), "Cache-Control": "no-store"}
    return Response(found.data, content_type=found.media, headers=headers)

"""The EPCIS 2.0 REST binding under /epcis: capture and events (GS1 EPCIS 2.0, section 12)."""

from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Response, request, url_for
from flask_smorest import Blueprint
from werkzeug.datastructures import Headers

from traceability.api import bodies
from traceability.api.base import actor, answer, blueprint, purpose, sender, service, source
from traceability.errors import Forbidden, InvalidInput, InvalidQuery, NotAcceptable, NotAuthenticated
from traceability.events.capture_rules import CAPTURE_BYTES, CAPTURE_LIMIT
from traceability.events.filters import parse_query
from traceability.services import events as event_service
from traceability.services import incidents, receipts
from traceability.services.access import Actor
from traceability.services.capture import CaptureRequest, capture, capture_job, standing_capture
from traceability.services.idempotency import read_key
from traceability.services.recording import Captured
from traceability.storage.tables import Capture

blp: Blueprint = blueprint("epcis", "/epcis", "EPCIS 2.0: capture signed custody events, query recorded ones")

_VERSIONS = {
    "GS1-EPCIS-Version": "2.0.0",
    "GS1-CBV-Version": "2.0.0",
    "GS1-Extensions": "crm=https://ref.example.org/crm/",
}
_OPTIONS = {
    **_VERSIONS,
    "GS1-EPCIS-Min": "2.0.0",
    "GS1-EPCIS-Max": "2.0.0",
    "GS1-CBV-Min": "2.0.0",
    "GS1-CBV-Max": "2.0.0",
    "GS1-EPC-Format": "Never_Translates",
    "GS1-CBV-XML-Format": "Never_Translates",
    "GS1-Vendor-Version": "traceability/0.1",
}
_CAPTURE_OPTIONS = {
    **_OPTIONS,
    "GS1-EPCIS-Capture-Limit": str(CAPTURE_LIMIT),
    "GS1-EPCIS-Capture-File-Size-Limit": str(CAPTURE_BYTES),
    "GS1-Capture-Error-Behaviour": "rollback,proceed",
}


def _arguments() -> dict[str, str]:
    """Return the query parameters; one given twice would be read by chance, so it is refused."""
    twice = [name for name, values in request.args.lists() if len(values) > 1]
    if twice:
        raise InvalidQuery(f"{twice[0][:80]!r} is given twice; separate its values by |")
    return request.args.to_dict()


class _Answer(Response):
    """An answer whose headers stand as they go out; checking each of them again takes a twentieth of a capture."""

    def get_wsgi_headers(self, environ: Any) -> Headers:  # noqa: ARG002  # werkzeug's signature
        """Return the headers as they were set."""
        return self.headers


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return _Answer(
        orjson.dumps(body), status=status, content_type="application/json", headers={**_VERSIONS, **(headers or {})}
    )


def _sender() -> Actor:
    """Return who sends a capture; that one came from nobody known is kept as an incident."""
    try:
        return sender()
    except (NotAuthenticated, Forbidden) as refusal:
        incidents.record_unknown(service(), source(), request.content_type or "", refusal)
        raise


def _request(*, single: bool) -> CaptureRequest:
    behaviour = request.headers.get("GS1-Capture-Error-Behaviour", "rollback")
    if behaviour not in ("rollback", "proceed"):
        raise InvalidInput(f"GS1-Capture-Error-Behaviour is rollback or proceed; got {behaviour[:40]!r}")
    if request.content_encoding:
        raise InvalidInput("Content-Encoding is refused, because the signature is over the bytes that travel")
    wanted = request.headers.get("GS1-EPC-Format", "Never_Translates")
    if wanted not in ("Never_Translates", "No_Preference"):
        raise NotAcceptable(f"identifiers are answered as captured (Never_Translates); got {wanted[:40]!r}")
    return CaptureRequest(
        body=bodies.read(CAPTURE_BYTES, "a capture"),
        content_type=request.content_type or "",
        jws=request.headers.get("X-JWS-Signature"),
        behaviour="proceed" if behaviour == "proceed" else "rollback",
        idempotency_key=read_key(request.headers.get("Idempotency-Key")),
        single=single,
    )


# First, because Flask adds OPTIONS of its own to every other route, without what the binding has to say.
@blp.route("/", methods=["OPTIONS"])
@blp.route("/events", methods=["OPTIONS"])
@blp.route("/capture/<string:capture_id>", methods=["OPTIONS"])
@blp.route("/events/<path:event_id>", methods=["OPTIONS"])
def options(**_ids: str) -> Response:
    """What this binding speaks."""
    return _allowed(_OPTIONS)


@blp.route("/capture", methods=["OPTIONS"])
def capture_options() -> Response:
    """What this binding speaks, and the limits of one capture."""
    return _allowed(_CAPTURE_OPTIONS)


def _allowed(headers: dict[str, str]) -> Response:
    response = Response(status=204, headers=headers)
    rule = request.url_rule
    response.headers["Allow"] = (
        "GET, POST, OPTIONS" if rule and rule.rule in ("/epcis/capture", "/epcis/events") else "GET, OPTIONS"
    )
    return response


@blp.route("/", methods=["GET"])
def root() -> Response:
    """The addresses of this binding."""
    return _json({"capture": url_for("epcis.post_capture"), "events": url_for("epcis.get_events")})


@blp.route("/capture", methods=["POST"])
def post_capture() -> Response:
    """Capture an EPCISDocument with 1 to 500 signed custody events."""
    captured = capture(service(), _sender(), _request(single=False))
    location = f"/epcis/capture/{captured.capture_id}"
    return _json(_summary(captured), 202, {"Location": location})


@blp.route("/events", methods=["POST"])
def post_event() -> Response:
    """Capture one signed custody event."""
    captured = capture(service(), _sender(), _request(single=True))
    location = url_for("epcis.get_event", event_id=captured.events[0].event_id)
    return _json(_summary(captured), 201, {"Location": location})


def _summary(captured: Captured) -> dict[str, Any]:
    return {
        "captureID": captured.capture_id,
        "events": [placed.as_dict() for placed in captured.events],
        "errors": [problem.as_dict() for problem in captured.errors],
        "receipts": f"/v1/captures/{captured.capture_id}/receipts",
    }


def _job(row: Capture) -> dict[str, Any]:
    moment = row.received_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "captureID": row.id,
        "createdAt": moment,
        "finishedAt": moment,
        "running": False,
        "success": row.success,
        "captureErrorBehaviour": row.error_behaviour,
        "errors": row.errors,
        "events": row.events,
        "receipts": f"/v1/captures/{row.id}/receipts",
        **({} if row.erased_index is None else {"crm:erased": row.erased_index}),
    }


@blp.route("/capture", methods=["GET"])
def get_captures() -> Response:
    """The capture jobs of the caller's own party, newest first."""
    page = event_service.captures(service(), actor(), _arguments())
    return _json([_job(row) for row in page.items], headers=_paging(page))


@blp.route("/capture/<string:capture_id>", methods=["GET"])
def get_capture(capture_id: str) -> Response:
    """One capture job of the caller's own party."""
    return _json(_job(standing_capture(service(), actor(), capture_id)))


@blp.route("/events", methods=["GET"])
def get_events() -> Response:
    """Recorded events the caller may see: up- and downstream of what its party held."""
    query = parse_query(_arguments())
    page = event_service.events(service(), actor(), query, purpose())
    return Response(
        event_service.query_document(page.items, service().clock()),
        content_type="application/json",
        headers={**_VERSIONS, **_paging(page)},
    )


@blp.route("/events/<path:event_id>", methods=["GET"])
def get_event(event_id: str) -> Response:
    """One recorded event the caller may see."""
    body = event_service.event(service(), actor(), event_id, purpose())
    return Response(body, content_type="application/json", headers=_VERSIONS)


def _paging(page: "event_service.Page[Any]") -> dict[str, str]:
    if page.next_token is None:
        return {}
    args = urlencode({**_arguments(), "nextPageToken": page.next_token})
    url = f"{request.path}?{args}"
    return {"Link": f'<{url}>; rel="next"', "GS1-Next-Page-Token-Expires": page.expires}


captures_blp: Blueprint = blueprint("captures", "/v1/captures", "Receipts of what was captured")


@captures_blp.route("/<string:capture_id>/receipts", methods=["GET"])
def get_receipts(capture_id: str) -> Response:
    """The receipt of each event of a capture, or of the one named by ``event``: what to keep to prove inclusion.

    Where the captured bytes would be repeated too often, the receipts of all events hold their hash alone.
    """
    row = capture_job(service(), actor(), capture_id)
    found = receipts.capture_receipts(service(), actor(), row, event_id=_arguments().get("event"))
    return answer([{"event_id": event_id, "receipt": receipt.as_dict()} for event_id, receipt in found])

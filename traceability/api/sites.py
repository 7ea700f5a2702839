"""Sites: registered places, each in a body signed by its party (epcis.md 4)."""

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from traceability.api import bodies
from traceability.api.base import actor, answer, blueprint, moment, service
from traceability.services import receipts
from traceability.services import sites as site_service
from traceability.storage.tables import Site

blp: Blueprint = blueprint("sites", "/v1/sites", "Registered places of parties")

_MAX_BODY = 1_000_000


@blp.route("", methods=["POST"])
def post_sites() -> Response:
    """Register sites, ``{"sites": [{uri, country, ...}]}``, as vc+jwt or as JSON with the header X-JWS-Signature."""
    caller = actor()
    body = bodies.read(_MAX_BODY, "a registration of sites")
    jws = request.headers.get("X-JWS-Signature")
    done = site_service.register(service(), caller, body, request.content_type or "", jws)
    # All sites of one body stand for one ledger entry, hence one receipt.
    receipt = receipts.entry_receipt(service(), done[0][1], body=done[0][0].body, jws=done[0][0].jws or None).as_dict()
    rows = [{"uri": site.uri, "state": "registered", "receipt": receipt} for site, _ in done]
    return answer({"sites": rows}, 201)


@blp.route("", methods=["GET"])
def get_sites() -> Response:
    """The sites of one's own party."""
    caller = actor()
    caller.require("sites", scope="read")
    return answer({"sites": [_shown(row) for row in site_service.own_sites(service(), caller)]})


def _shown(row: Site) -> dict[str, Any]:
    return {
        "uri": row.uri,
        "name": row.name,
        "country": row.country,
        "subdivision": row.subdivision,
        "latitude": row.latitude,
        "longitude": row.longitude,
        "valid_from": row.valid_from and row.valid_from.isoformat(),
        "valid_to": row.valid_to and row.valid_to.isoformat(),
        "entry_index": row.entry_index,
        "received_at": moment(row.received_at),
    }

"""A trace of whoever tries what is not theirs: one warning for each refusal, for the operator's admin to read.

Foreign things answer 404, as if they were not there, so a 404 of something that is asked for by its id is told like a
403. Refused captures are kept as incidents instead. The line names the account or API key by its id, which holds no
name; nothing of query or body is in it.
"""

import structlog
from flask import Flask, Response, current_app, g, request

from traceability.services.access import Actor

_LOG = structlog.get_logger("access")
_REFUSED = frozenset({403, 404})
_CAPTURES = frozenset({"/epcis/capture", "/epcis/events"})


def install(app: Flask) -> None:
    """Write the trace for every request of the app."""
    app.after_request(_trace)


def _trace(response: Response) -> Response:
    rule, actor = request.url_rule, g.get("actor")
    if response.status_code not in _REFUSED or rule is None or not isinstance(actor, Actor):
        return response  # an address nobody serves, or nobody known: the request's own line says all there is
    if request.method == "POST" and rule.rule in _CAPTURES:
        return response
    if current_app.extensions["traceability"].rates.allows("refusal", f"access {actor.id}"):
        _LOG.warning(
            "refused", status=response.status_code, method=request.method, rule=rule.rule, path=request.path[:500],
            actor=actor.id, role=actor.role, party=actor.party_id, source=(request.remote_addr or "unknown")[:64],
            request_id=g.get("request_id"),
        )  # fmt: skip
    return response

"""Reminders of old lists, of requests for information and of contests: what the caller is reminded of now."""

from dataclasses import asdict

from flask import Response
from flask_smorest import Blueprint

from traceability.api.base import actor, answer, blueprint, moment, service
from traceability.clock import latest_date
from traceability.services import contest_reminders, reminders, request_reminders

blp: Blueprint = blueprint(
    "reminders",
    "/v1/reminders",
    "Lists near or past their maximum age, requests near or past their day, contests that wait",
)


@blp.route("", methods=["GET"])
def get_reminders() -> Response:
    """The caller's own open reminders, what is overdue first; of an API key those of the person who made it."""
    actor().require_scope("read")
    found = [{**item, "since": moment(item["since"])} for item in reminders.own(service(), actor())]
    asked = [asdict(one) for one in request_reminders.own(service(), actor())]
    as_of = latest_date(service().clock()).isoformat()
    against = [asdict(one) for one in contest_reminders.own(service(), actor())]
    return answer({"as_of": as_of, "reminders": found, "requests": asked, "contests": against})

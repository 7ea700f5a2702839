"""Reminders of old lists: what the caller is reminded of now, as it stands on their pages."""

from flask import Response
from flask_smorest import Blueprint

from traceability.api.base import actor, answer, blueprint, moment, service
from traceability.clock import latest_date
from traceability.services import reminders

blp: Blueprint = blueprint("reminders", "/v1/reminders", "Lists that are near or past their maximum age")


@blp.route("", methods=["GET"])
def get_reminders() -> Response:
    """The caller's own open reminders, what is overdue first; of an API key those of the person who made it."""
    actor().require_scope("read")
    found = [{**item, "since": moment(item["since"])} for item in reminders.own(service(), actor())]
    return answer({"as_of": latest_date(service().clock()).isoformat(), "reminders": found})

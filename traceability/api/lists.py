"""Risk lists: which version of each is in force, how old it is, and how complete an answer from it can be."""

from flask import Response
from flask_smorest import Blueprint

from traceability.api.base import actor, answer, blueprint, service
from traceability.clock import latest_date
from traceability.services import lists as list_service

blp: Blueprint = blueprint("lists", "/v1/lists", "Risk lists in force, with their coverage")


@blp.route("", methods=["GET"])
def get_lists() -> Response:
    """Every list in force today with its publisher, version, age and coverage."""
    actor().require_scope("read")
    today = latest_date(service().clock())
    return answer({"as_of": today.isoformat(), "lists": list_service.status(service(), today)})

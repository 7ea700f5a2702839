"""Risk lists: which version of each is in force, how old it is, and how complete an answer from it can be."""

from dataclasses import asdict

from flask import Response, request
from flask_smorest import Blueprint

from traceability.api.base import actor, answer, blueprint, service
from traceability.clock import latest_date
from traceability.errors import UnsupportedMediaType
from traceability.services import lists as list_service

blp: Blueprint = blueprint("lists", "/v1/lists", "Risk lists in force, with their coverage")


@blp.route("", methods=["GET"])
def get_lists() -> Response:
    """Every list in force today with its publisher, version, age and coverage."""
    actor().require_scope("read")
    today = latest_date(service().clock())
    return answer({"as_of": today.isoformat(), "lists": list_service.status(service(), today)})


@blp.route("/versions", methods=["POST"])
def post_versions() -> Response:
    """Load lists: a ZIP file (application/zip) of a folder of tables with its manifest; all of them or none.

    A table that leaves out more than a tenth of the entries in force is refused (409) unless ``dropping`` names its
    list; several are given with commas.
    """
    who = actor()
    who.require("administer", scope="write")
    if request.mimetype != "application/zip":
        raise UnsupportedMediaType(f"expected application/zip; got {request.mimetype[:100] or 'no media type'}")
    dropping = request.args.get("dropping", "").split(",")
    done = list_service.load_bundle(service(), who, request.get_data(cache=False), dropping)
    return answer({"lists": [asdict(one) for one in done]}, 201 if any(one.changed for one in done) else 200)

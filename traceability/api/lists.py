"""Risk lists: which version of each is in force, how old it is, and how complete an answer from it can be."""

from dataclasses import asdict
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from traceability.api import bodies
from traceability.api.base import StrictSchema, actor, answer, blueprint, service, text
from traceability.clock import latest_date
from traceability.errors import UnsupportedMediaType
from traceability.lists.bundle import MAX_BUNDLE
from traceability.services import list_files, list_review
from traceability.services import lists as list_service
from traceability.storage.tables import ListReviewRow

blp: Blueprint = blueprint("lists", "/v1/lists", "Risk lists in force, with their coverage")


class ReadSchema(StrictSchema):
    """What a person says who has read a row."""

    note = text(ListReviewRow.note, required=True)


@blp.route("", methods=["GET"])
def get_lists() -> Response:
    """Every list in force today with its publisher, version, age and coverage."""
    who = actor()
    who.require_scope("read")
    today = latest_date(service().clock())
    found = list_service.status(service(), today, whole=who.may("count_everybody"))
    return answer({"as_of": today.isoformat(), "lists": found})


@blp.route("/versions", methods=["POST"])
def post_versions() -> Response:
    """Load lists from a ZIP file (application/zip), all of them or none.

    It holds our tables with their manifest, or publishers' files as ``traceability lists fetch`` gathers them, which
    are read here. A table that leaves out more than a tenth of the entries in force is refused (409) unless
    ``dropping`` names its list; a file with fewer or more entries than a whole list has (400) unless ``as_partial``
    does. Several lists are given with commas.
    """
    who = actor()
    who.require("administer", scope="write")
    if request.mimetype != "application/zip":
        raise UnsupportedMediaType(f"expected application/zip; got {request.mimetype[:100] or 'no media type'}")
    data = bodies.read(MAX_BUNDLE, "a bundle of lists")
    done = list_files.load_bundle(service(), who, data, _named("dropping"), _named("as_partial"))
    return answer({"lists": [asdict(one) for one in done]}, 201 if any(one.changed for one in done) else 200)


def _named(parameter: str) -> list[str]:
    return [name for name in request.args.get(parameter, "").split(",") if name]


@blp.route("/<string:list_id>/review", methods=["GET"])
def get_review(list_id: str) -> Response:
    """What the reader of the version in force did not fully understand, what waits first.

    ``lost``: a name or entry is missing for it, and the list is partial until somebody has read the row.
    """
    who = actor()
    who.require_scope("read")
    today = latest_date(service().clock())
    version = list_service.version_in_force(service(), list_id, today)
    rows = list_review.review_of(service(), who, version.id or 0)
    return answer({"list_id": list_id, "version": version.version, "review": rows})


@blp.route("/<string:list_id>/review/<int:row_id>", methods=["POST"])
@blp.arguments(ReadSchema)
def post_read(body: dict[str, Any], list_id: str, row_id: int) -> Response:
    """Record that a row was read, and what came of it; once nothing waits any more everything is assessed again."""
    return answer(dict(list_review.mark_read(service(), actor(), list_id, row_id, body["note"])))

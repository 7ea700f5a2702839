"""Importer profiles and yearly volume statements, signed by the importer."""

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from traceability.api import bodies
from traceability.api.base import actor, answer, blueprint, reader, service
from traceability.services import profile_items, profiles
from traceability.services.signed import SIGNED_BYTES
from traceability.storage.tables import ImporterProfile

blp: Blueprint = blueprint("profiles", "/v1/profile", "What an importer states about itself")


@blp.route("", methods=["POST"])
def post_profile() -> Response:
    """Record a signed profile with the years whose imports are all recorded here."""
    jws = request.headers.get("X-JWS-Signature")
    who, body = actor(), bodies.read(SIGNED_BYTES, "a profile")
    row = profiles.post(service(), who, body, request.content_type or "", jws)
    return answer(shown(row), 201)


@blp.route("", methods=["GET"])
def get_profile() -> Response:
    """The newest profile of the caller's importer."""
    return answer(shown(profiles.profile(service(), actor())))


@blp.route("/items", methods=["GET"])
def get_profile_items() -> Response:
    """Each item of the profile with its papers and the last day it counts, and the findings about the importer."""
    return answer(profile_items.shown(profile_items.profile_items(service(), reader())))


def shown(row: ImporterProfile) -> dict[str, Any]:
    """Return a profile as JSON."""
    return {
        "profile": row.profile,
        "volumes": [
            {"row_id": key.rpartition("/")[0], "year": key.rpartition("/")[2], "opening_kg": kilograms}
            for key, kilograms in sorted(row.volume_statements.items())
        ],
        "index": row.entry_index,
        "received_at": row.received_at.isoformat(),
    }

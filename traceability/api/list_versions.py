"""Versions of a list: which there are, what each holds and changed, and one entry through all of them."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields

from traceability.api.base import Length, StrictSchema, actor, answer, blueprint, service
from traceability.services import list_entry as entry_service
from traceability.services import list_history as history_service

blp: Blueprint = blueprint("list-versions", "/v1/lists", "Versions of lists, their entries and what changed")


class EntriesQuery(StrictSchema):
    """Which entries: in force on a day, with a name that holds a text, after a key."""

    as_of = fields.Date(load_default=None)
    name = fields.String(load_default="", validate=Length(0, 300))
    after = fields.String(load_default="", validate=Length(0, 200))


class DiffQuery(StrictSchema):
    """From which version to which, by number or name; after which key."""

    old = fields.String(load_default="", data_key="from", validate=Length(0, 120))
    new = fields.String(load_default="", data_key="to", validate=Length(0, 120))
    after = fields.String(load_default="", validate=Length(0, 200))


class EntryQuery(StrictSchema):
    """The day on which the entry was listed or not."""

    on = fields.Date(load_default=None)


_ENTRIES, _DIFF, _ENTRY = EntriesQuery(), DiffQuery(), EntryQuery()


@blp.route("/<string:list_id>/versions", methods=["GET"])
def get_versions(list_id: str) -> Response:
    """A list's versions, newest first, and how near the newest is to its maximum age."""
    who = actor()
    who.require_scope("read")
    return answer(history_service.history_shown(service(), who, list_id))


@blp.route("/<string:list_id>/versions/<string:version>/entries", methods=["GET"])
@blp.arguments(_ENTRIES, location="query")
def get_entries(given: dict[str, Any], list_id: str, version: str) -> Response:
    """The entries of a version by its number or name, 200 at a time; ``next_after`` begins the next page."""
    found = history_service.entries(service(), actor(), list_id, version, **given)
    return answer({"entries": [entry.payload() for entry in found.rows], "next_after": found.after})


@blp.route("/<string:list_id>/diff", methods=["GET"])
@blp.arguments(_DIFF, location="query")
def get_diff(given: dict[str, Any], list_id: str) -> Response:
    """What changed from one version to another, by default from the last but one to the newest; 200 entries at a time.

    The counts are of all entries; what changed is named field by field.
    """
    who = actor()
    found = history_service.delta(service(), who, list_id, given["old"], given["new"], after=given["after"])
    return answer(history_service.delta_shown(found, who))


@blp.route("/<string:list_id>/entries/<path:entry_key>", methods=["GET"])
@blp.arguments(_ENTRY, location="query")
def get_entry(given: dict[str, Any], list_id: str, entry_key: str) -> Response:
    """One entry through the versions of its list; with ``on`` whether it was listed on that day: yes, no or unknown."""
    kept = entry_service.entry_history(service(), actor(), list_id, entry_key)
    return answer(entry_service.entry_shown(kept, given["on"]))

"""Contests: what a party is told, what it says against it, and the answer of a person, step by step."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields

from traceability.api.base import StrictSchema, actor, answer, blueprint, moment, reader, service
from traceability.api.cases import BASE
from traceability.clock import latest_date
from traceability.services import addressed, contest_links, contests, requests
from traceability.services.access import Actor
from traceability.services.case_fields import LONG, words
from traceability.services.contest_forms import (
    ConcernSchema,
    ContestAnswerSchema,
    ObjectionSchema,
    OwnContestSchema,
    for_party,
    state,
)
from traceability.storage.tables import CaseVersion, Party

blp: Blueprint = blueprint("contests", "/v1/contests", "Contests of parties that a hit or finding names")


class TakenBackSchema(StrictSchema):
    """Why what a party was told is taken back, as it reads it, and the version that was made from."""

    based_on = fields.Integer(**BASE)
    text = words(LONG, required=True)


@blp.route("", methods=["GET"])
def get_contests() -> Response:
    """What one's office has to answer and what concerns one's party: what waits first, by the day it is due."""
    who = reader()
    rows = contests.listed(service(), who)
    parties = requests.names(service(), rows)
    return answer([shown(row, who, parties) for row in rows])


@blp.route("", methods=["POST"])
@blp.arguments(OwnContestSchema)
def post_contest(body: dict[str, Any]) -> Response:
    """Contest of one's own accord with an importer of one's chain; nobody is told whether there is something."""
    return _told(contests.contest(service(), actor(), body))


@blp.route("/told", methods=["POST"])
@blp.arguments(ConcernSchema)
def post_told(body: dict[str, Any]) -> Response:
    """Tell a party that something concerns it (officer), in the officer's words alone."""
    return _told(contests.tell(service(), actor(), body))


@blp.route("/<string:case_id>", methods=["GET"])
def get_contest(case_id: str) -> Response:
    """One contest with every version, the newest first."""
    who = reader()
    found = contests.one(service(), who, case_id)
    parties = requests.names(service(), found.versions)
    now = shown(found.now, who, parties)
    return answer(now | {"versions": [shown(one, who, parties) for one in found.versions]})


@blp.route("/<string:case_id>/objections", methods=["POST"])
@blp.arguments(ObjectionSchema)
def post_objection(body: dict[str, Any], case_id: str) -> Response:
    """Contest what one's party was told, or the answer it has, with papers uploaded before."""
    return _told(contests.object_to(service(), actor(), case_id, body))


@blp.route("/<string:case_id>/links", methods=["POST"])
def post_link(case_id: str) -> Response:
    """Make the link by which a party without an account contests (officer); its secret is in this answer only."""
    made = contest_links.make(service(), actor(), case_id)
    url = f"{service().settings.public_url.rstrip('/')}/contested/{made.secret}"
    return answer({"url": url, "expires_at": moment(made.expires_at)}, 201)


@blp.route("/<string:case_id>/answer", methods=["POST"])
@blp.arguments(ContestAnswerSchema)
def post_answer(body: dict[str, Any], case_id: str) -> Response:
    """Answer a contest as a person (officer, name and password): outcome, reason, the office's name; no API key may."""
    return _told(contests.answer(service(), actor(), case_id, body))


@blp.route("/<string:case_id>/withdrawal", methods=["POST"])
@blp.arguments(TakenBackSchema)
def post_withdrawal(body: dict[str, Any], case_id: str) -> Response:
    """Take back what a party was told and has not contested (officer)."""
    return _told(contests.withdraw(service(), actor(), case_id, body["based_on"], body["text"]))


def _told(row: CaseVersion) -> Response:
    return answer(shown(row, actor(), requests.names(service(), [row])), 201)


def shown(row: CaseVersion, who: Actor, parties: dict[str, Party]) -> dict[str, Any]:
    """Return one version as JSON, as far as the reader may see it; no person of the other side is named."""
    office = addressed.is_writer(who, row)
    step = row.record.get("thread", [{}])[-1]
    mine = step.get("by") == getattr(parties.get(who.party_id or ""), "did", None)
    owner = parties.get(row.owner_id)
    return {
        "id": row.case_id,
        "version": row.version,
        "state": state(row.record, latest_date(service().clock())),
        "importer": owner and {"did": owner.did, "name": owner.name},
        "record": row.record if office else for_party(row.record),
        "written_by": row.written_by if mine else None,
        "written_at": moment(row.written_at),
        "index": row.entry_index,
        "erased": row.erased_index,
    }

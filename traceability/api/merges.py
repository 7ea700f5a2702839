"""Two records of one party: proposed with a reason, decided by an admin who did not propose it, and undone likewise."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields

from traceability.api.base import Length, StrictSchema, actor, answer, blueprint, moment, service
from traceability.services import merges
from traceability.storage.tables import Party, PartyMerge

blp: Blueprint = blueprint("merges", "/v1/merges", "Records that are of one party")


class MergeReasonSchema(StrictSchema):
    """Why it is proposed or decided."""

    reason = fields.String(required=True, validate=Length(1, 2000))


class NewMergeSchema(MergeReasonSchema):
    """Two records by their DIDs: both are read under that of the one kept."""

    kept = fields.String(required=True, validate=Length(1, 500))
    merged = fields.String(required=True, validate=Length(1, 500))


@blp.route("", methods=["GET"])
def get_merges() -> Response:
    """The proposals one made oneself, or all of them for an admin, the newest first."""
    rows = merges.listed(service(), actor())
    parties = merges.names(service(), rows)
    return answer({"merges": [shown(row, parties) for row in rows]})


@blp.route("", methods=["POST"])
@blp.arguments(NewMergeSchema)
def post_merge(body: dict[str, Any]) -> Response:
    """Propose that two records are of one party."""
    return _told(merges.propose(service(), actor(), body["kept"], body["merged"], body["reason"]), 201)


@blp.route("/<string:merge_id>", methods=["GET"])
def get_merge(merge_id: str) -> Response:
    """One proposal."""
    return _told(merges.one(service(), actor(), merge_id))


@blp.route("/<string:merge_id>/approve", methods=["POST"])
@blp.arguments(MergeReasonSchema)
def approve_merge(body: dict[str, Any], merge_id: str) -> Response:
    """Carry out a proposal of somebody else (admin): from its entry on both are read as one, or as two again."""
    return _told(merges.approve(service(), actor(), merge_id, body["reason"]))


@blp.route("/<string:merge_id>/refuse", methods=["POST"])
@blp.arguments(MergeReasonSchema)
def refuse_merge(body: dict[str, Any], merge_id: str) -> Response:
    """Refuse a proposal (admin)."""
    return _told(merges.refuse(service(), actor(), merge_id, body["reason"]))


@blp.route("/<string:merge_id>/undo", methods=["POST"])
@blp.arguments(MergeReasonSchema)
def undo_merge(body: dict[str, Any], merge_id: str) -> Response:
    """Propose that a merge be undone (admin); another admin approves it as any proposal."""
    return _told(merges.propose_undo(service(), actor(), merge_id, body["reason"]), 201)


def _told(row: PartyMerge, status: int = 200) -> Response:
    return answer(shown(row, merges.names(service(), [row])), status)


def shown(row: PartyMerge, parties: Any) -> dict[str, Any]:
    """Return a proposal as JSON; indices are places in the ledger."""
    return {
        "id": row.id,
        "act": row.act,
        "kept": _party(parties.get(row.kept_id)),
        "merged": _party(parties.get(row.merged_id)),
        "undoes": row.undoes,
        "reason": row.reason,
        "state": row.state,
        "in_force": merges.is_in_force(row),
        "proposed_at": moment(row.proposed_at),
        "decided_at": moment(row.decided_at),
        "decided_reason": row.decided_reason,
        "index": row.entry_index,
        "undone_index": row.undone_index,
    }


def _party(row: Party | None) -> dict[str, str] | None:
    return None if row is None else {"did": row.did, "name": row.name}

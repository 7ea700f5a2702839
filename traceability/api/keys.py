"""Public keys of parties: registered, rotated by both keys, revoked with a reason (ledger.md 6).

A key id holds ``#`` and ``:``, so it travels in the body, never in the path.
"""

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields, validate

from traceability.api.base import Length, StrictSchema, actor, answer, blueprint, service
from traceability.api.parties import ProofSchema, proof_of, shown_key
from traceability.services import keys as key_service
from traceability.services import receipts, revocation
from traceability.storage.tables import PartyKey

blp: Blueprint = blueprint("keys", "/v1/keys", "Public keys of parties")

_KID: dict[str, Any] = {"required": True, "validate": Length(1, 500)}
_JWS: dict[str, Any] = {"required": True, "validate": Length(1, 10_000)}


class NewKeySchema(StrictSchema):
    """A further key of one's own party, or a new one where the only key was lost (then with the reason)."""

    proof = fields.Nested(ProofSchema, required=True)
    reason = fields.String(load_default=None, allow_none=True, validate=Length(max=2000))


class RotationSchema(StrictSchema):
    """A rotation exactly as signed, with the detached JWS of the old and of the new key over it."""

    old_kid = fields.String(**_KID)
    body = fields.String(required=True, validate=Length(1, 20_000))
    old_jws = fields.String(**_JWS)
    new_jws = fields.String(**_JWS)
    nonce = fields.String(required=True, validate=Length(1, 200))


class RevocationSchema(StrictSchema):
    """Which key ends and why; with ``compromised_since`` (a ledger index) what it signed from there on is disputed."""

    kid = fields.String(**_KID)
    reason = fields.String(required=True, validate=Length(1, 2000))
    compromised_since = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(0, 2**53)
    )


class KeyDecisionSchema(StrictSchema):
    """Which waiting key an admin decides."""

    kid = fields.String(**_KID)


class WantedKeysSchema(StrictSchema):
    """Which keys are wanted."""

    state = fields.String(load_default=None, validate=validate.OneOf(("waiting", "active", "revoked", "refused")))


_NEW_KEY = NewKeySchema()
_ROTATION = RotationSchema()
_REVOCATION = RevocationSchema()
_DECISION = KeyDecisionSchema()
_WANTED = WantedKeysSchema()


@blp.route("", methods=["GET"])
@blp.arguments(_WANTED, location="query")
def get_keys(given: dict[str, Any]) -> Response:
    """The keys of one's own party; of every party for an admin."""
    found = key_service.listed(service(), actor(), given["state"])
    return answer({"keys": [shown_key(row) | {"party_id": row.party_id} for row in found]})


@blp.route("", methods=["POST"])
@blp.arguments(_NEW_KEY)
def post_key(given: dict[str, Any]) -> Response:
    """Apply for a further key; it waits for an admin."""
    return answer(key_after(key_service.register(service(), actor(), proof_of(given["proof"]), given["reason"])), 201)


@blp.route("/rotate", methods=["POST"])
@blp.arguments(_ROTATION)
def rotate_key(given: dict[str, str]) -> Response:
    """Replace an active key by a new one that both have signed for; it is active at once."""
    row = key_service.rotate(
        service(), actor(), given["old_kid"], given["body"].encode(), given["old_jws"], given["new_jws"], given["nonce"]
    )
    return answer(key_after(row), 201)


@blp.route("/revoke", methods=["POST"])
@blp.arguments(_REVOCATION)
def revoke_key(given: dict[str, Any]) -> Response:
    """End a key of one's own party (an admin may end any)."""
    row = revocation.revoke(service(), actor(), given["kid"], given["reason"], given["compromised_since"])
    return answer(key_after(row))


@blp.route("/approve", methods=["POST"])
@blp.arguments(_DECISION)
def approve_key(given: dict[str, str]) -> Response:
    """Make a waiting key active; for an admin who is not the applicant."""
    return answer(key_after(key_service.decide(service(), actor(), given["kid"], "active")))


@blp.route("/refuse", methods=["POST"])
@blp.arguments(_DECISION)
def refuse_key(given: dict[str, str]) -> Response:
    """Refuse a waiting key; for an admin who is not the applicant."""
    return answer(key_after(key_service.decide(service(), actor(), given["kid"], "refused")))


def key_after(row: PartyKey) -> dict[str, Any]:
    """Return a key after an act, with the receipt of the entry the act made; none while it waits."""
    index = row.added_index
    if row.state == "revoked":
        with service().store.read() as session:
            index = revocation.newest_end(session, row)
    receipt = None if index is None else receipts.entry_receipt(service(), index).as_dict()
    return shown_key(row) | {"receipt": receipt}

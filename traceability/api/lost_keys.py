"""After a lost key: anybody may apply with a new one, and an admin who is not the applicant decides (ledger.md 6)."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields, validate

from traceability.api.base import Length, StrictSchema, actor, answer, blueprint, door, is_anonymous, moment, service
from traceability.api.keys import key_after
from traceability.api.parties import ProofSchema, applicant, proof_of
from traceability.services import lost_keys
from traceability.services.parties import SELF_REGISTRATION
from traceability.storage.tables import KeyApplication

blp: Blueprint = blueprint("lost-keys", "/v1/keys/lost", "New keys of parties that lost their only one")

_REASON: dict[str, Any] = {"required": True, "validate": Length(1, 1500)}


class LostKeySchema(StrictSchema):
    """In whose name, how the only key was lost, and proof of possession of the new one."""

    did = fields.String(required=True, validate=Length(1, 500))
    reason = fields.String(**_REASON)
    proof = fields.Nested(ProofSchema, required=True)


class IdentitySchema(StrictSchema):
    """How an admin checked who is asking, and what came of it."""

    method = fields.String(required=True, validate=validate.OneOf(lost_keys.METHODS))
    reason = fields.String(**_REASON)


class RefusalSchema(StrictSchema):
    """Why an admin refused."""

    reason = fields.String(**_REASON)


class WantedApplicationsSchema(StrictSchema):
    """Which applications are wanted."""

    state = fields.String(load_default=None, validate=validate.OneOf(("waiting", "approved", "refused")))


_LOST = LostKeySchema()
_IDENTITY = IdentitySchema()
_REFUSAL = RefusalSchema()
_WANTED = WantedApplicationsSchema()


@blp.route("", methods=["POST"])
@blp.arguments(_LOST)
@door(applicant)
def post_lost_key(given: dict[str, Any]) -> Response:
    """Apply for a new key of a party that lost its only one. The answer never tells whether there is such a party."""
    who = SELF_REGISTRATION if is_anonymous() else actor().person
    kid = lost_keys.apply(service(), who, given["did"], proof_of(given["proof"]), given["reason"])
    return answer({"did": given["did"], "kid": kid, "state": "waiting", "receipt": None}, 202)


@blp.route("", methods=["GET"])
@blp.arguments(_WANTED, location="query")
def get_lost_keys(given: dict[str, Any]) -> Response:
    """The applications in the name of one's own party; of every party for an admin."""
    whole = actor().role == "admin"
    found = [shown(row) for row in lost_keys.listed(service(), actor(), given["state"])]
    hidden = () if whole else ("applicant", "checked_by", "decided_by")  # other parties' and the operator's people
    return answer({"applications": [{n: v for n, v in row.items() if n not in hidden} for row in found]})


@blp.route("/<string:application_id>/approve", methods=["POST"])
@blp.arguments(_IDENTITY)
def approve_lost_key(given: dict[str, str], application_id: str) -> Response:
    """Make the new key active, once it was checked who is asking; the old one ends here, and its entries stay good.

    Of an application without an account two admins have to agree: after the first of them it waits (202).
    """
    row = lost_keys.approve(service(), actor(), application_id, given["method"], given["reason"])
    if isinstance(row, KeyApplication):
        return answer({"kid": row.kid, "state": "waiting", "receipt": None, "checked_by": row.checked_by}, 202)
    return answer(key_after(row))


@blp.route("/<string:application_id>/refuse", methods=["POST"])
@blp.arguments(_REFUSAL)
def refuse_lost_key(given: dict[str, str], application_id: str) -> Response:
    """Refuse an application; everything stays as it is."""
    return answer(shown(lost_keys.refuse(service(), actor(), application_id, given["reason"])))


def shown(row: KeyApplication) -> dict[str, Any]:
    """Return an application as JSON."""
    return {
        "id": row.id,
        "party_id": row.party_id,
        "kid": row.kid,
        "alg": row.alg,
        "thumbprint": row.thumbprint,
        "reason": row.reason,
        "state": row.state,
        "applicant": row.applicant,
        "applied_at": moment(row.applied_at),
        "decided_by": row.decided_by,
        "decided_at": moment(row.decided_at),
        "checked_by": row.checked_by,
        "method": row.method,
        "decided_reason": row.decided_reason,
    }

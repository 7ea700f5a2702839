"""Parties: anybody may apply with proof of possession of a key; an admin who is not the applicant agrees or refuses."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields, validate

from traceability.api.base import (
    Length,
    StrictSchema,
    actor,
    answer,
    blueprint,
    door,
    is_anonymous,
    moment,
    service,
    source,
)
from traceability.services import departures, merges
from traceability.services import keys as key_service
from traceability.services import parties as party_service
from traceability.services.keys import ProofOfPossession
from traceability.services.parties import SELF_REGISTRATION, Application
from traceability.storage.tables import Party, PartyClaim, PartyKey

blp: Blueprint = blueprint("parties", "/v1", "Parties and the challenges a new key signs")


class ProofSchema(StrictSchema):
    """The challenge exactly as signed, the detached JWS of the new key over it, and the nonce it was made for."""

    body = fields.String(required=True, validate=Length(1, 20_000))
    jws = fields.String(required=True, validate=Length(1, 10_000))
    nonce = fields.String(required=True, validate=Length(1, 200))


class ChallengeSchema(StrictSchema):
    """For whom a nonce is asked."""

    did = fields.String(required=True, validate=Length(1, 500))


class ApplicationSchema(StrictSchema):
    """What an organisation says about itself, with proof that it holds its first key."""

    did = fields.String(required=True, validate=Length(1, 500))
    name = fields.String(required=True, validate=Length(1, 300))
    country = fields.String(required=True, validate=Length(2, 2))
    roles = fields.List(fields.String(), required=True, validate=Length(1, 8))
    address = fields.String(load_default=None, allow_none=True, validate=Length(1, 500))
    identifiers = fields.Dict(keys=fields.String(), values=fields.String(validate=Length(1, 500)), load_default=dict)
    prefixes = fields.List(fields.String(validate=Length(1, 500)), load_default=list, validate=Length(max=50))
    proof = fields.Nested(ProofSchema, required=True)


class AdminReasonSchema(StrictSchema):
    """Why an admin agreed or refused."""

    reason = fields.String(load_default=None, allow_none=True, validate=Length(max=2000))


class DepartureSchema(StrictSchema):
    """Why a party left."""

    reason = fields.String(required=True, validate=Length(1, 2000))


class WantedPartiesSchema(StrictSchema):
    """Which parties are wanted."""

    state = fields.String(load_default=None, validate=validate.OneOf(("waiting", "active", "refused")))


_CHALLENGE = ChallengeSchema()
_APPLICATION = ApplicationSchema()
_REASON = AdminReasonSchema()
_STATE = WantedPartiesSchema()
_LEFT = DepartureSchema()


def proof_of(given: dict[str, str]) -> ProofOfPossession:
    """Return a proof of possession from its JSON form; what was signed is the UTF-8 of ``body``."""
    return ProofOfPossession(given["body"].encode(), given["jws"], given["nonce"])


def _anybody() -> None:
    """Count what needs no account, before anything of it is read."""
    service().rates.check("application", source())


def applicant() -> None:
    """Count an application, and know who sends it for somebody else."""
    _anybody()
    if not is_anonymous():
        actor()


@blp.route("/challenges", methods=["POST"])
@blp.arguments(_CHALLENGE)
@door(_anybody)
def post_challenge(given: dict[str, str]) -> Response:
    """A nonce for a new key of this DID to sign; it can be used for 30 minutes."""
    nonce = key_service.make_nonce(service(), given["did"])
    return answer({"nonce": nonce, "log_origin": service().settings.log_origin})


@blp.route("/parties", methods=["POST"])
@blp.arguments(_APPLICATION)
@door(applicant)
def post_party(given: dict[str, Any]) -> Response:
    """Apply: the party, its claims and its first key wait for an admin."""
    who = SELF_REGISTRATION if is_anonymous() else actor().person
    proof = proof_of(given.pop("proof"))
    application = Application(
        **{**given, "roles": tuple(given["roles"]), "prefixes": tuple(given["prefixes"])},
    )
    row = party_service.apply(service(), who, application, proof)
    return answer(shown(row), 201, {"Location": f"/v1/parties/{row.id}"})


@blp.route("/parties", methods=["GET"])
@blp.arguments(_STATE, location="query")
def get_parties(given: dict[str, Any]) -> Response:
    """Every party, or those in one state; for admins."""
    actor().require("administer", scope="read")
    with service().store.read() as session:
        rows = party_service.parties(session, state=given["state"])
    return answer({"parties": [shown(row) for row in rows]})


@blp.route("/parties/<string:party_id>", methods=["GET"])
def get_party(party_id: str) -> Response:
    """A party with its claims and public keys: one's own, or any for an admin, with what overlaps while it waits.

    Which other records are read as one with it is told to admins alone.
    """
    actor().require_scope("read")
    found = party_service.party(service(), actor(), party_id)
    claims = [_claim(row) for row in found["claims"]]
    row, keys = found["party"], [shown_key(one) for one in found["keys"]]
    gone = departures.departure(service(), party_id)
    more: dict[str, Any] = {"left_at": gone and moment(gone.left_at), "left_index": gone and gone.entry_index}
    if actor().may("administer"):
        also = merges.also(service(), party_id)
        more["read_as_one_with"] = [{"did": one.did, "name": one.name} for one in also]
    return answer(shown(row) | {"claims": claims, "keys": keys, "overlaps": found["overlaps"]} | more)


@blp.route("/parties/<string:party_id>/approve", methods=["POST"])
@blp.arguments(_REASON, required=False)
def approve_party(given: dict[str, Any], party_id: str) -> Response:
    """Make a waiting party active, with its claims and its first key."""
    return answer(shown(party_service.approve(service(), actor(), party_id, reason=given.get("reason"))))


@blp.route("/parties/<string:party_id>/refuse", methods=["POST"])
@blp.arguments(_REASON)
def refuse_party(given: dict[str, Any], party_id: str) -> Response:
    """Refuse a waiting party, with a reason of at least 20 characters."""
    return answer(shown(party_service.refuse(service(), actor(), party_id, given["reason"] or "")))


@blp.route("/parties/<string:party_id>/departure", methods=["POST"])
@blp.arguments(_LEFT)
def post_departure(given: dict[str, Any], party_id: str) -> Response:
    """Record that a party left: its entries stay, its keys are revoked from this entry on, its accounts close."""
    row = departures.leave(service(), actor(), party_id, given["reason"])
    return answer({"party": row.party_id, "left_at": moment(row.left_at), "index": row.entry_index}, 201)


def shown(row: Party) -> dict[str, Any]:
    """Return a party as JSON."""
    return {
        "id": row.id,
        "did": row.did,
        "name": row.name,
        "country": row.country,
        "address": row.address,
        "roles": row.roles,
        "state": row.state,
        "applied_at": moment(row.applied_at),
        "decided_at": moment(row.decided_at),
        "reason": row.reason,
    }


def _claim(row: PartyClaim) -> dict[str, str]:
    return {"kind": row.kind, "value": row.value, "state": row.state}


def shown_key(row: PartyKey) -> dict[str, Any]:
    """Return a public key as JSON; indices are places in the ledger."""
    return {
        "kid": row.kid,
        "alg": row.alg,
        "jwk": row.jwk,
        "state": row.state,
        "applied_at": moment(row.applied_at),
        "added_index": row.added_index,
        "revoked_index": row.revoked_index,
        "compromised_since": row.compromised_since,
        "reason": row.reason,
        "warning": key_service.key_warning(service(), row),
    }

"""People and machines: accounts for admins, one's own password, and API keys that are shown once."""

from dataclasses import asdict
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields

from traceability.api.base import Length, StrictSchema, actor, answer, blueprint, door, moment, service, sign_in
from traceability.errors import NotFound
from traceability.services import api_keys as api_key_service
from traceability.services import open_work, session_tokens
from traceability.services import users as user_service
from traceability.storage.tables import ApiKey

blp: Blueprint = blueprint("people", "/v1", "Accounts, passwords and API keys")


class NewUserSchema(StrictSchema):
    """An account: its sign-in name, its role, and the id or DID of its party where the role needs one."""

    name = fields.String(required=True, validate=Length(1, 100))
    role = fields.String(required=True, validate=Length(1, 12))
    party = fields.String(load_default=None, allow_none=True, validate=Length(1, 500))


class PasswordSchema(StrictSchema):
    """The new password; the old one comes as HTTP Basic."""

    new = fields.String(required=True, validate=Length(1, 1000))


class EmailSchema(StrictSchema):
    """Where reminders go; null or empty for nowhere."""

    email = fields.String(required=True, allow_none=True, validate=Length(0, 254))


class NewApiKeySchema(StrictSchema):
    """An API key: what it is for, what it may do, and how many days it lives."""

    name = fields.String(required=True, validate=Length(1, 100))
    scopes = fields.List(fields.String(), required=True, validate=Length(1, 3))
    days = fields.Integer(load_default=365, strict=True)


class WorkSchema(StrictSchema):
    """One piece of open work."""

    kind = fields.String(required=True, validate=Length(1, 20))
    subject = fields.String(required=True, validate=Length(1, 100))


class HandoverSchema(StrictSchema):
    """To whom open work goes, by sign-in name, and which."""

    to = fields.String(required=True, validate=Length(1, 100))
    work = fields.List(fields.Nested(WorkSchema), load_default=list, validate=Length(max=1000))


_HANDOVER = HandoverSchema()
_NEW_USER = NewUserSchema()
_EMAIL = EmailSchema()
_PASSWORD = PasswordSchema()
_NEW_API_KEY = NewApiKeySchema()


@blp.route("/users", methods=["POST"])
@blp.arguments(_NEW_USER)
def post_user(given: dict[str, Any]) -> Response:
    """Make an account; its one-time password is shown in this answer only."""
    return answer(
        _one_time(user_service.add_user(service(), actor(), given["name"], given["role"], given["party"])), 201
    )


@blp.route("/users", methods=["GET"])
def get_users() -> Response:
    """Every account, without anything secret; for admins."""
    actor().require("administer", scope="read")
    rows = [
        {
            "name": row.name,
            "role": row.role,
            "party_id": row.party_id,
            "one_time": row.one_time,
            "email": row.email,
            "created_at": moment(row.created_at),
            "disabled_at": moment(row.disabled_at),
        }
        for row in user_service.users(service(), actor())
    ]
    return answer({"users": rows})


@blp.route("/users/<path:name>/reset", methods=["POST"])
def reset_user(name: str) -> Response:
    """Replace a lost password by a one-time password, shown in this answer only."""
    return answer(_one_time(user_service.reset_password(service(), actor(), name)))


@blp.route("/users/<path:name>/disable", methods=["POST"])
def disable_user(name: str) -> Response:
    """Close an account and end the API keys it made; what it did stays."""
    ended = user_service.disable_user(service(), actor(), name)
    return answer({"name": name, "api_keys_ended": ended})


@blp.route("/users/<path:name>/work", methods=["GET"])
def get_user_work(name: str) -> Response:
    """The open work of a person, such as one who leaves, and to whom it was handed; for admins."""
    return answer({"name": name, "work": [asdict(one) for one in open_work.open_work(service(), actor(), name)]})


@blp.route("/users/<path:name>/work", methods=["POST"])
@blp.arguments(_HANDOVER)
def post_user_work(given: dict[str, Any], name: str) -> Response:
    """Hand open work to a colleague of the same party and role; all of it where nothing is named."""
    chosen = [(one["kind"], one["subject"]) for one in given["work"]]
    found = open_work.hand_over(service(), actor(), name, given["to"], chosen)
    return answer({"name": name, "work": [asdict(one) for one in found]})


@blp.route("/work", methods=["GET"])
def get_work() -> Response:
    """The open work that was handed to the caller."""
    actor().require_scope("read")
    found = open_work.handed_to(service(), actor())
    rows = [
        asdict(work) | {"from": row.from_user, "handed_at": moment(row.handed_at), "handed_by": row.handed_by}
        for row, work in found
    ]
    return answer({"work": rows})


@blp.route("/users/<path:name>/email", methods=["POST"])
@blp.arguments(_EMAIL)
def post_email(given: dict[str, str | None], name: str) -> Response:
    """Set where a person's reminders go: one's own, or as an admin anybody's."""
    email = user_service.set_email(service(), actor(), name, given["email"] or "")
    return answer({"name": name, "email": email})


@blp.route("/password", methods=["POST"])
@blp.arguments(_PASSWORD)
@door(sign_in)
def post_password(given: dict[str, str]) -> Response:
    """Change one's own password, a one-time one too; name and old password come as HTTP Basic."""
    user, old = sign_in()
    user_service.change_password(service(), user.id, old, given["new"])
    return Response(status=204)


@blp.route("/sessions", methods=["POST"])
@door(sign_in)
def post_session() -> Response:
    """A session token for what no API key may do; name and password come as HTTP Basic. Send it as ``Bearer``."""
    made = session_tokens.make(service(), sign_in()[0])
    return answer({"token": made.secret, "expires_at": moment(made.expires_at)}, 201, {"Cache-Control": "no-store"})


@blp.route("/api-keys", methods=["POST"])
@blp.arguments(_NEW_API_KEY)
def post_api_key(given: dict[str, Any]) -> Response:
    """Make an API key of one's own party and role; its secret is shown in this answer only."""
    made = api_key_service.make_api_key(service(), actor(), given["name"], given["scopes"], given["days"])
    body = {"id": made.id, "secret": made.secret, "scopes": sorted(set(given["scopes"]))}
    return answer(body, 201, {"Location": f"/v1/api-keys/{made.id}"})


@blp.route("/api-keys", methods=["GET"])
def get_api_keys() -> Response:
    """The API keys of one's own party and role; never a secret."""
    return answer({"api_keys": [_shown(row) for row in api_key_service.api_keys(service(), actor())]})


@blp.route("/api-keys/<string:key_id>", methods=["GET"])
def get_api_key(key_id: str) -> Response:
    """One API key of one's own party and role; never its secret."""
    for row in api_key_service.api_keys(service(), actor()):
        if row.id == key_id:
            return answer(_shown(row))
    raise NotFound(f"there is no API key {key_id} of yours")


@blp.route("/api-keys/<string:key_id>", methods=["DELETE"])
def delete_api_key(key_id: str) -> Response:
    """End an API key of one's own party and role."""
    api_key_service.revoke_api_key(service(), actor(), key_id)
    return Response(status=204)


def _one_time(made: user_service.OneTime) -> dict[str, str]:
    return {"name": made.user, "role": made.role, "password": made.password}


def _shown(row: ApiKey) -> dict[str, Any]:
    return {
        "id": row.id,
        "prefix": row.prefix,
        "name": row.name,
        "role": row.role,
        "scopes": row.scopes,
        "created_by": row.created_by,
        "created_at": moment(row.created_at),
        "expires_at": moment(row.expires_at),
        "revoked_at": moment(row.revoked_at),
    }

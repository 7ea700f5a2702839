"""One's own API keys: made here, shown once, revoked here."""

from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.errors import InvalidInput, Problem
from traceability.services import api_keys as key_service
from traceability.services.access import SCOPES
from traceability.storage.tables import ApiKey
from traceability.web import words
from traceability.web.language import N_, gettext
from traceability.web.page import Cell, Column, Page, Row, cells_of, table
from traceability.web.routes import action, page, seen
from traceability.web.session import actor, service

_COLUMNS = (
    Column("name", "Name"),
    Column("prefix", "Begins with", "id"),
    Column("scopes", "May"),
    Column("by", "Made by"),
    Column("made", "Made", "time"),
    Column("expires", "Expires", "time"),
    Column("state", "State"),
)


@page("/api-keys")
def api_keys() -> Page:
    """The API keys of one's own party and role, with the forms to make and revoke one."""
    rows = key_service.api_keys(service(), actor())
    made = table(
        "api-keys",
        "API keys of your party and role",
        _COLUMNS,
        map(_row, rows),
        N_("There is no key yet: make one below."),
    )
    good = [row for row in rows if row.revoked_at is None and row.expires_at > service().clock()]
    return Page("API keys", "api_keys.html", [made], {}, {"good": good, "scopes": SCOPES})


def _row(row: ApiKey) -> Row:
    expired = row.expires_at <= service().clock()
    values: dict[str, Any] = {
        "name": row.name, "prefix": row.prefix, "scopes": ", ".join(row.scopes), "by": row.created_by,
        "made": words.moment(row.created_at), "expires": words.moment(row.expires_at),
        "state": Cell(_state(row, expired=expired)),
    }  # fmt: skip
    return Row(cells_of(values))


def _state(row: ApiKey, *, expired: bool) -> str:
    if row.revoked_at:
        return gettext("revoked")
    return gettext("expired") if expired else gettext("good")


@action("/api-keys", form=api_keys)
def post_api_key() -> Page:
    """Make a key; its secret is on this answer and nowhere else."""
    days, name = request.form.get("days", ""), request.form.get("name", "").strip()
    if not name:
        raise InvalidInput(gettext("the key has no name"), problems=[Problem("name", gettext("say what it is for"))])
    if not (days.isascii() and days.isdigit() and len(days) < 5):  # noqa: PLR2004  # more digits than any life has
        problem = Problem("days", gettext("a whole number of days"))
        raise InvalidInput(gettext("the life of the key cannot be read"), problems=[problem])
    made = key_service.make_api_key(service(), actor(), name, request.form.getlist("scope"), int(days))
    return Page("Your new API key", "once.html", (), {}, {
        "what": gettext("API key"), "name": name, "secret": made.secret, "back": url_for("web.api_keys"),
        "hint": gettext("Send it as the header Authorization: Bearer, or give it to the command line with --token."),
    })  # fmt: skip


@action("/api-keys/revoke", form=api_keys)
def post_revoke() -> AnyResponse:
    """End a key."""
    key_service.revoke_api_key(service(), actor(), request.form.get("key", ""))
    return seen(url_for("web.api_keys"))

"""Accounts, for the admin: make one, reset a lost password, close a leaver's; one-time passwords are shown once."""

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.services import parties
from traceability.services import users as user_service
from traceability.services.access import ROLES
from traceability.storage.tables import User
from traceability.web import words
from traceability.web.language import N_, gettext
from traceability.web.page import Cell, Column, Page, table
from traceability.web.routes import action, page, seen
from traceability.web.session import actor, service

_COLUMNS = (
    Column("name", "Name"), Column("role", "Role"), Column("party", "Party"), Column("state", "State"),
    Column("email", "Reminders to"), Column("made", "Made", "time"), Column("by", "Made by"),
)  # fmt: skip


@page("/users")
def users() -> Page:
    """Every account."""
    rows = user_service.users(service(), actor())
    with service().store.read() as session:
        names = {party.id: party.name for party in parties.parties(session)}
    made = table("users", "Accounts", _COLUMNS, [_row(row, names) for row in rows], N_("There is no account."))
    open_ = [row.name for row in rows if row.disabled_at is None]
    return Page("Users", "users.html", [made], {}, {"open": open_, "roles": ROLES})


def _row(row: User, names: Mapping[str, str]) -> dict[str, Any]:
    state = N_("closed") if row.disabled_at else N_("one-time password") if row.one_time else N_("open")
    return {
        "name": Cell(row.name, url_for("web.user_work", user=row.name)), "role": words.sentence(row.role),
        "party": names.get(row.party_id or ""), "state": gettext(state),
        "email": row.email, "made": words.moment(row.created_at), "by": row.created_by,
    }  # fmt: skip


@action("/users", form=users)
def post_user() -> Page:
    """Make an account."""
    form = request.form
    party = form.get("party", "").strip() or None
    return _once(user_service.add_user(service(), actor(), form.get("name", ""), form.get("role", ""), party))


@action("/users/reset", form=users)
def post_reset() -> Page:
    """Replace a lost password by a one-time password."""
    return _once(user_service.reset_password(service(), actor(), request.form.get("user", "")))


@action("/users/close", form=users)
def post_close() -> AnyResponse:
    """Close an account and end the API keys it made; what it did stays, and its open work is shown."""
    name = request.form.get("user", "")
    user_service.disable_user(service(), actor(), name)
    return seen(url_for("web.user_work", user=name))


@action("/users/email", form=users)
def post_email() -> AnyResponse:
    """Set where a person's reminders go."""
    user_service.set_email(service(), actor(), request.form.get("user", ""), request.form.get("email", ""))
    return seen(url_for("web.users"))


def _once(made: user_service.OneTime) -> Page:
    return Page("One-time password", "once.html", (), {}, {
        "what": N_("one-time password"), "name": made.user, "secret": made.password, "back": url_for("web.users"),
        "hint": N_("Hand it over in person or by telephone. At the first sign-in it has to be changed."),
    })  # fmt: skip

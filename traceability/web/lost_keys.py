"""An application after a lost key, and what an admin decides once it was checked who is asking (ledger.md 6)."""

from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.errors import NotFound
from traceability.services import keys, lost_keys
from traceability.services import parties as party_service
from traceability.storage.tables import KeyApplication
from traceability.web import words
from traceability.web.decisions import reason
from traceability.web.language import N_, gettext
from traceability.web.page import Cell, Column, Page, Row, cells_of, table
from traceability.web.routes import action, page, seen
from traceability.web.session import actor, service

LOST = (
    Column("kid", "New key", "id"), Column("applicant", "Applied by"), Column("at", "Applied", "time"),
    Column("reason", "How the key was lost"), Column("state", "State"),
)  # fmt: skip
_KEYS = (Column("kid", "Key", "id"), Column("state", "State"), Column("thumbprint", "Thumbprint", "id"))


def lost_row(row: KeyApplication, *, link: bool = True) -> Row:
    """Return an application as a line of a table; who applied is an admin's to see."""
    href = url_for("web.lost_key", application_id=row.id) if link and row.state == "waiting" else None
    values: dict[str, Any] = {
        "kid": Cell(row.kid, href=href), "applicant": row.applicant if link else "", "at": words.moment(row.applied_at),
        "reason": row.reason, "state": words.sentence(row.state),
    }  # fmt: skip
    return Row(cells_of(values))


@page("/lost-keys/<application_id>")
def lost_key(application_id: str) -> Page:
    """One application after a lost key that waits for an admin, with the keys that the party has and who else asks."""
    who = actor()
    who.require("administer")
    waiting = {row.id: row for row in lost_keys.listed(service(), who, "waiting")}
    row = waiting.get(application_id)
    if row is None:
        raise NotFound(gettext("no application %(id)s after a lost key waits for a decision", id=application_id[:50]))
    party = party_service.party(service(), who, row.party_id)["party"]
    own = [key for key in keys.listed(service(), who) if key.party_id == row.party_id]
    others = [lost_row(other) for other in waiting.values() if other.party_id == row.party_id and other.id != row.id]
    about = {
        N_("party"): party.name, N_("identifier"): party.did, N_("country"): party.country,
        N_("address"): party.address or gettext("not stated"), N_("new key"): row.kid, N_("algorithm"): row.alg,
        N_("thumbprint"): row.thumbprint, N_("how the key was lost"): row.reason, N_("applied by"): row.applicant,
        N_("applied"): words.moment(row.applied_at),
    }  # fmt: skip
    if row.checked_by is not None:
        about |= {
            N_("first to agree"): row.checked_by,
            N_("checked by"): words.sentence(row.method or ""),
            N_("what came of it"): row.decided_reason or "",
        }
    return Page(
        "Lost key",
        "lost_key.html",
        [
            table("keys", "Keys the party has", _KEYS, [_key(key) for key in own], N_("It has no key.")),
            table("others", "Others that ask in its name", LOST, others, N_("Nobody else asks.")),
        ],
        {"application": about},
        {
            "row": row,
            "mine": row.applicant == who.person,
            "first": row.checked_by == who.person,
            "two": row.applicant == party_service.SELF_REGISTRATION,
            "methods": [(method, words.sentence(method)) for method in lost_keys.METHODS],
            "active": sum(key.state == "active" for key in own),
        },
    )


def _key(key: Any) -> dict[str, Any]:
    return {"kid": key.kid, "state": words.sentence(key.state), "thumbprint": key.thumbprint}


@action("/lost-keys/<application_id>", form=lost_key)
def post_lost_key(application_id: str) -> AnyResponse:
    """Make the new key active and end the lost one, or refuse the application."""
    if request.form.get("go") == "approve":
        lost_keys.approve(service(), actor(), application_id, request.form.get("method", ""), reason())
    else:
        lost_keys.refuse(service(), actor(), application_id, reason())
    return seen(url_for("web.approvals"))

"""Approvals, by an admin who is not the applicant: parties with their claims and first key, and further keys."""

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.errors import NotFound
from traceability.services import departures, keys, lost_keys, merges
from traceability.services import parties as party_service
from traceability.services import site_map as site_maps
from traceability.services.access import Actor
from traceability.storage.tables import Party, PartyKey
from traceability.web import site_map, words
from traceability.web.decisions import reason
from traceability.web.language import N_, Verbatim, gettext
from traceability.web.lost_keys import LOST, lost_row
from traceability.web.merges import MERGES, merge_row
from traceability.web.page import Cell, Column, Page, Row, Table, cells_of, table
from traceability.web.routes import action, page, seen
from traceability.web.session import actor, service

_PARTIES = (
    Column("name", "Party"), Column("did", "Identifier", "id"), Column("country", "Country"), Column("roles", "Roles"),
    Column("applicant", "Applied by"), Column("at", "Applied", "time"),
)  # fmt: skip
_KEYS = (
    Column("kid", "Key", "id"), Column("alg", "Algorithm"), Column("applicant", "Applied by"),
    Column("at", "Applied", "time"), Column("reason", "Reason given"),
)  # fmt: skip
_OVERLAPS = (Column("what", "What is another's, or looks like it"),)
_CLAIMS = (Column("kind", "Kind"), Column("value", "Value", "id"), Column("state", "State"))


@page("/approvals")
def approvals() -> Page:
    """What waits for an admin."""
    who = actor()
    who.require("administer")
    with service().store.read() as session:
        waiting = party_service.parties(session, state="waiting")
        active = {party.id for party in party_service.parties(session, state="active")}
    lost = lost_keys.listed(service(), who, "waiting")
    doubles = merges.listed(service(), who, state="waiting")
    named = merges.names(service(), doubles)
    further = [key for key in keys.listed(service(), who, "waiting") if key.party_id in active]
    proposals = [merge_row(one, named) for one in doubles]
    return Page("Approvals", "approvals.html", [
        table("parties", "Parties that wait", _PARTIES, map(_party, waiting), N_("No party waits.")),
        table("keys", "Further keys that wait", _KEYS, map(_key, further), N_("No key waits.")),
        table("lost", "Parties that say they lost their only key", LOST, map(lost_row, lost), N_("No party asks.")),
        table("merges", "Two records of one party", MERGES, proposals, N_("Nobody asks.")),
    ])  # fmt: skip


def _party(row: Party) -> Row:
    values: dict[str, Any] = {
        "name": Cell(row.name, href=url_for("web.party", party_id=row.id)), "did": row.did, "country": row.country,
        "roles": ", ".join(map(words.sentence, row.roles)), "applicant": row.applicant,
        "at": words.moment(row.applied_at),
    }  # fmt: skip
    return Row(cells_of(values))


def _key(row: PartyKey) -> Row:
    values: dict[str, Any] = {
        "kid": Cell(row.kid, href=url_for("web.key", kid=row.kid)), "alg": row.alg, "applicant": row.applicant,
        "at": words.moment(row.applied_at), "reason": row.reason,
    }  # fmt: skip
    return Row(cells_of(values))


@page("/parties/<party_id>")
def party(party_id: str) -> Page:
    """One party with what it claims, and the decision an admin takes on it."""
    who = actor()
    found = party_service.party(service(), who, party_id)
    row: Party = found["party"]
    places = site_maps.of_sites(service(), found["sites"])
    about = {
        N_("identifier"): row.did, N_("country"): row.country, N_("address"): row.address or gettext("not stated"),
        N_("roles"): ", ".join(map(words.sentence, row.roles)), N_("state"): words.sentence(row.state),
        N_("applied by"): row.applicant,
        N_("applied"): words.moment(row.applied_at),
    }  # fmt: skip
    gone = departures.departure(service(), party_id)
    if gone is not None:
        at, entry = words.moment(gone.left_at), gone.entry_index
        said = gettext("%(moment)s, ledger entry %(entry)s: %(reason)s", moment=at, entry=entry, reason=gone.reason)
        about[N_("left")] = said
    if who.may("administer") and (also := merges.also(service(), party_id)):
        about[N_("read as one with")] = "; ".join(f"{one.name} ({one.did})" for one in also)
    return Page(
        Verbatim(row.name),
        "party.html",
        [*_tables(who, party_id, found), *site_map.tables(places, legs=False)],
        {"party": about},
        {
            "row": row,
            "decidable": who.may("administer") and row.state == "waiting",
            "mine": row.applicant == who.person,
            **site_map.context(places),
            "leavable": who.may("administer") and row.state == "active" and gone is None,
        },
    )


def _tables(who: Actor, party_id: str, found: Mapping[str, Any]) -> list[Table]:
    claims = [
        {"kind": claim.kind, "value": claim.value, "state": words.sentence(claim.state)} for claim in found["claims"]
    ]
    overlapping = [{"what": said} for said in found["overlaps"]]
    own = [_key_fields(key) for key in found["keys"]]
    return [
        table("claims", "Identifiers and prefixes it claims", _CLAIMS, claims, N_("It claims nothing.")),
        table("keys", "Its keys", _KEYS, own, N_("It has no key.")),
        table("lost", "Applications after a lost key", LOST, _lost(who, party_id), N_("Nobody applied.")),
        table("overlaps", "Overlaps with others", _OVERLAPS, overlapping, N_("Nothing overlaps.")),
    ]


@action("/parties/<party_id>/departure", form=party)
def post_departure(party_id: str) -> AnyResponse:
    """Record that a party left."""
    departures.leave(service(), actor(), party_id, reason())
    return seen(url_for("web.party", party_id=party_id))


def _lost(who: Actor, party_id: str) -> list[Row]:
    found = [row for row in lost_keys.listed(service(), who) if row.party_id == party_id]
    return [lost_row(row, link=who.role == "admin") for row in found]


def _key_fields(row: PartyKey) -> dict[str, Any]:
    return {
        "kid": row.kid, "alg": row.alg, "applicant": row.applicant, "at": words.moment(row.applied_at),
        "reason": "; ".join(filter(None, (row.reason or words.sentence(row.state), keys.key_warning(service(), row)))),
    }  # fmt: skip


@action("/parties/<party_id>/approve", form=party)
def post_party(party_id: str) -> AnyResponse:
    """Make a waiting party active, with its claims and first key."""
    party_service.approve(service(), actor(), party_id)
    return seen(url_for("web.approvals"))


@action("/parties/<party_id>/refuse", form=party)
def post_refuse(party_id: str) -> AnyResponse:
    """Refuse a waiting party, with a reason it can be told."""
    party_service.refuse(service(), actor(), party_id, reason())
    return seen(url_for("web.approvals"))


@page("/key")
def key() -> Page:
    """One key that waits for an admin."""
    who, kid = actor(), request.values.get("kid", "")
    who.require("administer")
    for row in keys.listed(service(), who, "waiting"):
        if row.kid == kid:
            about = {
                N_("key"): row.kid, N_("algorithm"): row.alg, N_("thumbprint"): row.thumbprint,
                N_("applied by"): row.applicant, N_("applied"): words.moment(row.applied_at),
                N_("reason given"): row.reason or gettext("none"),
            }  # fmt: skip
            return Page(
                "Key that waits", "key.html", (), {"key": about}, {"row": row, "mine": row.applicant == who.person}
            )
    raise NotFound(gettext("no key %(kid)s waits for a decision", kid=kid[:200]))


@action("/key", form=key)
def post_key() -> AnyResponse:
    """Make a waiting key active, or refuse it."""
    state = "active" if request.form.get("go") == "approve" else "refused"
    keys.decide(service(), actor(), request.form.get("kid", ""), state)
    return seen(url_for("web.approvals"))

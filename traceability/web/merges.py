"""Two records of one party, for admins: both side by side, the proposal with its reason, and another's decision."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.services import departures, merges
from traceability.services import parties as party_service
from traceability.storage.tables import Party, PartyMerge
from traceability.web import words
from traceability.web.decisions import reason
from traceability.web.language import N_, gettext
from traceability.web.page import Cell, Column, Page, cells_of, table
from traceability.web.routes import action, page, seen
from traceability.web.session import actor, service

MERGES = (
    Column("merge", "Proposal", "id"), Column("act", "What"), Column("kept", "Record kept"),
    Column("merged", "Record merged"), Column("state", "State"), Column("by", "Proposed by"),
    Column("at", "Proposed", "time"),
)  # fmt: skip
_PARTIES = (
    Column("name", "Party"), Column("did", "Identifier", "id"), Column("country", "Country"), Column("roles", "Roles"),
    Column("also", "Read as one with", "id"), Column("state", "State"),
)  # fmt: skip
_SIDES = (Column("what", "What"), Column("kept", "Record kept"), Column("merged", "Record merged"))
_LONG = {"reason": 2000}


@page("/merges")
def merge_list() -> Page:
    """Every registered party, the proposals on duplicates, and the form that makes one."""
    actor().require("administer")
    rows = merges.listed(service(), actor())
    parties = merges.names(service(), rows)
    empty = N_("Nobody has proposed that two records are of one party.")
    made = table("merges", "Proposals, newest first", MERGES, (merge_row(row, parties) for row in rows), empty)
    with service().store.read() as session:
        active = party_service.parties(session, state="active")
    gone = {party.id for _, party in departures.departed(service(), actor())}
    also = merges.groups(service())
    registered = [_registered(row, also.get(row.id, ()), row.id in gone) for row in active]
    return Page("Parties", "merges.html", [
        table("parties", "Parties, by name", _PARTIES, registered, N_("No party is registered.")), made,
    ])  # fmt: skip


def _registered(row: Party, also: Iterable[Party], left: bool) -> Mapping[str, Any]:  # noqa: FBT001  # one fact
    return cells_of({
        "name": Cell(row.name, url_for("web.party", party_id=row.id)), "did": row.did, "country": row.country,
        "roles": ", ".join(map(words.sentence, row.roles)),
        "also": ", ".join(one.did for one in also), "state": gettext("left") if left else gettext("active"),
    })  # fmt: skip


@action("/merges", form=merge_list, longest=_LONG)
def post_merge() -> AnyResponse:
    """Propose that two records are of one party."""
    actor().require("administer")
    form = request.form
    row = merges.propose(service(), actor(), form.get("kept", ""), form.get("merged", ""), reason())
    return seen(url_for("web.merge", merge_id=row.id))


@page("/merges/<merge_id>")
def merge(merge_id: str) -> Page:
    """One proposal with both records side by side, and the decision that is the reader's."""
    who = actor()
    who.require("administer")
    row = merges.one(service(), who, merge_id)
    parties = merges.names(service(), [row])
    about = {
        N_("what"): gettext(_ACTS[row.act]), N_("state"): _state(row).text, N_("reason"): row.reason,
        N_("proposed by"): row.proposed_by, N_("proposed"): words.moment(row.proposed_at),
        N_("decided by"): row.decided_by or gettext("nobody yet"),
        N_("reason of the decision"): row.decided_reason or gettext("none yet"),
        N_("ledger entry"): gettext("none yet") if row.entry_index is None else str(row.entry_index),
    }  # fmt: skip
    if row.undone_index is not None:
        about[N_("undone")] = gettext("ledger entry %(entry)s", entry=row.undone_index)
    made = table("sides", "Both records", _SIDES, _sides(row), "")
    context = {
        "row": row, "waits": row.state == "waiting", "mine": row.proposed_by == who.person, "parties": parties,
        "undoable": merges.is_in_force(row),
    }  # fmt: skip
    return Page("Two records of one party", "merge.html", [made], {"merge": about}, context)


@action("/merges/<merge_id>", form=merge, longest=_LONG)
def post_merge_decision(merge_id: str) -> AnyResponse:
    """Approve or refuse a proposal."""
    decide = merges.approve if request.form.get("go") == "approve" else merges.refuse
    decide(service(), actor(), merge_id, reason())
    return seen(url_for("web.merge", merge_id=merge_id))


@action("/merges/<merge_id>/undo", form=merge, longest=_LONG)
def post_merge_undo(merge_id: str) -> AnyResponse:
    """Propose that a merge be undone."""
    row = merges.propose_undo(service(), actor(), merge_id, reason())
    return seen(url_for("web.merge", merge_id=row.id))


_ACTS = {"merge": N_("read both as one party"), "undo": N_("read them as two again")}
_STATES = {"waiting": N_("waits for another admin"), "in_force": N_("in force"), "refused": N_("refused")}


def _state(row: PartyMerge) -> Cell:
    if row.undone_index is not None:
        return Cell(gettext("undone"), mark="refused")
    return Cell(gettext(_STATES[row.state]), mark=row.state)


def merge_row(row: PartyMerge, parties: Mapping[str, Party]) -> Mapping[str, Any]:
    """Return a proposal as a row of a table."""
    return cells_of({
        "merge": Cell(row.id[:8], url_for("web.merge", merge_id=row.id), whole=row.id), "act": gettext(_ACTS[row.act]),
        "kept": _name(parties[row.kept_id]), "merged": _name(parties[row.merged_id]), "state": _state(row),
        "by": row.proposed_by, "at": words.moment(row.proposed_at),
    })  # fmt: skip


def _name(row: Party) -> str:
    return f"{row.name} ({row.did})"


def _sides(row: PartyMerge) -> list[dict[str, str]]:
    """Return both records line by line, as an admin compares them."""
    kept, merged = (_side(one) for one in (row.kept_id, row.merged_id))
    return [{"what": gettext(name), "kept": kept[name], "merged": merged[name]} for name in kept]


def _side(party_id: str) -> dict[str, str]:
    found = party_service.party(service(), actor(), party_id)
    row: Party = found["party"]
    claims = [f"{one.kind} {one.value}" for one in found["claims"] if one.state == "active"]
    keys, none = [f"{one.kid} ({words.sentence(one.state)})" for one in found["keys"]], gettext("none")
    return {
        N_("identifier"): row.did, N_("name"): row.name, N_("country"): row.country,
        N_("address"): row.address or gettext("not stated"), N_("roles"): ", ".join(map(words.sentence, row.roles)),
        N_("claims"): "; ".join(claims) or none, N_("keys"): "; ".join(keys) or none,
        N_("applied"): words.moment(row.applied_at),
    } | {name: str(value) for name, value in asdict(merges.borne(service(), actor(), party_id)).items()}  # fmt: skip

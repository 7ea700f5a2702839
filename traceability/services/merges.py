"""Two records of one party: merged on a proposal with a reason by an admin who did not make it, and undone likewise.

Nothing is moved and nothing signed changes. Each record keeps its DID, identifiers, keys, sites, entries and people,
who see what they saw before; from the entry of the decision on, the facts read both as one party, under the DID of the
record that is kept, and the names of both are screened.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.errors import Conflict, InvalidInput, NotFound, Problem
from traceability.events.identifiers import normalise
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.services import merge_effects
from traceability.services.access import Actor
from traceability.services.context import Service, new_id
from traceability.services.document_links import sees
from traceability.services.parties import require_other
from traceability.services.request_forms import check_reason
from traceability.services.same import same_parties
from traceability.services.whole import merge_bytes
from traceability.storage.store import Transaction
from traceability.storage.tables import Decision, Event, Holding, Party, PartyMerge, Shipment, Site

_MOST_REASON: Final = 2000


def propose(service: Service, actor: Actor, kept: str, merged: str, reason: str) -> PartyMerge:
    """Propose that two records, by their DIDs, are of one party; ``kept`` is the one under which both are read.

    Raises:
        Forbidden: the role may not.
        InvalidInput: a DID names no active party one sees, both are one, or the reason is too short.
        Conflict: one of them is merged already, as an admin is told, or a proposal that the actor sees waits.

    """
    actor.require("propose_merge", scope="write")
    said = check_reason(reason, "reason", _MOST_REASON)

    def change(tx: Transaction) -> PartyMerge:
        _ = tx.now  # locks the head: of two proposals the second finds the first
        rows = [_named(tx.session, actor, *one) for one in (("kept", kept), ("merged", merged))]
        if rows[0].id == rows[1].id:
            raise InvalidInput("both are one record; name two", problems=[Problem("merged", "write another DID")])
        _check_free(tx.session, actor, rows)
        row = PartyMerge(
            id=new_id(), act="merge", kept_id=rows[0].id, merged_id=rows[1].id, reason=said, state="waiting",
            proposed_by=actor.person, proposed_at=tx.now,
        )  # fmt: skip
        tx.session.add(row)
        return row

    return service.store.write(change)


def _named(session: Session, actor: Actor, field: str, did: str) -> Party:
    """Return an active party: any for an admin, one's own or one that is seen for others."""
    key = normalise(did.strip())
    row = session.exec(select(Party).where(Party.did == key, Party.state == "active")).one_or_none()
    if row is None or not (actor.role == "admin" or row.id == actor.party_id or sees(session, actor, "party", key)):
        told = "you see no such active party; write its DID as its page does"
        raise InvalidInput(f"{field}: {told}", problems=[Problem(field, told)])
    return row


def _check_free(session: Session, actor: Actor, rows: Sequence[Party]) -> None:
    """Check that no proposal about one of two records waits, and for an admin that they can be read as one.

    Others are told of what they proposed themselves alone; that a record is merged already they learn from the refusal.
    """
    if actor.role == "admin":
        _check_single(session, *rows)
    pair = {row.id for row in rows}
    waiting = select(PartyMerge).where(PartyMerge.act == "merge", PartyMerge.state == "waiting")
    for one in session.exec(waiting.where(_shown_to(actor))):
        if pair & {one.kept_id, one.merged_id}:
            raise Conflict(f"the proposal {one.id} about one of them waits for an admin")


def _check_single(session: Session, kept: Party, merged: Party) -> None:
    """Check that neither is merged already: one record is read under one other, and no chain of them is made."""
    same = same_parties(session)
    for one in (kept, merged):
        if one.id in same:
            raise Conflict(f"{one.did} is merged already; undo that first, or name the record that it is read under")
    if merged.id in same.values():
        raise Conflict(f"other records are read under {merged.did}: keep that one, or undo these first")


def propose_undo(service: Service, admin: Actor, merge_id: str, reason: str) -> PartyMerge:
    """Propose as an admin that a merge be undone: what would no longer be screened for a chain takes two persons, too.

    Raises:
        NotFound: there is no merge in force of this id.
        Conflict: its undoing waits already.

    """
    admin.require("administer", scope="write")
    said = check_reason(reason, "reason", _MOST_REASON)

    def change(tx: Transaction) -> PartyMerge:
        _ = tx.now  # locks the head: of two proposals the second finds the first
        merge = tx.session.get(PartyMerge, merge_id)
        if merge is None or not is_in_force(merge):
            raise NotFound(f"there is no merge {merge_id[:60]} in force")
        waits = select(PartyMerge.id).where(PartyMerge.undoes == merge_id, PartyMerge.state == "waiting")
        if tx.session.exec(waits).first() is not None:
            raise Conflict("that it be undone is proposed already, and waits for another admin")
        row = PartyMerge(
            id=new_id(), act="undo", kept_id=merge.kept_id, merged_id=merge.merged_id, undoes=merge_id, reason=said,
            state="waiting", proposed_by=admin.person, proposed_at=tx.now,
        )  # fmt: skip
        tx.session.add(row)
        return row

    return service.store.write(change)


def is_in_force(row: PartyMerge) -> bool:
    """Tell whether a proposal is a merge that holds today."""
    return row.act == "merge" and row.state == "in_force" and row.undone_index is None


def approve(service: Service, admin: Actor, merge_id: str, reason: str) -> PartyMerge:
    """Carry out a proposal, and let everything that names one of the two be screened and assessed again.

    Raises:
        Forbidden: the actor is no admin, or proposed it.
        PersonNeeded: it is no person: an API key says of nobody who it is.
        InvalidInput: the reason has fewer than 20 characters, or more than 2000.
        NotFound: no such proposal waits.
        Conflict: one of the two is merged already, or what is to be undone was undone; the proposal is to be refused.

    """
    return _decide(service, admin, merge_id, "in_force", reason)


def refuse(service: Service, admin: Actor, merge_id: str, reason: str) -> PartyMerge:
    """Refuse a proposal, also one's own, with a reason that who made it reads; raises as ``approve``, no Conflict."""
    return _decide(service, admin, merge_id, "refused", reason)


def _decide(service: Service, admin: Actor, merge_id: str, state: str, reason: str) -> PartyMerge:
    admin.require("confirm_identity", scope="write")
    said = check_reason(reason, "reason", _MOST_REASON)

    def change(tx: Transaction) -> PartyMerge:
        now = tx.now  # locks the head: of two decisions the second finds the first
        row = tx.session.get(PartyMerge, merge_id)
        if row is None or row.state != "waiting":
            raise NotFound(f"no proposal {merge_id[:60]} waits for a decision")
        if state == "in_force":
            require_other(admin, row.proposed_by)
            _check_still(tx.session, row)
        row.state, row.decided_by, row.decided_at, row.decided_reason = state, admin.person, now, said
        if state == "in_force":
            _take_effect(service, tx, row)
        tx.session.add(row)
        return row

    return service.store.write(change)


def _check_still(session: Session, row: PartyMerge) -> None:
    merge = session.get(PartyMerge, row.undoes) if row.undoes else None
    if row.act == "undo" and (merge is None or not is_in_force(merge)):
        raise Conflict("it was undone meanwhile; refuse this proposal")
    if row.act == "merge":
        _check_single(session, *(session.get_one(Party, one) for one in (row.kept_id, row.merged_id)))


def _take_effect(service: Service, tx: Transaction, row: PartyMerge) -> None:
    kept, merged = (tx.session.get_one(Party, one) for one in (row.kept_id, row.merged_id))
    undone = tx.session.get_one(PartyMerge, row.undoes) if row.undoes else None
    refs = [one.entry_index for one in (kept, merged) if one.entry_index is not None]
    refs += [undone.entry_index] if undone is not None and undone.entry_index is not None else []
    body = digest(merge_bytes(row, service.who))
    entry = Entry(
        kind="decision", body=body, who=service.who(merged.id), at=milliseconds(tx.now), ref=tuple(sorted(refs))
    )
    row.entry_index = tx.log.append(entry)
    if undone is not None:
        undone.undone_index = row.entry_index
        tx.session.add(undone)
    merge_effects.ask(tx, [kept, merged], row.id)


def listed(service: Service, actor: Actor, *, state: str | None = None) -> Sequence[PartyMerge]:
    """Return the proposals, the newest first: for an admin all, for anybody else those one made oneself.

    That two records are taken for one is said of one who may have reason to hide it: no party is told what others
    propose about its own.
    """
    actor.require("propose_merge", scope="read")
    query = select(PartyMerge).where(_shown_to(actor)).order_by(col(PartyMerge.proposed_at).desc(), col(PartyMerge.id))
    with service.store.read() as session:
        return session.exec(query if state is None else query.where(PartyMerge.state == state)).all()


def _shown_to(actor: Actor) -> Any:
    return sa.true() if actor.role == "admin" else col(PartyMerge.proposed_by) == actor.person


def one(service: Service, actor: Actor, merge_id: str) -> PartyMerge:
    """Return one proposal that the actor may see.

    Raises:
        NotFound: there is none; the answer is the same for a foreign and an unknown one.

    """
    found = next((row for row in listed(service, actor) if row.id == merge_id), None)
    if found is None:
        raise NotFound(f"there is no proposal {merge_id[:60]} that you may see")
    return found


def names(service: Service, rows: Iterable[PartyMerge]) -> Mapping[str, Party]:
    """Return the parties that some proposals are about, by their id."""
    ids = {one for row in rows for one in (row.kept_id, row.merged_id)}
    with service.store.read() as session:
        return {row.id: row for row in session.exec(select(Party).where(col(Party.id).in_(ids)))}


@dataclass(frozen=True, slots=True)
class Borne:
    """How much stands under one record and stays there: sites, batches it had, events it signed, records, decisions."""

    sites: int
    batches: int
    events: int
    records: int
    decisions: int


def borne(service: Service, admin: Actor, party_id: str) -> Borne:
    """Return what stands under a record, for the admin who compares two."""
    admin.require("administer", scope="read")
    with service.store.read() as session:

        def count(column: Any, where: Any) -> int:
            return session.exec(select(sa.func.count(sa.distinct(column))).where(where)).one()

        return Borne(
            count(Site.key, Site.party_id == party_id), count(Holding.item_id, Holding.party_id == party_id),
            count(Event.index, Event.signer_id == party_id),
            count(Shipment.shipment_id, Shipment.importer_id == party_id),
            count(Decision.id, Decision.owner_id == party_id),
        )  # fmt: skip


def also(service: Service, party_id: str) -> list[Party]:
    """Return the records that are read as one with this one, by their DIDs."""
    return groups(service).get(party_id, [])


def groups(service: Service) -> dict[str, list[Party]]:
    """Return by the id of each record that is read as one with others these others, by their DIDs."""
    with service.store.read() as session:
        same = same_parties(session)
        ids = {*same, *same.values()}
        rows = session.exec(select(Party).where(col(Party.id).in_(ids)).order_by(col(Party.did))).all() if ids else []
    of = {row.id: same.get(row.id, row.id) for row in rows}
    return {row.id: [one for one in rows if of[one.id] == of[row.id] and one is not row] for row in rows}

"""The links of the batch graph: what was made of what, and who signed it; what was used by bag is a link as well."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.services.bag_contents import Moment, holding, keys_of, moments, opened_again
from traceability.services.holdings import holders_of
from traceability.storage.ids import id_set
from traceability.storage.tables import BatchEdge, CounterSignature, Event, EventItem

Direction = Literal["up", "down"]
Edge = tuple[int, int, str | None]
_EDGE: Any = BatchEdge.__table__  # type: ignore[attr-defined]  # SQLModel tables carry it, its types do not say so
_LINK: Any = EventItem.__table__  # type: ignore[attr-defined]  # as above
_Signed = tuple[Any, Any, Any]  # columns of an event's ledger index and of who signed it; which edges count
_BY_SENDER: _Signed = (col(Event.index), col(Event.signer_id), sa.true())


def edges(session: Session, items: Iterable[int], direction: Direction) -> list[Edge]:
    """Return (made, used, who signed it) next to these items; what lay in a bag when it was used was used.

    A bag that is used again is no link itself: what lay in it is.
    """
    ids = id_set(items, session.get_bind().dialect.name)
    besides = (col(CounterSignature.event_index), col(CounterSignature.signer_id), _said_by_one_event())
    queries = [_queries(ids, direction, signed) for signed in (_BY_SENDER, besides)]
    links = [link for direct, _ in queries for link in session.exec(direct)]
    uses = [_Use(*row) for _, packed in queries for row in session.connection().execute(packed)]
    again = opened_again(session, {used for _, used, _ in links})
    return [
        *((made, used, signer) for made, used, signer in links if used not in again),
        *((use.made, use.lot, use.signer_id) for use in _still_inside(session, uses)),
    ]


def _queries(ids: Any, direction: Direction, signed: _Signed) -> tuple[Any, Any]:
    """Return the questions for the links between batches, and for the uses of bags into which batches were packed."""
    index, signer, counts = signed
    bag, lot = _LINK.alias(), _LINK.alias()
    direct = (
        select(BatchEdge.child_id, BatchEdge.parent_id, signer)
        .join_from(BatchEdge, index.table, index == col(BatchEdge.event_index))
        .where(col(BatchEdge.child_id if direction == "up" else BatchEdge.parent_id).in_(ids), counts)
    )
    packed = (
        sa.select(_EDGE.c.child_id, lot.c.item_id, signer, _EDGE.c.event_index, bag.c.item_id)
        .join_from(_EDGE, index.table, index == _EDGE.c.event_index)
        .join(bag, sa.and_(bag.c.item_id == _EDGE.c.parent_id, bag.c.role == "parent"))
        .join(lot, sa.and_(lot.c.event_index == bag.c.event_index, lot.c.role == "child"))
        .where((_EDGE.c.child_id if direction == "up" else lot.c.item_id).in_(ids), counts)
        .distinct()
    )
    return direct, packed


def _said_by_one_event() -> Any:
    """Return the condition that the event of an edge names both its batches.

    An edge between parts of one transformation rests on the party that signed every part, which who counter-signed one
    of them did not.
    """
    ends = ((BatchEdge.child_id, "output"), (BatchEdge.parent_id, "input"))
    return sa.and_(*(
        sa.exists().where(
            col(EventItem.event_index) == col(BatchEdge.event_index), col(EventItem.item_id) == end,
            col(EventItem.role) == role,
        )
        for end, role in ends
    ))  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Use:
    """A transformation used a bag into which a lot was packed at some time."""

    made: int
    lot: int
    signer_id: str | None
    index: int
    bag: int


def _still_inside(session: Session, uses: Sequence[_Use]) -> list[_Use]:
    """Leave out the uses of a bag at which the lot did not lie in it; a stranger's word takes nothing out of a bag."""
    again = opened_again(session, {use.bag for use in uses})
    lots = {use.lot for use in uses if use.bag in again}
    holders, keys = holders_of(session, lots), keys_of(session, lots)
    told = {bag: moments(session, [bag]) for bag in again}
    inside: dict[tuple[int, int], dict[int, bool]] = {}
    for use in uses:
        if use.bag in again and (use.bag, use.lot) not in inside:
            had = holders.get(use.lot, set())
            inside[use.bag, use.lot] = _used_inside(told[use.bag], keys[use.lot], had)
    signers = {moment.row.index: moment.signers for found in told.values() for moment in found}
    return [use for use in uses if use.bag not in again or _was_used(use, inside[use.bag, use.lot], signers)]


def _used_inside(told: Sequence[Moment], lot: str, had: Collection[str]) -> dict[int, bool]:
    """Return for each event using the bag whether the lot lay in it."""
    found = holding(told, lambda _said: True, lambda said: said.effective and said.said_by(had))
    return {said.row.index: lot in inside for said, inside in found if said.step.consumed_epcs}


def _was_used(use: _Use, inside: Mapping[int, bool], signers: Mapping[int, frozenset[str]]) -> bool:
    """Tell whether the lot was used: parts of one transformation may state the bag in another event than the edge's."""
    if use.index in inside:
        return inside[use.index]
    return any(lay for index, lay in inside.items() if use.signer_id in signers[index])

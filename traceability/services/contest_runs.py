"""The assessments that a contest is about, and what keeps them from telling that something is gone.

What a run does not show may only be unknown: its lists may be missing, its facts erased, or it was made before the
contest. Unknown is not gone.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.events.identifiers import normalise
from traceability.services import reach
from traceability.services.assess import latest_all
from traceability.services.beside import Beside
from traceability.services.context import Service
from traceability.services.counter_signatures import is_signed_by
from traceability.services.facts.cases import named
from traceability.services.reviewer_memory import Asked
from traceability.services.same import same_parties
from traceability.services.states import of_row
from traceability.storage.tables import (
    AssessmentRow,
    Event,
    EventItem,
    Holding,
    Item,
    Party,
    Screening,
    ShipmentBatch,
)


def concerned(session: Session, owner_id: str, record: Mapping[str, Any]) -> list[AssessmentRow]:
    """Return the newest runs of what a contest is about: batches and shipment records, or else what has its party."""
    about = {(one["kind"], one["id"]) for one in record["about"]}
    things = {one for one in about if one[0] != "party"}
    if things:
        return [row for row in _newest(session, owner_id) if things & _holds(row)]
    parties = _Parties.of(session, {target for _, target in about})
    return [row for row in _newest(session, owner_id) if parties.are_in(row)]


def raising(runs: Iterable[AssessmentRow], code: str) -> list[AssessmentRow]:
    """Return those of some runs that raise a finding; what was erased raises nothing."""
    return [row for row in runs if row.erased_index is None and _raised(row.result, code)]


def _raised(result: Mapping[str, Any], code: str) -> list[Mapping[str, Any]]:
    return [item for item in result["findings"] if item["code"] == code]


def _newest(session: Session, owner_id: str) -> list[AssessmentRow]:
    """Return the newest run of each subject; a batch that a shipment record names by now is none."""
    recorded = set(session.exec(select(ShipmentBatch.batch_key).where(ShipmentBatch.importer_id == owner_id)))
    rows = latest_all(session, owner_id)
    return [row for row in rows if row.subject_kind == "shipment" or row.subject not in recorded]


def _holds(row: AssessmentRow) -> set[tuple[str, str]]:
    return {(row.subject_kind, row.subject)} | {("batch", one) for one in row.batches}


@dataclass(frozen=True, slots=True)
class _Parties:
    """Some parties by their DIDs, with the records they are read as, and the batches that they had or signed for."""

    dids: Collection[str]
    batches: Collection[str]

    @classmethod
    def of(cls, session: Session, dids: Iterable[str]) -> "_Parties":
        ids = set(session.exec(select(Party.id).where(col(Party.did).in_(list(dids)))))
        same = same_parties(session)
        ids |= {same[one] for one in ids if one in same}
        names = session.exec(select(Party.did).where(col(Party.id).in_(ids)))
        signed = select(EventItem.item_id).join(Event, col(Event.index) == col(EventItem.event_index))
        signed = signed.where(sa.or_(sa.false(), *map(is_signed_by, sorted(ids))))
        held = select(Holding.item_id).where(col(Holding.party_id).in_(ids))
        items = select(Item.key).where(sa.or_(col(Item.id).in_(held), col(Item.id).in_(signed)))
        return cls({*dids, *map(normalise, names)}, set(session.exec(items)))

    def are_in(self, row: AssessmentRow) -> bool:
        return not set(row.batches).isdisjoint(self.batches) or any(
            kind == "party" and target in self.dids for kind, target in named(row.facts)
        )


def met_by(session: Session, owner_id: str, hit: str) -> list[AssessmentRow]:
    """Return the newest run of each subject in which whom a hit is about was ever screened."""
    screened = select(AssessmentRow.subject_kind, AssessmentRow.subject).join(
        Screening, col(AssessmentRow.entry_index) == col(Screening.entry_index) + 1
    ).where(
        AssessmentRow.owner_id == owner_id, Screening.subject_key == _parts(hit)[2], col(Screening.asked_by).is_(None)
    )  # fmt: skip
    subjects = set(session.exec(screened.distinct()))
    return [row for row in _newest(session, owner_id) if (row.subject_kind, row.subject) in subjects]


def shown_as(session: Session, runs: Iterable[AssessmentRow], hit: str) -> set[str]:
    """Return the hits by which runs show that the party of a hit meets its entry; described otherwise it is another."""
    list_id, entry_key, subject_key = _parts(hit)
    query = select(Screening).where(Screening.subject_key == subject_key)
    whom = session.exec(query.order_by(col(Screening.id).desc()).limit(1)).first()
    shown = (one for run in runs for one in reach.hits_shown(session, run))
    return {
        one.key
        for one, name in shown
        if (one.list_id, one.entry_key) == (list_id, entry_key)
        and (one.subject_key == subject_key or (whom is not None and _is(whom, one, name)))
    }


def _is(whom: Screening, one: Asked, name: str) -> bool:
    return whom.party_id == one.party_id if whom.party_id or one.party_id else whom.subject.get("name") == name


def _parts(hit: str) -> tuple[str, str, str]:
    list_id, entry_key, subject_key = hit.split("|", 2)
    return list_id, entry_key, subject_key


def once_raising(
    session: Session, runs: Iterable[AssessmentRow], code: str, before: int
) -> list[tuple[AssessmentRow, set[str]]]:
    """Return those of some runs whose subject raised a finding just before an entry, with the lists it rested on."""
    found = []
    for run in runs:
        query = select(AssessmentRow).where(
            AssessmentRow.owner_id == run.owner_id, AssessmentRow.subject_kind == run.subject_kind,
            AssessmentRow.subject == run.subject, AssessmentRow.entry_index < before,
        )  # fmt: skip
        earlier = session.exec(query.order_by(col(AssessmentRow.id).desc()).limit(1)).first()
        if earlier is not None and (items := _raised(earlier.result, code)):
            found.append((run, {one["list_id"] for item in items for one in item.get("lists", ())}))
    return found


def unsettled(
    service: Service, session: Session, runs: Sequence[AssessmentRow], since: int, lists: Collection[str] | None
) -> list[str]:
    """Return why runs cannot tell that something is gone; none where they can.

    Args:
        service: the service.
        session: a session.
        runs: newest runs that still have their facts.
        since: the ledger entry of the contest; they have to come after it.
        lists: the lists that would show it; None for all that are required.

    """
    beside = Beside(session)
    said = []
    for row in runs:
        subject = f"{row.subject_kind} {row.subject[:100]}"
        if row.entry_index < since:
            said.append(f"{subject} was not assessed since it was contested")
            continue
        state = of_row(service, session, row.owner_id, row.subject_kind, row.subject, row, beside)
        said += [f"{subject}: {why}" for why in (*state.pending, *_not_covered(row, lists))]
    return said


def _not_covered(row: AssessmentRow, lists: Collection[str] | None) -> Iterable[str]:
    known = {item["list_id"]: item for item in row.coverage}
    wanted = [one for one, item in known.items() if item["required"]] if lists is None else sorted(lists)
    for one in wanted:
        if one not in known:
            yield f"the list {one} is not loaded"
        elif known[one]["state"] != "full":
            yield known[one]["sentence"]

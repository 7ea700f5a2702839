"""Which assessments a pack holds: every run about its batch, as the log knew them at the checkpoint."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, or_, select

from traceability.custody.facts import identifier
from traceability.services.access import Actor
from traceability.services.carried import named_batches
from traceability.services.shipments import in_period
from traceability.storage.tables import AssessmentRow, Party


@dataclass(frozen=True, slots=True)
class Scope:
    """What a pack is about and until when: ``batch`` as it is normalised, what it was made of, the first entries."""

    batch: str
    upstream: frozenset[str]
    size: int


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of one importer: of each subject the newest, and all of them, each in the order of the log.

    A batch that a shipment record names is no subject of its own any more; its runs are among all of them. So are those
    whose facts were erased, which stand in a pack by their hash.
    """

    importer: Party
    newest: list[AssessmentRow]
    every: list[AssessmentRow]


def importers_at(session: Session, actor: Actor, scope: Scope) -> Sequence[Party]:
    """Return whose runs the reader may see as of the checkpoint: its own importer's, for a regulator everybody's."""
    if not actor.may("private"):
        return []
    owners = select(AssessmentRow.owner_id).where(col(AssessmentRow.entry_index) < scope.size)
    seen = col(Party.id).in_(owners) if actor.role == "regulator" else col(Party.id) == actor.party_id
    return session.exec(select(Party).where(seen).order_by(col(Party.name), col(Party.did))).all()


def runs_of(session: Session, actor: Actor, importer: Party, scope: Scope) -> Runs:
    """Return the runs about the batch, about what was made of it, and about records that name what it was made of."""
    newest = [row for row in _newest(session, importer.id, scope.size) if _concerns(row, scope)]
    if actor.records is not None:  # an auditor: what lies in the period of its mandate
        newest = [row for row in newest if row.subject_kind == "batch" or in_period(session, actor, row.subject)]
    newest.sort(key=lambda row: row.entry_index)
    named = frozenset[str]().union(*(named_batches(row) for row in newest if row.subject_kind == "shipment"))
    subjects = [row for row in newest if row.subject_kind == "shipment" or named_batches(row).isdisjoint(named)]
    return Runs(importer, subjects, _every(session, importer.id, newest, scope.size))


def _newest(session: Session, owner_id: str, size: int) -> Collection[AssessmentRow]:
    ids = select(func.max(AssessmentRow.id)).where(
        AssessmentRow.owner_id == owner_id, col(AssessmentRow.entry_index) < size,
        col(AssessmentRow.erased_index).is_(None),
    )  # fmt: skip
    grouped = ids.group_by(col(AssessmentRow.subject_kind), col(AssessmentRow.subject))
    return session.exec(select(AssessmentRow).where(col(AssessmentRow.id).in_(grouped))).all()


def _concerns(row: AssessmentRow, scope: Scope) -> bool:
    if scope.batch in row.batches:
        return True
    return not named_batches(row).isdisjoint(map(identifier, scope.upstream))


def _every(session: Session, owner_id: str, newest: Collection[AssessmentRow], size: int) -> list[AssessmentRow]:
    if not newest:
        return []
    about = or_(
        *(
            (col(AssessmentRow.subject_kind) == row.subject_kind) & (col(AssessmentRow.subject) == row.subject)
            for row in newest
        )
    )
    query = select(AssessmentRow).where(AssessmentRow.owner_id == owner_id, col(AssessmentRow.entry_index) < size)
    return list(session.exec(query.where(about).order_by(col(AssessmentRow.entry_index))))

"""What a state follows from besides its run: decisions, later events, jobs under way, what was critical before.

``Beside`` asks the database about one subject after another; ``BesideMany`` has read it all at once for one owner, for
a page that shows thousands. Both answer the same.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlmodel import Session, col, func, select

from traceability.services.assess import job_key, latest
from traceability.services.facts.chain import chunks, item_ids
from traceability.services.facts.decided import in_force_since
from traceability.services.facts.inputs import erased_since, newest_by_batch, newest_event
from traceability.storage.ids import id_set
from traceability.storage.jobs import OpenJob, jobs_named, open_jobs
from traceability.storage.tables import (
    AssessmentRow,
    BatchCritical,
    Decision,
    ErasedEntry,
    Event,
    Item,
    ListVersionRow,
    ShipmentBatch,
)

_FANNING_OUT = frozenset({"touched", "places_changed", "list_changed"})


@dataclass(frozen=True, slots=True)
class Unfollowed:
    """Changes for which a job waits or has failed that would ask for assessments: a revoked key, a new site or list."""

    everything: bool
    items: frozenset[int]


def unfollowed(session: Session) -> Unfollowed:
    """Read the changes that nobody has followed up yet, all of them: one left out would let a batch look clear."""
    fanning = jobs_named(session, _FANNING_OUT)
    touched = frozenset(item for job in fanning if job.name == "touched" for item in job.args["items"])
    return Unfollowed(any(job.name != "touched" for job in fanning), touched)


class Beside:
    """Asks the database; what is the same for every subject is asked once."""

    def __init__(self, session: Session) -> None:
        """Ask through this session, whose view of the database does not change meanwhile."""
        self.session = session

    @cached_property
    def changes(self) -> Unfollowed:
        """Changes that nobody has followed up yet."""
        return unfollowed(self.session)

    @cached_property
    def newest_list(self) -> int:
        """The ledger entry of the list version loaded last; -1 without one."""
        newest: Any = self.session.exec(select(func.max(ListVersionRow.entry_index))).one()
        return -1 if newest is None else int(newest)

    def run(self, owner_id: str, kind: str, subject: str) -> AssessmentRow | None:
        """Return the newest assessment of a subject."""
        return latest(self.session, owner_id, kind, subject)

    def decisions(self, owner_id: str, kind: str, subject: str) -> list[Decision]:
        """Return the decisions on a subject, in the order in which they took effect."""
        query = select(Decision).where(
            Decision.owner_id == owner_id, Decision.subject_kind == kind, Decision.subject == subject
        )
        return sorted(self.session.exec(query), key=in_force_since)

    def by_two(self, owner_id: str) -> list[Decision]:
        """Return what two persons decided and no later decision on the same thing has replaced."""
        rows = self.session.exec(select(Decision).where(Decision.owner_id == owner_id, Decision.state == "in_force"))
        return _newest_by_two(rows)

    def criticals(self, owner_id: str, batches: Collection[str]) -> list[BatchCritical]:
        """Return what was ever critical where these batches, as facts spell them, were named."""
        found: list[BatchCritical] = []
        for chunk in chunks(sorted(batches)):
            query = select(BatchCritical).where(
                BatchCritical.owner_id == owner_id, col(BatchCritical.batch_key).in_(chunk)
            )
            found += self.session.exec(query)
        return found

    def records(self, owner_id: str, batches: Collection[str]) -> list[tuple[str, str]]:
        """Return (shipment id, batch) of the owner's shipment records that name one of these batches."""
        found: list[tuple[str, str]] = []
        for chunk in chunks(sorted(batches)):
            query = select(ShipmentBatch.shipment_id, ShipmentBatch.batch_key).where(
                ShipmentBatch.importer_id == owner_id, col(ShipmentBatch.batch_key).in_(chunk)
            )
            found += self.session.exec(query)
        return found

    def has_event_after(self, batches: Collection[str], index: int) -> bool:
        """Tell whether an event naming one of these batches, or a bag of it, came after a ledger entry."""
        return newest_event(self.session, batches) > index

    def has_erasure_after(self, batches: Collection[str], index: int) -> bool:
        """Tell whether an event about these batches, or a bag of one, was erased after a ledger entry."""
        return erased_since(self.session, batches, index)

    def is_touched(self, batches: Collection[str]) -> bool:
        """Tell whether a change nobody has followed up yet is about these batches."""
        items = self.changes.items
        return self.changes.everything or (bool(items) and not items.isdisjoint(item_ids(self.session, batches)))

    def jobs(self, owner_id: str, kind: str, subject: str) -> list[OpenJob]:
        """Return the assessments of a subject that have not succeeded yet."""
        return open_jobs(self.session, job_key(owner_id, kind, subject))


class BesideMany(Beside):
    """The same, read at once for the newest runs of one owner; about others it asks the database."""

    def __init__(self, session: Session, owner_id: str, runs: Iterable[AssessmentRow]) -> None:
        """Read what concerns these runs."""
        super().__init__(session)
        self._owner_id = owner_id
        self._runs = {(run.subject_kind, run.subject): run for run in runs}
        oldest = min((run.entry_index for run in self._runs.values()), default=0)
        self._decisions = _grouped(
            sorted(session.exec(select(Decision).where(Decision.owner_id == owner_id)), key=in_force_since),
            lambda one: (one.subject_kind, one.subject),
        )
        critical = session.exec(select(BatchCritical).where(BatchCritical.owner_id == owner_id))
        self._criticals = _grouped(critical, lambda one: one.batch_key)
        named = select(ShipmentBatch.shipment_id, ShipmentBatch.batch_key).where(ShipmentBatch.importer_id == owner_id)
        self._records = _grouped(session.exec(named), lambda one: one[1])
        self._jobs = _grouped(jobs_named(session, {"assess"}), lambda job: job.key)
        self._events = newest_by_batch(session, Event.index, col(Event.index) > oldest)
        erased = session.exec(select(ErasedEntry.target_index).where(ErasedEntry.erasure_index > oldest).limit(1))
        late = col(Event.erased_index) > oldest
        self._erased = newest_by_batch(session, Event.erased_index, late) if erased.first() is not None else {}

    def run(self, owner_id: str, kind: str, subject: str) -> AssessmentRow | None:
        """Return the newest assessment of a subject."""
        mine = owner_id == self._owner_id
        return self._runs.get((kind, subject)) if mine else super().run(owner_id, kind, subject)

    def decisions(self, owner_id: str, kind: str, subject: str) -> list[Decision]:
        """Return the decisions on a subject, in the order in which they took effect."""
        mine = owner_id == self._owner_id
        return self._decisions.get((kind, subject), []) if mine else super().decisions(owner_id, kind, subject)

    def by_two(self, owner_id: str) -> list[Decision]:
        """Return what two persons decided and no later decision on the same thing has replaced."""
        return self._by_two if owner_id == self._owner_id else super().by_two(owner_id)

    @cached_property
    def _by_two(self) -> list[Decision]:
        return _newest_by_two(row for rows in self._decisions.values() for row in rows if row.state == "in_force")

    def criticals(self, owner_id: str, batches: Collection[str]) -> list[BatchCritical]:
        """Return what was ever critical where these batches, as facts spell them, were named."""
        mine = owner_id == self._owner_id
        return _under(self._criticals, batches) if mine else super().criticals(owner_id, batches)

    def records(self, owner_id: str, batches: Collection[str]) -> list[tuple[str, str]]:
        """Return (shipment id, batch) of the owner's shipment records that name one of these batches."""
        mine = owner_id == self._owner_id
        return _under(self._records, batches) if mine else super().records(owner_id, batches)

    def has_event_after(self, batches: Collection[str], index: int) -> bool:
        """Tell whether an event naming one of these batches, or a bag of it, came after a ledger entry."""
        return any(self._events.get(batch, -1) > index for batch in batches)

    def has_erasure_after(self, batches: Collection[str], index: int) -> bool:
        """Tell whether an event about these batches, or a bag of one, was erased after a ledger entry."""
        return any(self._erased.get(batch, -1) > index for batch in batches)

    def is_touched(self, batches: Collection[str]) -> bool:
        """Tell whether a change nobody has followed up yet is about these batches."""
        return self.changes.everything or not self._touched.isdisjoint(batches)

    @cached_property
    def _touched(self) -> frozenset[str]:
        ids = id_set(self.changes.items, self.session.get_bind().dialect.name)
        return frozenset(self.session.exec(select(Item.key).where(col(Item.id).in_(ids))))

    def jobs(self, owner_id: str, kind: str, subject: str) -> list[OpenJob]:
        """Return the assessments of a subject that have not succeeded yet."""
        return self._jobs.get(job_key(owner_id, kind, subject), []) if self._jobs else []


def _newest_by_two(in_force: Iterable[Decision]) -> list[Decision]:
    newest = {(row.subject_kind, row.subject): row for row in sorted(in_force, key=in_force_since)}
    return [decision for decision in newest.values() if decision.needs_second]


def _grouped(rows: Iterable[Any], key: Any) -> dict[Any, list[Any]]:
    found: defaultdict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return dict(found)


def _under(rows: Mapping[Any, Sequence[Any]], keys: Iterable[Any]) -> list[Any]:
    return [one for key in sorted(keys) for one in rows.get(key, ())] if rows else []

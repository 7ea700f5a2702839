"""Changed rules put to facts that are kept: what they say of a batch is recorded without assembling its facts again.

That is done where the kept facts are those of the store still: assembled for today, by the program that runs, and
nothing has come since that could be in them. Then a run from kept facts is, byte for byte, the run that assembling
would give. Everything else is left to the job that assembles: shipment records, whose runs screen names anew, and
chains with a correction, where what counts depends on what the rules say. Whether anything has come is told by the
ledger, whose every entry of a kind that facts are made from counts against the batches it could concern; a run asked
for already is left to its job too.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

import orjson
from sqlmodel import Session, col, func, select

from traceability.clock import latest_date
from traceability.diligence.engine import Assessment
from traceability.diligence.engine import assess as run_rules
from traceability.errors import Unprocessable
from traceability.services import assess, rule_sets
from traceability.services.context import Service
from traceability.services.facts.inputs import declares_error, newest_event
from traceability.services.facts.program import program_version
from traceability.services.lists import ListBook
from traceability.storage.jobs import jobs_named
from traceability.storage.store import Transaction
from traceability.storage.tables import AssessmentRow, CounterSignature, LedgerEntry, PartyDeparture, PartyMerge

_GROUP = 200
_RESULTS = frozenset({"assessment", "screening", "rule-set", "evidence-pack"})
"""Entries of what comes of facts: nothing is read from them."""
_EVENTS = frozenset({"capture", "event"})
"""Looked for by the batches they name."""
_OWN = frozenset({"decision", "correction", "shipment"})
"""They hold for the party their entry names; without one, for everybody."""

Who = tuple[str, str, str]


@dataclass(slots=True)
class _Changes:
    """The last place of an entry that facts could be read from: for everybody, and by party where it is its own."""

    read_to: int
    every: int = -1
    own: dict[str, int] = field(default_factory=dict)

    def follow(self, session: Session) -> None:
        """Read on from where it was read to before."""
        quiet = sorted(_RESULTS | _EVENTS)
        query = select(LedgerEntry.index, LedgerEntry.kind, LedgerEntry.body).where(
            col(LedgerEntry.index) >= self.read_to, col(LedgerEntry.kind).not_in(quiet)
        )
        for index, kind, body in session.exec(query.order_by(col(LedgerEntry.index))):
            who = orjson.loads(body).get("who") if kind in _OWN else None
            if who is None:
                self.every = index
            else:
                self.own[who] = index
        for place in (CounterSignature.entry_index, PartyMerge.entry_index, PartyDeparture.entry_index):
            self.every = max(
                self.every, _highest(session, place)
            )  # whose own entries name one party, and concern others
        self.read_to = _highest(session, LedgerEntry.index) + 1

    def since(self, row: AssessmentRow, who: str) -> bool:
        """Tell whether something has come that could be in the facts of a run."""
        return max(self.every, self.own.get(who, -1)) > row.entry_index


def _highest(session: Session, column: Any) -> int:
    found: int | None = session.exec(select(func.max(column))).one()
    return -1 if found is None else found


@dataclass(frozen=True, slots=True)
class _Judged:
    before: AssessmentRow
    result: Assessment
    body: dict[str, Any]


def rejudge(service: Service, wanted: Collection[Who]) -> set[Who]:
    """Record what today's rules say of batches (owner, kind, subject), from kept facts; return which were recorded.

    The others are to be assessed from the records. Until then their newest run stays what it is.
    """
    with service.store.read() as session:
        asked = {job.key for job in jobs_named(session, ["assess"])}
        rows = [who for who in sorted(wanted) if who[1] == "batch" and assess.job_key(*who) not in asked]
        ids = _newest(session, rows)
        first = session.exec(select(AssessmentRow.entry_index).where(AssessmentRow.id == min(ids))).one() if ids else 0
        changes = _Changes(first)
    done: set[Who] = set()
    for group in _groups(ids):
        judged = _judge(service, group)
        done |= service.store.write(partial(_record, service, judged, changes))
    return done


def _groups(ids: Iterable[int]) -> Iterator[list[int]]:
    left = iter(sorted(ids))
    while group := list(islice(left, _GROUP)):
        yield group


def _newest(session: Session, subjects: Sequence[Who]) -> list[int]:
    """Return the ids of the newest runs of some subjects."""
    wanted = set(subjects)
    if not wanted:
        return []
    columns = (AssessmentRow.id, AssessmentRow.owner_id, AssessmentRow.subject_kind, AssessmentRow.subject)
    newest = col(AssessmentRow.id).in_(assess.newest_ids())
    query: Any = select(*columns).where(newest)  # type: ignore[type-var]  # an id that is stored
    return [row[0] for row in session.exec(query) if tuple(row[1:]) in wanted]


def _judge(service: Service, ids: Sequence[int]) -> list[_Judged]:
    """Put the kept facts of some runs to today's rules, before anything is locked; facts once stored do not change."""
    day = latest_date(service.clock())
    with service.store.read() as session:
        book = service.books.at(session, day)
        query = select(AssessmentRow).where(
            col(AssessmentRow.id).in_(ids), AssessmentRow.as_of == day, col(AssessmentRow.erased_index).is_(None)
        )
        return [one for row in session.exec(query) for one in _judged(row, book)]


def _judged(row: AssessmentRow, book: ListBook) -> Iterator[_Judged]:
    if assess.LATE in row.pending or row.result.get("assembled_by") != program_version():
        return
    try:
        result = run_rules(row.facts)
    except Unprocessable:  # today's rules read other facts: they are assembled anew
        return
    yield _Judged(row, result, assess.said(result, row.facts, (), book.versions))


def _record(service: Service, judged: Sequence[_Judged], changes: _Changes, tx: Transaction) -> set[Who]:
    """Append a run for each whose facts still stand; the lock on the log keeps it so until they are written."""
    at = tx.now
    changes.follow(tx.session)
    standing = [one for one in judged if not changes.since(one.before, service.who(one.before.owner_id))]
    standing = _undisturbed(tx.session, _still_newest(tx.session, standing))
    if standing:
        rule_sets.keep(tx, "law", standing[0].result.rule_pack_version)
    assess.add(service, tx, [(_fresh(one, at), one.result, one.before) for one in standing])
    return {_who(one.before) for one in standing}


def _fresh(judged: _Judged, at: datetime) -> AssessmentRow:
    """Return the run that assembling would give: of all that is kept, only what the rules say is another."""
    row, result = judged.before, judged.result
    return AssessmentRow(
        owner_id=row.owner_id, subject_kind=row.subject_kind, subject=row.subject, as_of=row.as_of, at=at,
        facts=row.facts, result=judged.body, status=result.status, notes=row.notes, pending=row.pending,
        coverage=row.coverage, batches=row.batches, inputs_hash=result.inputs_hash, criticals={}, entry_index=0,
    )  # fmt: skip


def _who(row: AssessmentRow) -> Who:
    return row.owner_id, row.subject_kind, row.subject


def _still_newest(session: Session, judged: Sequence[_Judged]) -> list[_Judged]:
    """Return those that have no newer run; another process may be at the same work."""
    mine = {_who(one.before): one.before.id or 0 for one in judged}
    owners, subjects = {owner for owner, _, _ in mine}, {subject for _, _, subject in mine}
    columns = (AssessmentRow.id, AssessmentRow.owner_id, AssessmentRow.subject_kind, AssessmentRow.subject)
    later: Any = select(*columns).where(  # type: ignore[type-var]  # an id that is stored
        col(AssessmentRow.id) > min(mine.values(), default=0), col(AssessmentRow.owner_id).in_(owners),
        AssessmentRow.subject_kind == "batch", col(AssessmentRow.subject).in_(subjects),
    )  # fmt: skip
    newer = {tuple(row[1:]) for row in session.exec(later) if row[0] > mine.get(tuple(row[1:]), row[0])}
    return [one for one in judged if _who(one.before) not in newer]


def _undisturbed(session: Session, judged: Sequence[_Judged]) -> list[_Judged]:
    """Return those of whose batches no event has come since, and none in their chain declares an error."""
    every = {batch for one in judged for batch in one.before.batches}
    first = min((one.before.entry_index for one in judged), default=0)
    if newest_event(session, every) < first and not declares_error(session, every):
        return list(judged)
    return [one for one in judged if _stands(session, one.before)]


def _stands(session: Session, row: AssessmentRow) -> bool:
    return newest_event(session, row.batches) < row.entry_index and not declares_error(session, row.batches)

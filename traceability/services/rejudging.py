"""Changed rules put to facts that are kept: what they say of a batch is recorded without assembling its facts again.

That is done where the kept facts are those of the store still: assembled for today, by the program that runs, and
nothing has come since that could be in them. Then a run from kept facts is, byte for byte, the run that assembling
would give. Everything else is left to the job that assembles: shipment records, whose runs screen names anew, and
chains with a correction, where what counts depends on what the rules say. Whether anything has come is told by the
ledger, whose every entry of a kind that facts are made from counts against the batches it could concern; a run asked
for already is left to its job too.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from functools import cache, partial
from itertools import islice
from typing import Any

import orjson
import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from traceability.clock import latest_date
from traceability.diligence.engine import Assessment
from traceability.diligence.engine import assess as run_rules
from traceability.errors import Unprocessable
from traceability.services import assess, rule_sets, runs
from traceability.services.assess import Who
from traceability.services.context import Service
from traceability.services.facts.inputs import declares_error, newest_event
from traceability.services.facts.program import program_version
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

Due = Callable[[Mapping[str, Any], Assessment | None], bool]


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
        # Their own entries name one party, and concern others.
        for place in (CounterSignature.entry_index, PartyMerge.entry_index, PartyDeparture.entry_index):
            self.every = max(self.every, _highest(session, place))
        self.read_to = _highest(session, LedgerEntry.index) + 1

    def since(self, index: int, who: str) -> bool:
        """Tell whether something has come after an entry that could be in the facts of this party's runs."""
        return max(self.every, self.own.get(who, -1)) > index


def _highest(session: Session, column: Any) -> int:
    found: int | None = session.exec(select(func.max(column))).one()
    return -1 if found is None else found


@dataclass(frozen=True, slots=True)
class _Kept:
    """A stored run, as far as it is needed: an object of its table takes longer to make than its rules to run."""

    id: int
    owner_id: str
    subject_kind: str
    subject: str
    as_of: date
    entry_index: int
    facts: Mapping[str, Any]
    result: Mapping[str, Any]
    notes: Sequence[Mapping[str, Any]]
    pending: Sequence[str]
    coverage: Sequence[Mapping[str, Any]]
    batches: Sequence[str]
    criticals: Mapping[str, int]

    @property
    def who(self) -> Who:
        return self.owner_id, self.subject_kind, self.subject


_PLAIN = 6
"""How many columns are plain; those after them are JSON, read as text and parsed here: faster than by the driver."""
_COLUMNS = [getattr(AssessmentRow, one.name) for one in fields(_Kept)]
_KEPT = sa.select(*_COLUMNS[:_PLAIN], *(sa.cast(one, sa.Text) for one in _COLUMNS[_PLAIN:]))


def _kept(session: Session, ids: Sequence[int]) -> list[_Kept]:
    rows = session.execute(_KEPT.where(col(AssessmentRow.id).in_(ids), col(AssessmentRow.erased_index).is_(None)))
    return [_Kept(*row[:_PLAIN], *map(orjson.loads, row[_PLAIN:])) for row in rows]


@dataclass(frozen=True, slots=True)
class _Judged:
    """A kept run, and what today's rules say of its facts."""

    before: _Kept
    result: Assessment
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rejudged:
    """Of what is due: whose runs were recorded, and who is left to be assessed from the records."""

    done: set[Who] = field(default_factory=set)
    left: set[Who] = field(default_factory=set)


def rejudge(service: Service, kept: Mapping[int, Who], due: Due = lambda _before, _now: True) -> Rejudged:
    """Put the kept facts of newest runs to today's rules, once, and record what is due where the facts still stand.

    Until the others are assessed from the records, their newest run stays what it is.

    Args:
        service: the service.
        kept: newest runs by id, none of them erased, with whose they are.
        due: tells from the result before and from what the rules say now (None: they cannot read the facts) whether
            a new run is wanted.

    """
    with service.store.read() as session:
        asked = {job.key for job in jobs_named(session, ["assess"])}
        first = select(AssessmentRow.entry_index).where(AssessmentRow.id == min(kept, default=0))
        changes = _Changes(session.exec(first).first() or 0)
    waiting = {number for number, who in kept.items() if assess.job_key(*who) in asked}
    found = Rejudged()
    for group in _groups(kept):
        judged, others = _judge(service, group, due, waiting)
        done = service.store.write(partial(_record, service, judged, changes)) if judged else set()
        found.done.update(done)
        found.left.update(others | ({one.before.who for one in judged} - done))
    return found


def _groups(ids: Iterable[int]) -> Iterator[list[int]]:
    left = iter(sorted(ids))
    while group := list(islice(left, _GROUP)):
        yield group


def _judge(service: Service, ids: Sequence[int], due: Due, waiting: Collection[int]) -> tuple[list[_Judged], set[Who]]:
    """Put kept facts to today's rules, before anything is locked: facts once stored do not change.

    Return what is due and can be recorded, and whose facts are to be assembled anew.
    """
    day = latest_date(service.clock())
    with service.store.read() as session:
        versions = service.books.at(session, day).versions
        kept = _kept(session, ids)
    judged, others = list[_Judged](), set[Who]()
    for row in kept:
        result = _ruled(row.facts)
        if not due(row.result, result):
            continue
        if result is None or row.id in waiting or not _is_kept(row, day):
            others.add(row.who)
        else:
            judged.append(_Judged(row, result, assess.said(result, row.facts, (), versions)))
    return judged, others


def _is_kept(row: _Kept, day: date) -> bool:
    """Tell whether assembling for the day would give the facts of a run, if nothing has come since."""
    same = row.as_of == day and row.result.get("assembled_by") == program_version()
    return same and row.subject_kind == "batch" and assess.LATE not in row.pending


def _ruled(facts: Mapping[str, Any]) -> Assessment | None:
    try:
        return run_rules(facts)
    except Unprocessable:  # today's rules read other facts: they are assembled anew
        return None


def _record(service: Service, judged: Sequence[_Judged], changes: _Changes, tx: Transaction) -> set[Who]:
    """Append a run for each whose facts still stand; the lock on the log keeps it so until they are written."""
    at = tx.now
    changes.follow(tx.session)
    names = cache(service.who)
    standing = [one for one in judged if not changes.since(one.before.entry_index, names(one.before.owner_id))]
    standing = _undisturbed(tx.session, _still_newest(tx.session, standing))
    if standing:
        rule_sets.keep(tx, "law", standing[0].result.rule_pack_version)
    runs.append(service, tx, [(_fresh(one, at), one.before.criticals) for one in standing])
    return {one.before.who for one in standing}


def _fresh(judged: _Judged, at: datetime) -> runs.Run:
    """Return the run that assembling would give: of all that is kept, only what the rules say is another."""
    row, result = judged.before, judged.result
    return runs.Run(
        owner_id=row.owner_id, subject_kind=row.subject_kind, subject=row.subject, as_of=row.as_of, at=at,
        facts=row.facts, result=judged.body, status=result.status, notes=row.notes, pending=row.pending,
        coverage=row.coverage, batches=row.batches, inputs_hash=result.inputs_hash,
    )  # fmt: skip


def _still_newest(session: Session, judged: Sequence[_Judged]) -> list[_Judged]:
    """Return those that have no newer run; another process may be at the same work."""
    mine = {one.before.who: one.before.id for one in judged}
    owners, subjects = {owner for owner, _, _ in mine}, {subject for _, _, subject in mine}
    columns = (AssessmentRow.id, AssessmentRow.owner_id, AssessmentRow.subject_kind, AssessmentRow.subject)
    later: Any = select(*columns).where(  # type: ignore[type-var]  # an id that is stored
        col(AssessmentRow.id) > min(mine.values(), default=0), col(AssessmentRow.owner_id).in_(owners),
        AssessmentRow.subject_kind == "batch", col(AssessmentRow.subject).in_(subjects),
    )  # fmt: skip
    newer = {tuple(row[1:]) for row in session.exec(later) if row[0] > mine.get(tuple(row[1:]), row[0])}
    return [one for one in judged if one.before.who not in newer]


def _undisturbed(session: Session, judged: Sequence[_Judged]) -> list[_Judged]:
    """Return those of whose batches no event has come since, and none in their chain declares an error."""
    every = {batch for one in judged for batch in one.before.batches}
    first = min((one.before.entry_index for one in judged), default=0)
    if newest_event(session, every) < first and not declares_error(session, every):
        return list(judged)
    return [one for one in judged if _stands(session, one.before)]


def _stands(session: Session, row: _Kept) -> bool:
    return newest_event(session, row.batches) < row.entry_index and not declares_error(session, row.batches)

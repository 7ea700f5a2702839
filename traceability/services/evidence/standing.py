"""What a run came to as of a checkpoint: the state that follows from what the log held by then, and from nothing later.

The console's state also looks at jobs under way and at today's date; a pack must say the same whenever it is made.
"""

from collections.abc import Collection, Iterator, Sequence

from sqlmodel import Session, col, select

from traceability.diligence.status import PENDING, status_of, worst
from traceability.services.carried import named_batches
from traceability.services.criticals import critical_now
from traceability.services.evidence.decided import standing
from traceability.services.evidence.runs import Runs
from traceability.services.facts.chain import item_ids
from traceability.services.facts.decided import in_force_since
from traceability.services.releases import newest, reopened
from traceability.services.states import SubjectState, counted_findings, floors_of
from traceability.storage.ids import id_set
from traceability.storage.tables import (
    AssessmentRow,
    Checkpoint,
    Decision,
    Event,
    EventItem,
    KeyRevocation,
    ListVersionRow,
    Site,
)


def states_at(
    session: Session, runs: Runs, decisions: Sequence[Decision], checkpoint: Checkpoint
) -> list[SubjectState]:
    """Return the state of each subject of some runs."""
    return [_state(session, row, runs, decisions, checkpoint) for row in runs.newest]


def _state(
    session: Session, row: AssessmentRow, runs: Runs, decisions: Sequence[Decision], checkpoint: Checkpoint
) -> SubjectState:
    own = sorted(standing(decisions, row.subject_kind, row.subject), key=in_force_since)
    gone = sorted(_open_criticals(row, runs, decisions))
    last = newest(own)
    ended = reopened(session, row, last, gone, checkpoint.at.date())
    counted = counted_findings(row, None if ended else last)
    floors = floors_of(row, own, gone)
    reasons = [*row.pending, *_came_since(session, row, checkpoint.size)]
    status = status_of(item for item in counted if not item.covered)
    again = [f"the release no longer holds: {', '.join(ended.codes) or 'its review date is over'}"] if ended else []
    return SubjectState(
        kind=row.subject_kind, subject=row.subject, status=row.status, findings=tuple(counted),
        state=worst(status, *(floor for floor, _ in floors), *([PENDING] if reasons else [])),
        notes=tuple(row.notes), coverage=tuple(row.coverage), pending=tuple(reasons),
        floors=(*(why for _, why in floors), *again), assessment=row, decision=None if ended else last,
        waiting=tuple(one for one in own if one.state == "waiting"), open_criticals=tuple(gone),
    )  # fmt: skip


def _open_criticals(row: AssessmentRow, runs: Runs, decisions: Collection[Decision]) -> set[str]:
    """Return codes once critical here or in a record that shares a batch, not now, and that no two have decided."""
    batches, now = named_batches(row), critical_now(row)
    found = set()
    for other in runs.newest:
        if other is not row and named_batches(other).isdisjoint(batches):
            continue
        here = now | critical_now(other)
        once = {code: seen for code, seen in other.criticals.items() if code not in here}
        found |= {code for code, seen in once.items() if not _by_two(code, seen, other, decisions)}
    return found


def _by_two(code: str, seen: int, row: AssessmentRow, decisions: Collection[Decision]) -> bool:
    about = (code, row.subject_kind, row.subject)
    named = [item for one in decisions if one.needs_second and one.state == "in_force" for item in one.findings]
    return any((i["code"], i["kind"], i["subject"]) == about and i["assessment_id"] >= seen for i in named)


def _came_since(session: Session, row: AssessmentRow, size: int) -> Iterator[str]:
    """Yield what the log took in between a run and the checkpoint, and the run could not know."""
    ids = id_set(item_ids(session, row.batches), session.get_bind().dialect.name)
    place = col(EventItem.event_index)
    events = select(EventItem.event_index).where(col(EventItem.item_id).in_(ids), place > row.entry_index, place < size)
    if session.exec(events.limit(1)).first() is not None:
        yield "events came after the last assessment"
    gone = col(Event.erased_index)
    bodies = select(gone).join(EventItem, col(EventItem.event_index) == col(Event.index))
    bodies = bodies.where(col(EventItem.item_id).in_(ids), gone > row.entry_index, gone < size)
    if session.exec(bodies.limit(1)).first() is not None:
        yield "evidence it rests on was erased after the last assessment"
    place = col(ListVersionRow.entry_index)
    if session.exec(select(ListVersionRow.id).where(place > row.entry_index, place < size).limit(1)).first():
        yield "a list was loaded after the last assessment"
    ends, places = col(KeyRevocation.entry_index), col(Site.entry_index)
    stolen = select(ends).where(col(KeyRevocation.compromised_since).is_not(None), ends > row.entry_index, ends < size)
    if session.exec(stolen.limit(1)).first() is not None:
        yield "a key was reported as compromised after the last assessment"
    if session.exec(select(places).where(places > row.entry_index, places < size).limit(1)).first() is not None:
        yield "a site was registered or corrected after the last assessment"

"""Who is reminded of which contest: the office, of what waits for its answer; the party, of what it was told.

It follows from the contests and the day alone, so it begins and ends with them; nothing of it is stored.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from traceability.clock import latest_date
from traceability.services import contests
from traceability.services.access import Actor
from traceability.services.contest_forms import state
from traceability.services.context import Service
from traceability.storage.tables import CaseVersion


@dataclass(frozen=True, slots=True)
class Concern:
    """One contest whose turn is the reader's; ``due_on`` is the day of the answer, empty for what a party was told."""

    contest_id: str
    level: Literal["overdue", "contested", "told"]
    due_on: str
    sentence: str
    what_to_do: str


def own(service: Service, actor: Actor) -> list[Concern]:
    """Return what the actor is reminded of now, what is overdue first; nothing for who neither contests nor answers."""
    if actor.party_id is None or not actor.may("contest"):
        return []
    day, days = latest_date(service.clock()), service.settings.contest_link_days
    found = [one for row in contests.listed(service, actor) for one in of_contest(row, actor, day, days)]
    return sorted(found, key=lambda one: (one.level != "overdue", one.due_on, one.contest_id))


def of_contest(row: CaseVersion, actor: Actor, day: date, days: int) -> Iterable[Concern]:
    """Yield what of a contest its reader is reminded of on a day; a party for ``days`` after it was told."""
    now, record = state(row.record, day), row.record
    if row.addressee_id == actor.party_id and now == "told":
        if day <= date.fromisoformat(record["thread"][-1]["on"]) + timedelta(days=days):
            said = f"{record['office']} tells you of something that concerns you"
            yield Concern(row.case_id, "told", "", said, "Read it, and contest it where it is wrong.")
    elif row.owner_id == actor.party_id and actor.may("tell") and now in ("contested", "overdue"):
        level: Literal["overdue", "contested"] = "overdue" if now == "overdue" else "contested"
        said = f"{record['name']} contests what it was told or sees; an answer is due on {record['due_on']}"
        yield Concern(row.case_id, level, record["due_on"], said, "Look at it again, decide, and answer.")

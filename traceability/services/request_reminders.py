"""Who is reminded of which request for information: whom it asks, near and past its day, and who asked, for its turn.

It follows from the requests and the day alone, so it begins and ends with them; nothing of it is stored.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from traceability.clock import latest_date
from traceability.services import requests
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.request_forms import state
from traceability.storage.tables import CaseVersion

#: How long before its day a request or contest is due soon.
NEAR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Due:
    """One request whose turn is the reader's, or whose day has passed."""

    request_id: str
    level: Literal["overdue", "due", "answered"]
    due_on: str
    sentence: str
    what_to_do: str


def own(service: Service, actor: Actor) -> list[Due]:
    """Return what the actor is reminded of now, what is overdue first; nothing for who neither asks nor answers."""
    if actor.party_id is None or not actor.may("answer"):
        return []
    day = latest_date(service.clock())
    found = [one for row in requests.listed(service, actor) for one in of_request(row, actor, day)]
    return sorted(found, key=lambda one: (one.level != "overdue", one.due_on, one.request_id))


def of_request(row: CaseVersion, actor: Actor, day: date) -> Iterable[Due]:
    """Yield what of a request its reader is reminded of on a day: of the addressee's people, or of the asker's."""
    now, record = state(row.record, day), row.record
    if row.addressee_id == actor.party_id and now in ("open", "overdue"):
        if record["due_on"] > (day + NEAR).isoformat():
            return
        level: Literal["overdue", "due"] = "overdue" if now == "overdue" else "due"
        said = f"{record['asker']} asks you for information, until {record['due_on']}"
        yield Due(row.case_id, level, record["due_on"], said, "Answer the request.")
    elif row.owner_id == actor.party_id and actor.may("ask"):
        if now == "overdue":
            said = f"{record['addressee']} has not answered, due {record['due_on']}"
            yield Due(row.case_id, "overdue", record["due_on"], said, "Reach the party, or withdraw the request.")
        elif now == "answered":
            said = f"{record['addressee']} has answered"
            yield Due(row.case_id, "answered", record["due_on"], said, "Accept the answer, or ask again.")

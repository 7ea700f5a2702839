"""What a reminder of old lists says, by e-mail and to a webhook: which lists, how old, and what to do."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlmodel import Session, col, select

from traceability.clock import latest_date
from traceability.services.context import Service
from traceability.services.reminder_message import Said, Told
from traceability.services.reminders import advice, old_lists
from traceability.storage.tables import ListReminder


def subject(levels: Sequence[str]) -> str:
    """Return the sum of it in one line."""
    overdue = sum(level == "overdue" for level in levels)
    due = len(levels) - overdue
    past = f"{_lists(overdue)} past {'its' if overdue == 1 else 'their'} maximum age"
    limit = "it" if overdue else f"{'its' if due == 1 else 'their'} maximum age"
    near = f"{_lists(due)} close to {limit}"
    return "; ".join([*([past] if overdue else []), *([near] if due else [])])


def _lists(count: int) -> str:
    return f"{count} risk list is" if count == 1 else f"{count} risk lists are"


def said_of_lists(service: Service, session: Session, told: Told) -> Said:
    """Return what a person is told of the lists of some reminders, as old as they are now."""
    rows = session.exec(select(ListReminder).where(col(ListReminder.id).in_(told.ids))).all()
    names = sorted({row.list_id for row in rows})
    found = old_lists(session, latest_date(service.clock()), names, names)
    ages = [found[name].age for name in names if name in found]
    url, to_do = f"{service.settings.public_url.rstrip('/')}/lists", advice(names, told.role)
    why = "You are an admin." if told.role == "admin" else "Open batches of your importer need these lists."
    lines = [f"- {one.sentence}." for one in ages]
    lines += ["", to_do, "", url, "", why, "This ends once a newer version is loaded."]
    data = {"lists": [asdict(one) for one in ages], "what_to_do": to_do, "url": url}
    named = [row.id or 0 for row in rows if row.list_id in found]
    return Said(subject([one.level for one in ages]), lines, "lists.old", data, named)

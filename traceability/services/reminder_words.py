"""What a reminder of old lists says, by e-mail and to a webhook: which lists, how old, and what to do."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import urlsplit

from traceability.lists.age import Age
from traceability.services.reminders import advice


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told of which lists in one message, by which reminders, and the moment (UTC) it was made."""

    user: str
    role: str
    email: str | None
    ids: tuple[int, ...]
    lists: tuple[str, ...]
    at: datetime

    @property
    def key(self) -> str:
        """Return what names this message: who takes it twice knows it by that."""
        said = json.dumps([self.user, self.ids, self.at.isoformat()])
        return hashlib.sha256(said.encode()).hexdigest()[:32]


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


def mail_of(told: Told, ages: Sequence[Age], sender: str, public_url: str) -> EmailMessage:
    """Return the message as plain text (RFC 5322)."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = sender, told.email
    message["Subject"] = f"traceability: {subject([one.level for one in ages])}"
    message["Date"] = told.at
    message["Message-ID"] = f"<{told.key}@{urlsplit(public_url).hostname or 'traceability'}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic answers, please
    why = "You are an admin." if told.role == "admin" else "Open batches of your importer need these lists."
    lines = [f"- {one.sentence}." for one in ages]
    said = [*lines, "", advice(told.lists, told.role), "", f"{public_url.rstrip('/')}/lists", "", why]
    message.set_content("\n".join([*said, "This ends once a newer version is loaded.", ""]))
    return message


def posted(told: Told, ages: Sequence[Age], public_url: str) -> tuple[str, bytes]:
    """Return the id of a webhook's message and its JSON."""
    data = {
        "user": told.user,
        "role": told.role,
        "lists": [asdict(one) for one in ages],
        "what_to_do": advice(told.lists, told.role),
        "url": f"{public_url.rstrip('/')}/lists",
    }
    body = {"type": "lists.old", "timestamp": told.at.isoformat(), "data": data}
    return f"msg_{told.key}", json.dumps(body).encode()

"""How a reminder goes out, whatever it is about: one message for each person, by mail as text, to a webhook as JSON."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told in one message, by which reminders, and the moment (UTC) it was made."""

    user: str
    role: str
    email: str | None
    ids: tuple[int, ...]
    at: datetime

    @property
    def key(self) -> str:
        """Return what names this message: who takes it twice knows it by that."""
        said = json.dumps([self.user, self.ids, self.at.isoformat()])
        return hashlib.sha256(said.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Said:
    """What a message says: to people a subject and lines, to software its type and data.

    ``named`` are the reminders it holds; of those it was made for, the others are not needed any more.
    """

    subject: str
    lines: Sequence[str]
    kind: str
    data: Mapping[str, Any]
    named: Collection[int]


def mail_of(told: Told, said: Said, sender: str, public_url: str) -> EmailMessage:
    """Return the message as plain text (RFC 5322)."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = sender, told.email
    message["Subject"] = f"traceability: {said.subject}"
    message["Date"] = told.at
    message["Message-ID"] = f"<{told.key}@{urlsplit(public_url).hostname or 'traceability'}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic answers, please
    message.set_content("\n".join([*said.lines, ""]))
    return message


def posted(told: Told, said: Said) -> tuple[str, bytes]:
    """Return the id of a webhook's message and its JSON."""
    data = {"user": told.user, "role": told.role, **said.data}
    body = {"type": said.kind, "timestamp": told.at.isoformat(), "data": data}
    return f"msg_{told.key}", json.dumps(body).encode()

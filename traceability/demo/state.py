"""Before and after the demonstration: its clock, and whether its place is empty, filled, or left half done."""

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from traceability.config import Settings
from traceability.services.context import Service
from traceability.storage.tables import ListVersionRow, Party, User

#: The moment at which everything of the demonstration happens.
MOMENT = datetime(2026, 11, 23, 9, tzinfo=UTC)
#: Folder under the state folder, and the file that is written into it last of all.
FOLDER, LAST = "demo", "log.policy"
_MANY = "100000 per minute"


def pinned(settings: Settings) -> Settings:
    """Return settings with the clock of the demonstration, and rates that one machine may use for twelve companies."""
    return dataclasses.replace(settings, now=MOMENT, sign_in_rate=_MANY, application_rate=_MANY, refusal_rate=_MANY)


def has_data(service: Service) -> bool:
    """Return whether anybody or anything is in the database already."""
    with service.store.read() as session:
        return any(
            session.connection().scalar(sa.select(sa.literal(1)).select_from(table).limit(1))
            for table in (Party, User, ListVersionRow)
        )


def unfinished(state_dir: Path) -> bool:
    """Return whether a demonstration was begun here that did not come to its end."""
    folder = state_dir / FOLDER
    return folder.exists() and not (folder / LAST).exists()

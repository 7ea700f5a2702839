"""A service opened on this machine: on SQLite only where no other process owns the database (cli.md, "Who writes")."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from traceability.clock import Clock, fixed_clock, system_clock
from traceability.config import Settings, load_settings
from traceability.errors import Unavailable

if TYPE_CHECKING:  # the database is imported only by what opens it: most commands do not
    from traceability.services.context import Service


def clock() -> Clock:
    """Return the clock of the settings: pinned in tests and the demonstration, else that of the machine."""
    pinned = load_settings().now
    return fixed_clock(pinned) if pinned else system_clock


@contextlib.contextmanager
def writing(purpose: str) -> "Iterator[Service]":
    """Open the service to write.

    Raises:
        DatabaseOwned: another process owns the SQLite database; the message names it.
        Unavailable: the schema is not this program's.

    """
    from traceability.services.backup import owning
    from traceability.services.context import open_service

    settings = load_settings()
    with owning(settings, purpose):
        ready(settings)
        service = open_service(settings)
        try:
            yield service
        finally:
            service.close()


@contextlib.contextmanager
def reading() -> "Iterator[Service]":
    """Open the service to read; it may run elsewhere meanwhile. Nothing is made: in a wrong folder it would mislead.

    Raises:
        Unavailable: there is no database, its schema is not this program's, or the state folder has no key of this log.

    """
    from traceability.services.context import open_service
    from traceability.storage.engine import sqlite_path

    settings = load_settings()
    path = sqlite_path(settings.database_url)
    if settings.is_sqlite and not path.exists():
        raise Unavailable(f"there is no database {path}; `traceability serve` or `traceability migrate` makes it")
    require_current(_revision(settings))
    service = open_service(settings, make=False)
    try:
        yield service
    finally:
        service.close()


@contextlib.contextmanager
def reading_logged(purpose: str) -> "Iterator[Service]":
    """Open the service to read what leaves a line in the log of reads, which has to be written.

    Raises:
        DatabaseOwned: another process owns the SQLite database; the message names it.
        Unavailable: as ``reading``.

    """
    from traceability.services.backup import owning

    with reading() as service, owning(service.settings, purpose):
        yield service


def ready(settings: Settings) -> None:
    """Make the tables of an empty database; refuse another schema than this program's.

    Raises:
        Unavailable: the schema is older or newer.

    """
    from traceability.storage import migrate

    found = migrate.current(settings.database_url)
    if not found:
        migrate.migrate(settings.database_url)
    else:
        require_current(found)


def require_current(found: str) -> None:
    """Refuse a database of another schema.

    Raises:
        Unavailable: the schema is older or newer; the message says what to do.

    """
    from traceability.storage.migrate import head

    wanted = head()
    if found == wanted:
        return
    if found < wanted:
        told = f"the database has the schema {found or 'of no version'}, this program needs {wanted}"
        raise Unavailable(f"{told}: run `traceability upgrade`, which makes a backup first")
    raise Unavailable(f"the database has the schema {found}, newer than {wanted}: use the newer program")


def _revision(settings: Settings) -> str:
    from traceability.storage.engine import read_engine
    from traceability.storage.migrate import current_of

    engine = read_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            return current_of(connection)
    finally:
        engine.dispose()

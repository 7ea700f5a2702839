"""Upgrade: back up, migrate, check, and undo on failure, so that the old version is left usable.

Migration and checks share one transaction on both databases. On SQLite the file of the backup is put back besides.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from traceability.config import Settings
from traceability.errors import Unavailable
from traceability.ledger.encoding import b64
from traceability.services.backup import backup, owning
from traceability.services.context import Service, open_service
from traceability.storage.dump import own_tables, put_sqlite
from traceability.storage.migrate import (
    VERSIONS,
    MigrationFailed,
    current,
    differences,
    head,
    migrate_connection,
    migration_connection,
)
from traceability.storage.replay import replay

_HEAD_LOCK = sa.text("LOCK TABLE log_head IN EXCLUSIVE MODE")


def upgrade(settings: Settings, *, versions: Sequence[Path] = (VERSIONS,)) -> dict[str, Any]:
    """Bring the database to the newest revision; the same rows and the same root must be there afterwards.

    Returns the shape of ``backup``, with ``backup`` (the folder of the copy made first) and ``revision``.

    Raises:
        Unavailable: there is no database to upgrade, or the state folder has no key of its log.
        DatabaseOwned: on SQLite, a running service owns it.
        MigrationFailed: a migration or a check failed; the database is as it was, the message says why.

    """
    with owning(settings, "upgrade"):
        before = current(settings.database_url)
        if not before:
            raise Unavailable("there is no database to upgrade; make one with `traceability migrate`")
        service = open_service(settings)
        try:
            stamp = f"{service.clock():%Y%m%dT%H%M%S}"
            folder = settings.state_dir / "backups" / f"{stamp}-{before}-to-{head(versions=versions)}"
            answer = backup(service, folder)
            if answer["problems"]:
                raise MigrationFailed(f"not upgraded, the backup shows problems: {'; '.join(answer['problems'])}")
            _migrate_or_undo(service, folder, versions)
        finally:
            service.close()
        return answer | {"backup": str(folder), "revision": current(settings.database_url)}


def _migrate_or_undo(service: Service, folder: Path, versions: Sequence[Path]) -> None:
    url = service.settings.database_url
    try:
        with migration_connection(url) as connection:
            _isolate(connection)
            with connection.begin():
                _migrate_and_check(connection, service, versions)
    except Exception:
        if service.settings.is_sqlite:
            service.store.close()
            put_sqlite(folder / "database", url)
        raise


def _isolate(connection: Connection) -> None:
    """Let what other processes write meanwhile not look like the migration's doing."""
    if connection.dialect.name == "postgresql":
        connection.execution_options(isolation_level="REPEATABLE READ")


def _migrate_and_check(connection: Connection, service: Service, versions: Sequence[Path]) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(_HEAD_LOCK)  # other processes go on reading; their appends wait until this is over
    before = _contents(connection, service)
    migrate_connection(connection, versions=versions)
    after = _contents(connection, service)
    different = sorted(name for name in before.keys() & after.keys() if before[name] != after[name])
    if different:
        told = ", ".join(f"{name}: {before[name]} before, {after[name]} after" for name in different[:3])
        raise MigrationFailed(f"the migration changed what it must not change ({told}); it was undone")
    if missing := differences(connection):
        raise MigrationFailed(f"the tables are not those of this program ({missing[0]}); the migration was undone")


def _contents(connection: Connection, service: Service) -> dict[str, str]:
    """Return what a migration must leave alone: the rows of every table that stays, and the log."""
    state = replay(connection, *service.log_keys.verifiers())
    counts = {
        name: f"{connection.execute(sa.select(sa.func.count()).select_from(sa.table(name))).scalar_one()} rows"
        for name in own_tables(connection)
    }
    return counts | {"log": f"{state.entries} entries, root {b64(state.root)}", "problems": "; ".join(state.problems)}

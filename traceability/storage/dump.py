"""A consistent copy of the whole database, taken while others write, and the way back into an empty one.

SQLite: its online backup in one step, a snapshot of the write-ahead log. PostgreSQL: every table as COPY text, read in
one repeatable-read snapshot; of the queue's tables the open jobs, since a lost job would let a batch look clear.
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from traceability.errors import Conflict
from traceability.storage.engine import read_engine, sqlite_path
from traceability.storage.migrate import FOREIGN, migrate_connection, migration_connection

_FILE = "database.sqlite"
_TABLES = "tables.json"
_VERSION_TABLE = "alembic_version"
_JOBS = "procrastinate_jobs"
#: A job that was running is waiting in the copy; without queueing lock it cannot collide with a waiting one.
_OPEN_JOBS = {
    "id": "id", "queue_name": "queue_name", "task_name": "task_name", "priority": "priority", "lock": "lock",
    "queueing_lock": "CASE WHEN status = 'doing' THEN NULL ELSE queueing_lock END", "args": "args",
    "status": "CASE WHEN status = 'doing' THEN 'todo' ELSE status END", "scheduled_at": "scheduled_at",
    "attempts": "attempts",
}  # fmt: skip


@contextmanager
def dump(url: str, folder: Path) -> Iterator[Connection]:
    """Write a copy of the database into the empty ``folder`` and open the snapshot that was copied, to check it."""
    if url.startswith("sqlite"):
        _dump_sqlite(sqlite_path(url), folder / _FILE)
        with _copy_of_sqlite(folder) as connection:
            yield connection
        return
    engine = read_engine(url)
    with engine.connect() as connection:
        _dump_postgresql(connection, folder)
        yield connection
    engine.dispose()


@contextmanager
def opened(url: str, folder: Path, revision: str) -> Iterator[tuple[Connection, Callable[[], None]]]:
    """Open the copy in ``folder`` for checks, with the function that puts it into the empty database of ``url``.

    On PostgreSQL the copy is loaded into that database in a transaction which only that function commits.
    """
    if url.startswith("sqlite"):
        with _copy_of_sqlite(folder) as connection:
            yield connection, lambda: put_sqlite(folder, url)
        return
    with migration_connection(url) as connection:
        transaction = connection.begin()
        try:
            migrate_connection(connection, to=revision)
            _load_postgresql(connection, folder)
            yield connection, transaction.commit
        finally:
            transaction.close()  # rolls back what was not committed


def require_empty(url: str) -> None:
    """Check that nothing is where a copy is to be put.

    Raises:
        Conflict: there is a database, or the log of an older one, which SQLite would replay into the copy.

    """
    if url.startswith("sqlite"):
        path = sqlite_path(url)
        found = [str(each) for each in (path, *_beside(path)) if each.exists()]
    else:
        with migration_connection(url) as connection:
            found = sa.inspect(connection).get_table_names()
    if found:
        raise Conflict(f"expected an empty place for the database; found {', '.join(found[:3])}")


def put_sqlite(folder: Path, url: str) -> None:
    """Put the copy in ``folder`` in the place of the database; what is there is replaced in one step."""
    path = sqlite_path(url)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    made = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with (folder / _FILE).open("rb") as source, os.fdopen(made, "wb") as target:
        while chunk := source.read(1 << 20):
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    for stale in _beside(path):
        stale.unlink(missing_ok=True)
    part.replace(path)


def own_tables(connection: Connection) -> list[str]:
    """Return our tables as the database has them, those referred to first."""
    names = [name for name, _ in sa.inspect(connection).get_sorted_table_and_fkc_names() if name]
    return [name for name in names if name != _VERSION_TABLE and not name.startswith(FOREIGN)]


def _beside(path: Path) -> list[Path]:
    return [path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal")]


def _dump_sqlite(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"file:{source.resolve()}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)  # all pages in one step: a writer changes nothing about this snapshot
        new.execute("PRAGMA journal_mode=DELETE")  # one file holds everything


@contextmanager
def _copy_of_sqlite(folder: Path) -> Iterator[Connection]:
    engine = sa.create_engine(f"sqlite:///file:{(folder / _FILE).resolve()}?mode=ro&immutable=1&uri=true")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _dump_postgresql(connection: Connection, folder: Path) -> None:
    tables = {name: _columns(connection, name) for name in own_tables(connection)}
    for name, columns in tables.items():
        _copy_out(connection, _select(name, {column: f'"{column}"' for column in columns}), folder / name)
    open_jobs = _select(_JOBS, _OPEN_JOBS) + " WHERE status IN ('todo', 'doing', 'failed')"
    _copy_out(connection, open_jobs, folder / _JOBS)
    (folder / _TABLES).write_text(json.dumps(tables | {_JOBS: list(_OPEN_JOBS)}), encoding="ascii")


def _columns(connection: Connection, table: str) -> list[str]:
    return [column["name"] for column in sa.inspect(connection).get_columns(table)]


def _select(table: str, columns: dict[str, str]) -> str:
    # Names come from the database's own catalogue or from this module.
    return f'SELECT {", ".join(columns.values())} FROM "{table}"'  # noqa: S608


def _copy_out(connection: Connection, query: str, path: Path) -> None:
    with path.open("wb") as file, _cursor(connection).copy(f"COPY ({query}) TO STDOUT") as copy:
        for chunk in copy:
            file.write(chunk)


def _load_postgresql(connection: Connection, folder: Path) -> None:
    tables: dict[str, list[str]] = json.loads((folder / _TABLES).read_text(encoding="ascii"))
    for name in reversed(own_tables(connection)):
        connection.execute(sa.table(name).delete())  # rows a migration put there come back with the copy
    for name, columns in tables.items():
        listed = ", ".join(f'"{column}"' for column in columns)
        with (
            (folder / name).open("rb") as file,
            _cursor(connection).copy(f'COPY "{name}" ({listed}) FROM STDIN') as copy,
        ):
            while chunk := file.read(1 << 20):
                copy.write(chunk)
        for column in columns:
            _move_sequence(connection, name, column)


def _move_sequence(connection: Connection, table: str, column: str) -> None:
    """Let the column's sequence go on behind the largest number in use."""
    own = sa.func.pg_get_serial_sequence(f'"{table}"', column)
    sequence = connection.execute(sa.select(own)).scalar_one()
    if sequence is not None:
        largest = sa.select(sa.func.max(sa.column(column))).select_from(sa.table(table)).scalar_subquery()
        connection.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(largest, 1), largest.is_not(None))))


def _cursor(connection: Connection) -> Any:
    raw: Any = connection.connection.driver_connection
    return raw.cursor()

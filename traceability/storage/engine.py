"""Engines for the two databases.

SQLite runs in WAL with ``synchronous=FULL``; a write transaction begins IMMEDIATE, because a deferred one fails at once
when it has to upgrade, whatever the busy timeout. Readers use a second, read-only engine, so they never wait.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

_BUSY_MS = 10_000
# A commit is answered only when it is on the disk; and a host that vanishes in the middle of a transaction must not
# hold the head row for the hours that the defaults of TCP allow.
_SESSION = {
    "idle_in_transaction_session_timeout": "2min", "tcp_keepalives_idle": "30", "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}  # fmt: skip
_DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') IN ('off', 'local')"
)


def write_engine(url: str) -> Engine:
    """Return the engine that may write. On SQLite only the owner of the lock file may use it (see ``owner``)."""
    if not url.startswith("sqlite"):
        engine = sa.create_engine(_psycopg(url), pool_size=8, max_overflow=24, pool_pre_ping=True)
        _on_postgresql(engine)
        return engine
    sqlite_path(url).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = sa.create_engine(url, connect_args={"check_same_thread": False}, pool_size=1, max_overflow=0)
    # Rows of one statement go in one step of the database: at each step this thread may have to wait for its turn.
    engine.dialect.use_insertmanyvalues_wo_returning = True
    _made_for_its_owner(engine, sqlite_path(url))
    _on_sqlite(engine, begin="BEGIN IMMEDIATE", pragmas={"journal_mode": "WAL", "synchronous": "FULL"})
    return engine


def read_engine(url: str) -> Engine:
    """Return the engine for reading: read-only, and all statements of a session see one snapshot."""
    if not url.startswith("sqlite"):
        return sa.create_engine(
            _psycopg(url),
            pool_size=8,
            max_overflow=56,
            pool_pre_ping=True,
            isolation_level="REPEATABLE READ",
            execution_options={"postgresql_readonly": True},
        )
    path = sqlite_path(url).resolve()
    engine = sa.create_engine(
        f"sqlite:///file:{path}?mode=ro&uri=true",
        connect_args={"check_same_thread": False, "uri": True},
        pool_size=8,
        max_overflow=120,
    )
    _on_sqlite(engine, begin="BEGIN", pragmas={"query_only": "ON", "wal_autocheckpoint": "0", "cache_size": "-65536"})
    return engine


def sqlite_path(url: str) -> Path:
    """Return the file behind a SQLite URL."""
    return Path(sa.make_url(url).database or "traceability.db")


def _psycopg(url: str) -> str:
    return sa.make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _made_for_its_owner(engine: Engine, path: Path) -> None:
    """Make a new database readable by its owner alone (0600); SQLite gives -wal and -shm the mode of the database."""

    @event.listens_for(engine, "do_connect")
    def make(_dialect: Any, _record: Any, _arguments: Any, _named: Any) -> None:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def _on_postgresql(engine: Engine) -> None:
    """Settle for each session what must not depend on the server's defaults."""

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            for name, value in _SESSION.items():
                cursor.execute(f"SET {name} = '{value}'")
            cursor.execute(_DURABLE)
        connection.commit()


def _on_sqlite(engine: Engine, *, begin: str, pragmas: Mapping[str, str]) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we begin and commit ourselves
        for name, value in {"busy_timeout": str(_BUSY_MS), "foreign_keys": "ON", **pragmas}.items():
            connection.execute(f"PRAGMA {name}={value}")

    @event.listens_for(engine, "begin")
    def start(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

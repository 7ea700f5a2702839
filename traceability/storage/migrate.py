"""Schema versions with Alembic: forward only. The way back is the backup that ``upgrade`` makes first.

A migration runs in one transaction on both databases, so a failing one leaves nothing behind. A developer writes the
next one with ``python -m traceability.storage.migrate "what changes"`` after changing the tables.
"""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.engine import Engine
from sqlmodel.sql.sqltypes import AutoString

from traceability.errors import InvalidInput, TraceabilityError, Unavailable
from traceability.storage.engine import write_engine
from traceability.storage.tables import LogHead  # with it every table is known
from traceability.storage.types import BigInt, Kilograms, UTCDateTime

FOLDER = Path(__file__).parent / "migrations"
VERSIONS = FOLDER / "versions"
#: Made by a migration from the package's own SQL, so the comparison with our tables leaves them out.
FOREIGN = "procrastinate_"
#: How long a migration or a restore waits for a lock that another session of PostgreSQL holds.
LOCK_SECONDS = 60
_LOCK_NOT_AVAILABLE = "55P03"
_LOCKED = (
    "another session of the database holds a lock that is needed here, and has not let go of it for {seconds} seconds; "
    "nothing was changed. End that session (an audit, a backup, another restore or upgrade: pg_stat_activity shows it) "
    "and run this again"
)


class MigrationFailed(TraceabilityError):
    """The migration failed; the database is as it was."""


def migrate(url: str, *, to: str = "head", versions: Sequence[Path] = (VERSIONS,)) -> str:
    """Bring the database to a revision, the newest by default, and return the one it has then.

    Raises:
        MigrationFailed: a migration failed and was rolled back.

    """
    with migration_connection(url) as connection, connection.begin():
        migrate_connection(connection, to=to, versions=versions)
        return current_of(connection)


def current(url: str) -> str:
    """Return the revision the database has; empty where it has none."""
    with migration_connection(url) as connection:
        return current_of(connection)


def head(*, versions: Sequence[Path] = (VERSIONS,)) -> str:
    """Return the newest revision this program knows."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config(None, versions)).get_current_head() or ""


def check(url: str) -> list[str]:
    """Return the differences between the database and the tables of this program; none is what should be."""
    with migration_connection(url) as connection:
        return differences(connection)


def migrate_connection(connection: Connection, *, to: str = "head", versions: Sequence[Path] = (VERSIONS,)) -> None:
    """Run migrations inside the caller's transaction.

    Raises:
        MigrationFailed: one of them failed; the caller's transaction must be rolled back.

    """
    from alembic import command

    try:
        command.upgrade(_config(connection, versions), to)
        _check_references(connection)
    except Exception as error:
        raise MigrationFailed(f"the migration failed ({type(error).__name__}: {error}); nothing was changed") from error


def current_of(connection: Connection) -> str:
    """Return the revision of the database behind ``connection``; empty where it has none."""
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision() or ""


def differences(connection: Connection) -> list[str]:
    """Return what autogenerate would change, one line a difference."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    options = configuration()
    context = MigrationContext.configure(connection, opts=options)
    return [repr(found) for found in compare_metadata(context, options["target_metadata"])]


def configuration() -> dict[str, Any]:
    """Return how Alembic sees our tables; the same for running, comparing and writing migrations."""
    return {
        "target_metadata": LogHead.metadata,
        "render_as_batch": True,
        "render_item": _render_item,
        "include_object": _is_ours,
        "compare_type": True,
        "transactional_ddl": True,  # SQLite has it too, and our engine begins the transaction itself
    }


@contextmanager
def migration_connection(url: str) -> Iterator[Connection]:
    """Open a connection for migrations: on SQLite without foreign keys, which a rebuilt table would trip over.

    Raises:
        Unavailable: on PostgreSQL somebody else holds a lock that is needed, for longer than is waited for; what was
            not committed is undone.

    """
    engine = write_engine(url)
    try:
        _without_foreign_keys(engine)
        with engine.connect() as connection:
            _without_hurry(connection)
            yield connection
    except Exception as error:
        if _is_lock_timeout(error):
            raise Unavailable(_LOCKED.format(seconds=LOCK_SECONDS)) from error
        raise
    finally:
        engine.dispose()


def _without_hurry(connection: Connection) -> None:
    """Let PostgreSQL wait: a migration computes, and a restore copies files, while its transaction is open.

    For a lock that others hold it does not wait without end: who comes after it would wait as long.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET idle_in_transaction_session_timeout = 0")
        connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        connection.commit()


def _is_lock_timeout(error: BaseException | None) -> bool:
    """Tell whether PostgreSQL has given up waiting for a lock (SQLSTATE 55P03), however that was told since."""
    while error is not None:
        if getattr(error, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            return True
        error = error.orig if isinstance(error, sa.exc.DBAPIError) else error.__cause__
    return False


def write_revision(message: str, folder: Path = VERSIONS) -> Path:
    """Write the next migration into ``folder``: the difference between the newest one and the tables. For developers.

    Raises:
        InvalidInput: nothing differs.

    """
    from alembic import command

    number = f"{int(head(versions=(folder,)) or 0) + 1:04d}"
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite:///{scratch}/scratch.db"
        migrate(url, versions=(folder,))
        with migration_connection(url) as connection:
            if not differences(connection):
                raise InvalidInput("the tables are those of the newest migration; there is nothing to write")
            config = _config(connection, (folder,))
            command.revision(config, message, autogenerate=True, rev_id=number, version_path=str(folder))
    return next(folder.glob(f"{number}_*.py"))


def _without_foreign_keys(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        return

    @sa.event.listens_for(engine, "connect")
    def off(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA foreign_keys=OFF")


def _check_references(connection: Connection) -> None:
    """With foreign keys off a migration could leave rows that point nowhere."""
    if connection.dialect.name == "sqlite" and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
        raise InvalidInput(f"expected every reference to have its row; {len(broken)} have none, first: {broken[0]}")


def _config(connection: Connection | None, versions: Sequence[Path]) -> Any:
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(str(folder) for folder in versions))
    return config


def _is_ours(_object: Any, name: str | None, _type: str, _reflected: bool, _other: Any) -> bool:  # noqa: FBT001  # alembic's signature
    return not (name or "").removeprefix("ix_").startswith(FOREIGN)


def _render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Spell types as plain SQLAlchemy, so that a migration never imports our classes of a later day."""
    return kind == "type" and _spelled(item)


def _spelled(item: Any) -> str | Literal[False]:
    if isinstance(item, AutoString):
        return f"sa.String(length={item.length})"
    if isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, Kilograms):
        return "sa.String(length=40)"
    if isinstance(item, sa.JSON):
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    if isinstance(item, sa.BigInteger) and item._variant_mapping == BigInt._variant_mapping:  # noqa: SLF001  # no public way
        return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    return False


if __name__ == "__main__":
    sys.stdout.write(f"{write_revision(' '.join(sys.argv[1:]))}\n")

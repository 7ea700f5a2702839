"""What may be over at the next try is told apart from what is wrong with the work or its input."""

import errno

import psycopg
import pytest
import sqlalchemy as sa

from traceability.errors import NotFound
from traceability.storage.failures import is_database_failure, unavailable


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "full"),
        OSError(errno.EMFILE, "too many open files"),
        OSError(errno.EIO, "I/O"),
        MemoryError(),
        RuntimeError("can't start new thread"),
        sa.exc.OperationalError("SELECT", None, Exception("unable to open database file")),
        sa.exc.DatabaseError("SELECT", None, Exception("malformed")),
        sa.exc.InterfaceError("SELECT", None, Exception("connection closed")),
        sa.exc.TimeoutError("no connection"),
    ],
)
def test_the_machine_failed(error):
    found = unavailable(error)
    assert found is not None
    assert found.status == 503
    assert found.__cause__ is error
    assert type(error).__name__ in found.detail


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOENT, "no such file"),
        OSError("of no number"),
        RuntimeError("another"),
        ValueError("x"),
        NotFound("x"),
        sa.exc.IntegrityError("INSERT", None, Exception("unique")),
        sa.exc.ProgrammingError("SELECT", None, Exception("syntax")),
        sa.exc.DataError("SELECT", None, Exception("too long")),
        sa.exc.InternalError("SELECT", None, psycopg.errors.InFailedSqlTransaction("aborted")),
        sa.exc.InvalidRequestError("x"),
    ],
)
def test_the_work_failed(error):
    assert unavailable(error) is None
    assert not is_database_failure(error)

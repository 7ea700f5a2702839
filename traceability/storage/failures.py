"""Whether the machine failed or the work: a full disk, a lost database or no memory may be over at the next try."""

import errno

import sqlalchemy as sa

from traceability.errors import Unavailable

_MACHINE = frozenset(
    {
        errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENOMEM,
        errno.EAGAIN, errno.ENOBUFS,
    }
)  # fmt: skip
_THE_STATEMENTS = (sa.exc.IntegrityError, sa.exc.DataError, sa.exc.ProgrammingError, sa.exc.NotSupportedError)
_NO_THREAD = "can't start new thread"


def is_database_failure(error: BaseException) -> bool:
    """Return whether the database, or the disk and connection under it, failed, and not what it was asked."""
    if isinstance(error, sa.exc.TimeoutError):
        return True
    if not isinstance(error, sa.exc.DBAPIError) or isinstance(error, _THE_STATEMENTS):
        return False
    state = getattr(error.orig, "sqlstate", None)  # PostgreSQL: class 25 is a use case that goes on after an error
    return not (isinstance(state, str) and state.startswith("25"))


def unavailable(error: BaseException) -> Unavailable | None:
    """Return what a caller is told where the machine failed; None where the fault is in the work or its input."""
    if is_database_failure(error):
        return _because("the database could not be used", error)
    if isinstance(error, OSError) and error.errno in _MACHINE:
        return _because(f"the machine has no more to give ({errno.errorcode[error.errno]})", error)
    if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and _NO_THREAD in str(error)):
        return _because("the machine has no memory or thread to spare", error)
    return None


def _because(said: str, error: BaseException) -> Unavailable:
    failure = Unavailable(f"{said} ({type(error).__name__}); try again later")
    failure.__cause__ = error
    return failure

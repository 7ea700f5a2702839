"""Exit codes of every command: 0 done, 1 something was found, 2 the input or the call is wrong, 3 unavailable."""

import contextlib
from collections.abc import Iterator
from typing import IO, Any

import click

from traceability.errors import TraceabilityError

FOUND = 1
WRONG = 2
UNAVAILABLE = 3
_SHOWN = 20
_SERVER = 500
_TOO_MANY = 429


class Failed(click.ClickException):
    """A command that cannot go on: a message on standard error and an exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc]  # click declares it for the class and reads it from the instance

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the message to standard error."""
        del file
        click.echo(f"traceability: {self.message}", err=True)


def exit_code_of(error: TraceabilityError) -> int:
    """Return 3 for what trying again may mend, 2 for what the caller has to mend."""
    return UNAVAILABLE if error.status >= _SERVER or error.status == _TOO_MANY else WRONG


def told(error: TraceabilityError) -> str:
    """Return an error for people: its message, and each further problem on a line of its own."""
    lines = [f"  {problem.path}: {problem.message}" for problem in error.problems[:_SHOWN]]
    more = len(error.problems) - _SHOWN
    if more > 0:
        lines.append(f"  and {more} more")
    return "\n".join([error.detail, *lines])


@contextlib.contextmanager
def reported() -> Iterator[None]:
    """Turn errors of the product, the database and the file system into a message and an exit code."""
    try:
        yield
    except TraceabilityError as error:
        raise Failed(told(error), exit_code_of(error)) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise Failed(f"{where}{error.strerror or error}", WRONG) from error
    except Exception as error:
        if not _is_database(error):
            raise
        raise Failed(f"the database cannot be used: {str(error).splitlines()[0]}", UNAVAILABLE) from error


def _is_database(error: Exception) -> bool:
    from sqlalchemy.exc import SQLAlchemyError

    return isinstance(error, SQLAlchemyError)

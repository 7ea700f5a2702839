"""What a command prints: text for people, ``--json``, or ``--jsonl`` (one object a line).

``--json`` is an array where a command takes inputs, one object for each in their order, else one object (cli.md).
Inputs that cannot be read have their object too, and are told on standard error after the others are done.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import click
import orjson

from traceability.cli.errors import WRONG, Failed, exit_code_of, told
from traceability.errors import TraceabilityError

_MOST_SHOWN = 100
P = ParamSpec("P")
Row = Mapping[str, Any]
#: Makes the object of an input that could not be used: of its name, what was wrong, and each problem by itself.
Failure = Callable[[str, str, list[dict[str, str]]], Row]


def plain(text: str, most: int = _MOST_SHOWN) -> str:
    """Return a stranger's text as a terminal may print it: control and invisible characters escaped, cut where long."""
    cut = text if len(text) <= most else f"{text[:most]}..."
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in cut)


def unused(name: str, said: str, _problems: list[dict[str, str]]) -> Row:
    """Return the object of an input that could not be used: none of the answer's fields, so that none reads well."""
    return {"file": name, "error": said}


def invalid(name: str, _said: str, problems: list[dict[str, str]]) -> Row:
    """Return the object of an input that could not even be checked, where the answer is whether it is valid."""
    return {"file": name, "valid": False, "problems": problems}


class Output:
    """Prints the rows of one command in the form that was asked for, and keeps its exit code: the largest told."""

    def __init__(self, form: str) -> None:
        self.form = form
        self.code = 0
        self._rows: list[Row] = []
        self._late: list[str] = []

    def row(self, row: Row, text: str, *, code: int = 0) -> None:
        """Give one object of several; ``text`` is the same for people."""
        self.code = max(self.code, code)
        if self.form == "json":
            self._rows.append(row)
        else:
            click.echo(dumped(row) if self.form == "jsonl" else text)

    def one(self, row: Row, text: str, *, code: int = 0) -> None:
        """Give the one object of a command without inputs, or of one with exactly one."""
        self.code = max(self.code, code)
        click.echo(text if self.form == "text" else dumped(row))

    def all_of(self, name: str, rows: Iterable[Row], text: Callable[[Row], str]) -> None:
        """Give ``{name: [...]}``: rows that belong to no input; ``--jsonl`` gives each on its line."""
        if self.form == "json":
            click.echo(dumped({name: list(rows)}))
            return
        for row in rows:
            click.echo(dumped(row) if self.form == "jsonl" else text(row))

    def fail(self, what: str, error: TraceabilityError | OSError, *, code: int | None = None) -> None:
        """Note something that went wrong, to be told at the end; the others go on. ``code`` is not the error's own."""
        if isinstance(error, TraceabilityError):
            self.code = max(self.code, exit_code_of(error) if code is None else code)
            self._late.append(f"{what}: {told(error)}")
        else:
            self.code = max(self.code, WRONG if code is None else code)
            self._late.append(f"{what}: {error.strerror or error}")

    def each(self, files: Iterable[Path], work: Callable[[Path], None], failed: Failure = unused) -> None:
        """Do the work for every input; one that cannot be used stops none of the others and has its object too."""
        for file in files:
            try:
                work(file)
            except (TraceabilityError, OSError) as error:
                self.fail(str(file), error)
                if self.form != "text":
                    self.row(failed(str(file), *_said(error)), "")

    def finish(self, *, listed: bool) -> None:
        """Print what waits, and end the command with its exit code."""
        if listed and self.form == "json":
            click.echo(dumped(self._rows))
        if self._late:
            raise Failed("\n".join(self._late), self.code)
        if self.code:
            click.get_current_context().exit(self.code)


def _said(error: TraceabilityError | OSError) -> tuple[str, list[dict[str, str]]]:
    if isinstance(error, TraceabilityError):
        said, problems = error.detail, [problem.as_dict() for problem in error.problems]
    else:
        said, problems = f"cannot be read: {error.strerror or error}", []
    return said, problems or [{"path": "", "message": said}]


def dumped(value: Any) -> str:
    """Return JSON text; amounts keep their digits."""
    from traceability import strict_json

    return strict_json.dumps(value).decode()


def output(*, listed: bool = True) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add ``--json`` and ``--jsonl`` to a command and hand it an ``Output`` as its first argument.

    Args:
        listed: the command takes inputs, so ``--json`` is an array.

    """

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def run(*args: Any, as_json: bool, as_jsonl: bool, **named: Any) -> None:
            out = Output("jsonl" if as_jsonl else "json" if as_json else "text")
            function(out, *args, **named)
            out.finish(listed=listed)

        run = click.option("--jsonl", "as_jsonl", is_flag=True, help="One JSON object a line.")(run)
        return click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")(run)

    return decorate


def files(*, required: bool = True) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add the arguments FILE...; whether each can be read is found out file by file."""
    return click.argument("files", nargs=-1, required=required, metavar="FILE...", type=click.Path(path_type=Path))


def parsed(data: bytes) -> Any:
    """Return plain JSON, such as an answer of our own API."""
    return orjson.loads(data)

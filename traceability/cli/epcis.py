"""EPCIS 2.0 documents without a database: the schema verdict, what capture refuses besides, and the event hash."""

from pathlib import Path
from typing import Any

import click

from traceability import strict_json
from traceability.cli.errors import FOUND
from traceability.cli.output import Output, files, invalid, output
from traceability.errors import InvalidInput, Problem
from traceability.events.capture_rules import CAPTURE_BYTES, CAPTURE_LIMIT, capture_problems
from traceability.events.reading import event_list
from traceability.events.validation import document_problems


@click.group()
def epcis() -> None:
    """EPCIS 2.0 documents."""


@epcis.command()
@files()
@click.option("--capture", "for_capture", is_flag=True, help="Also what capture refuses though the schema allows it.")
@output()
def check(out: Output, *, files: tuple[Path, ...], for_capture: bool) -> None:
    """Say whether each FILE is valid EPCIS 2.0 JSON, and where not; needs no database."""

    def one(file: Path) -> None:
        problems = _problems(file.read_bytes(), for_capture=for_capture)
        row = {"file": str(file), "valid": not problems, "problems": [problem.as_dict() for problem in problems]}
        lines = [f"  {problem.path}: {problem.message}" for problem in problems]
        verdict = "invalid" if problems else "valid"
        out.row(row, "\n".join([f"{file}: {verdict}", *lines]), code=FOUND if problems else 0)

    out.each(files, one, invalid)


@click.command()
@files()
@output()
def event_hash(out: Output, *, files: tuple[Path, ...]) -> None:
    """Print the event hash (CBV 2.0, section 8.9) of every event in each FILE."""
    from traceability.events.event_hash import document_hashes

    def one(file: Path) -> None:
        body = strict_json.loads(file.read_bytes(), allow_bom=True)
        problems = document_problems(body)
        if problems:
            raise InvalidInput("not a valid EPCIS 2.0 document, so its events have no hash", problems=problems)
        for event_id, value in document_hashes(body):
            out.row({"file": str(file), "event_id": event_id, "hash": value}, f"{value}  {event_id or '-'}  {file}")

    out.each(files, one)


def _problems(data: bytes, *, for_capture: bool) -> list[Problem]:
    try:
        # The schema knows no byte order mark; capture does, because the signed bytes must have one reading.
        body = strict_json.loads(data, allow_bom=not for_capture)
    except InvalidInput as error:
        return [Problem("$", error.detail)]
    found = document_problems(body)
    if found or not for_capture:
        return found
    return [*_sizes(data, body), *capture_problems(body)]


def _sizes(data: bytes, body: Any) -> list[Problem]:
    found = []
    if len(data) > CAPTURE_BYTES:
        found.append(Problem("$", f"expected at most {CAPTURE_BYTES} bytes, got {len(data)}: split the document"))
    count = len(event_list(body))
    if count > CAPTURE_LIMIT:
        found.append(
            Problem("$.epcisBody.eventList", f"expected at most {CAPTURE_LIMIT} events, got {count}: split it")
        )
    return found

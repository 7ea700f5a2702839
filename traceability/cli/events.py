"""Custody events of suppliers without software: our spreadsheet, checked row by row, made EPCIS events, signed here."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from traceability import strict_json
from traceability.cli import keyfiles, local
from traceability.cli.capture import post
from traceability.cli.errors import WRONG
from traceability.cli.output import Output, output
from traceability.cli.remote import Remote, remote_options
from traceability.errors import InvalidInput, TraceabilityError, Unavailable
from traceability.events import sheet
from traceability.events.capture_rules import capture_problems
from traceability.events.validation import document_problems
from traceability.ledger.keys import PrivateKey


@click.group()
def events() -> None:
    """Custody events from a spreadsheet."""


@events.command()
@click.option(
    "--out", "target", type=click.Path(path_type=Path), default=Path("events-template.xlsx"), show_default=True,
    help="New file, .xlsx or .csv.",
)  # fmt: skip
def template(target: Path) -> None:
    """Write the empty template: one row per custody event, with a page of instructions."""
    made = sheet.template_csv().encode() if target.suffix.lower() == ".csv" else sheet.template_xlsx()
    with target.open("xb") as file:
        file.write(made)
    click.echo(f"{target} is ready to be filled in")


@events.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Only check every row; nothing is signed or sent.")
@click.option("--key", "keyfile", type=click.Path(path_type=Path), help="Key file; needed unless --check.")
@remote_options(required=False)
@output(listed=False)
def import_(out: Output, *, file: Path, check: bool, keyfile: Path | None, url: str | None, token: str | None) -> None:
    """Import a filled-in template; with an error in any row nothing is sent."""
    if not check and not (keyfile and url):
        raise InvalidInput("an import needs --key and --url; with --check it needs neither")
    key, did = keyfiles.load(keyfile) if keyfile else (None, "")
    data = file.read_bytes()
    found, errors = sheet.read_rows(data, file.name, party=did)
    answer: dict[str, Any] = {
        "rows": sheet.row_count(data, file.name),
        "accepted": len(found),
        "errors": [error.as_dict() for error in errors],
        "captures": [],
    }
    if errors:
        out.one(answer, _errors_text(answer), code=WRONG)
        return
    body = _document(found)
    if check or not (key and url):
        out.one(answer, f"{answer['accepted']} of {answer['rows']} rows checked")
        return
    said = _capture(out, answer, body, key, Remote(url, token))
    out.one(answer, said)


def _document(found: Sequence[dict[str, Any]]) -> bytes:
    """Return one EPCIS document of all the rows: the service captures all of it or nothing.

    Raises:
        InvalidInput: what the rows became is nothing the service would capture.

    """
    body = strict_json.dumps(sheet.document(found, local.clock()()))
    value = strict_json.loads(body)
    problems = document_problems(value) or capture_problems(value)
    if problems:
        raise InvalidInput(f"{problems[0].path}: {problems[0].message}. Nothing was sent", problems=problems)
    return body


def _capture(out: Output, answer: dict[str, Any], body: bytes, key: PrivateKey, remote: Remote) -> str:
    """Send the document and note what became of it, a failure too; returns what to say.

    Event ids are made of the rows, so the same import again records no event twice.
    """
    try:
        done, lost = post(remote, body, key)
    except Unavailable as error:
        out.fail("events import", error)
        return "no answer came, so whether it was captured is not known: import the same file again, nothing is doubled"
    except TraceabilityError as error:
        out.fail("events import", error)
        answer["accepted"] = 0
        return f"refused; nothing of the {answer['rows']} rows was captured"
    if lost:
        out.fail("events import", lost)
    answer["captures"] = [done]
    return f"{answer['accepted']} of {answer['rows']} rows captured, capture {done['capture_id']}"


def _errors_text(answer: dict[str, Any]) -> str:
    lines = [f"row {error['row']}, {error['column']}: {error['message']}" for error in answer["errors"]]
    return "\n".join([*lines, f"{len(lines)} errors in {answer['rows']} rows; nothing was imported"])

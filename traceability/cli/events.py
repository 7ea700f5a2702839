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
from traceability.errors import InvalidInput
from traceability.events import sheet
from traceability.events.capture_rules import CAPTURE_LIMIT, capture_problems
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
    documents = _documents(found)
    if not check and key and url:
        answer["captures"] = _send(documents, key, Remote(url, token))
    sent = "checked" if check else "captured"
    out.one(answer, f"{answer['accepted']} of {answer['rows']} rows {sent}")


def _documents(found: Sequence[dict[str, Any]]) -> list[bytes]:
    """Return EPCIS documents of at most 500 events each, every one checked before any is sent.

    Raises:
        InvalidInput: what the rows became is nothing the service would capture.

    """
    documents = []
    for start in range(0, len(found), CAPTURE_LIMIT):
        body = strict_json.dumps(sheet.document(found[start : start + CAPTURE_LIMIT], local.clock()()))
        value = strict_json.loads(body)
        problems = document_problems(value) or capture_problems(value)
        if problems:
            raise InvalidInput(f"{problems[0].path}: {problems[0].message}. Nothing was sent", problems=problems)
        documents.append(body)
    return documents


def _send(documents: Sequence[bytes], key: PrivateKey, remote: Remote) -> list[dict[str, Any]]:
    """Post the documents in order. Event ids are made of the rows, so after a failure the same import completes it."""
    return [post(remote, body, key) for body in documents]


def _errors_text(answer: dict[str, Any]) -> str:
    lines = [f"row {error['row']}, {error['column']}: {error['message']}" for error in answer["errors"]]
    return "\n".join([*lines, f"{len(lines)} errors in {answer['rows']} rows; nothing was imported"])

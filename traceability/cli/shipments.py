"""Shipment records from a spreadsheet: checked row by row, each record signed here, posted all together or not at all.

Reg. (EU) 2017/821 Art. 4(f), (g): the fields of the importer's declaration.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from traceability import strict_json
from traceability.cli import keyfiles, local
from traceability.cli.errors import WRONG
from traceability.cli.output import Output, output
from traceability.cli.remote import Remote, remote_options
from traceability.clock import latest_date
from traceability.errors import InvalidInput
from traceability.ledger.jose import sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.services import shipment_sheet


@click.group()
def shipments() -> None:
    """Shipment records: an importer's signed declarations of consignments."""


@shipments.command()
@click.option(
    "--out", "target", type=click.Path(path_type=Path), default=Path("shipments-template.xlsx"), show_default=True,
    help="New file, .xlsx or .csv.",
)  # fmt: skip
def template(target: Path) -> None:
    """Write the empty template: one row for each consignment, with a page that says what each column takes."""
    as_csv = target.suffix.lower() == ".csv"
    made = shipment_sheet.template_csv().encode() if as_csv else shipment_sheet.template_xlsx()
    with target.open("xb") as file:
        file.write(made)
    click.echo(f"{target} is ready to be filled in")


@shipments.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Only check every row; nothing is signed or sent.")
@click.option("--key", "keyfile", type=click.Path(path_type=Path), help="Key file; needed unless --check.")
@remote_options(required=False)
@output(listed=False)
def import_(out: Output, *, file: Path, check: bool, keyfile: Path | None, url: str | None, token: str | None) -> None:
    """Import a filled-in template; with an error in any row nothing is sent, and the service takes all rows or none."""
    if not check and not (keyfile and url):
        raise InvalidInput("an import needs --key and --url; with --check it needs neither")
    key = keyfiles.load(keyfile)[0] if keyfile and not check else None
    data = file.read_bytes()
    records, errors = shipment_sheet.read_rows(data, file.name, latest_date(local.clock()()))
    rows = shipment_sheet.row_count(data, file.name)
    answer = {"rows": rows, "accepted": len(records), "errors": [error.as_dict() for error in errors]}
    if errors:
        out.one(answer, _errors_text(errors, rows), code=WRONG)
        return
    if key is not None and url:
        _post(Remote(url, token), records, key)
    out.one(answer, f"{len(records)} of {rows} rows {'checked' if check else 'recorded'}")


def _post(remote: Remote, records: Sequence[dict[str, Any]], key: PrivateKey) -> None:
    """Sign the compact JSON bytes of each record and post them together; the service takes all or none."""
    bodies = [strict_json.dumps(record) for record in records]
    signed = [{"body": body.decode(), "jws": sign_detached(body, key, kid=key.kid)} for body in bodies]
    remote.post("/v1/shipments/import", {"records": signed})


def _errors_text(errors: Sequence[shipment_sheet.RowError], rows: int) -> str:
    lines = [f"row {error.row}, {error.column}: {error.message}" for error in errors]
    return "\n".join([*lines, f"{len(lines)} errors in {rows} rows; nothing was imported"])

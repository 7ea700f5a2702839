"""Reports as files: drafts that the service puts together from the records, for a person to complete and to send."""

from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, urlencode

import click

from traceability.cli.output import Output, output
from traceability.cli.remote import Remote, remote_options
from traceability.errors import InvalidInput

_FORMATS = ("json", "pdf", "docx", "xlsx", "csv", "zip")


@click.command()
@click.argument("kind")
@click.option("--out", "path", required=True, type=click.Path(path_type=Path), help="New file for the report.")
@click.option("--format", "form", type=click.Choice(_FORMATS), help="Default: the ending of the file.")
@click.option("--year", help="Calendar year; default: the one before.")
@click.option("--from", "first", help="First day, with --to instead of a year.")
@click.option("--to", "last", help="Last day.")
@click.option("--batch", help="Batch, where the report is about one.")
@click.option("--shipment", help="Shipment record, where the report is about one.")
@click.option("--notice", help="Reference of an authority's request, where the report answers one.")
@click.option("--importer", help="Whose report (DID); for a regulator.")
@click.option("--purpose", help="Why you read it; regulators and auditors have to say.")
@remote_options()
@output(listed=False)
def report(  # what a report can be asked about
    out: Output, *, kind: str, path: Path, form: str | None, year: str | None, first: str | None, last: str | None,
    batch: str | None, shipment: str | None, notice: str | None, importer: str | None, purpose: str | None, url: str,
    token: str | None,
) -> None:  # fmt: skip
    """Fetch the report KIND, such as due-diligence or authority-bundle; GET /v1/reports names all."""
    if path.exists():
        raise InvalidInput(f"{path} exists; a report is written into a new file")
    asked = {
        "format": form or _ending(path), "year": year, "from": first, "to": last, "batch": batch, "shipment": shipment,
        "notice": notice, "importer": importer,
    }  # fmt: skip
    address = f"/v1/reports/{quote(kind, safe='')}?{urlencode({n: v for n, v in asked.items() if v is not None})}"
    data, _ = Remote(url, token).whole("GET", address, headers={"X-Purpose": purpose} if purpose else {})
    path.write_bytes(data)
    row = {"kind": kind, "format": asked["format"], "bytes": len(data), "sha256": sha256(data).hexdigest()}
    out.one(row, f"{path}: a draft of {kind}, sha256 {row['sha256']}; read it before you publish or send it")


def _ending(path: Path) -> str:
    found = path.suffix.removeprefix(".").lower()
    if found not in _FORMATS:
        raise InvalidInput(
            f"say --format, or give the file one of the endings {', '.join(_FORMATS)}; got {path.name!r}"
        )
    return found

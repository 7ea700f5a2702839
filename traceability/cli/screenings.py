"""The screening record as a file for an audit: of the database here, or of a service at an address."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

import click

from traceability.cli import local
from traceability.cli.output import Output
from traceability.cli.remote import Remote, remote_options
from traceability.errors import InvalidInput

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def screenings() -> None:
    """Who or what was screened, when, against which lists, and what came out."""


@screenings.command()
@click.option("--out", "path", required=True, type=click.Path(path_type=Path), help="New file.")
@click.option("--csv/--jsonl", "as_table", default=True, help="A CSV line a hit, or a JSON line a screening.")
@click.option("--subject", help="A name as it was screened, or the key of a subject.")
@click.option("--party", help="DID or CID of a party.")
@click.option("--list", "list_id", help="Id of a list, of which an entry was met.")
@click.option("--entry", help="Key of a list entry that was met.")
@click.option("--outcome", help="hits, no_hits_full_coverage, no_hits_limited_coverage or not_screened.")
@click.option("--from", "since", type=_DAY, help="First day (UTC).")
@click.option("--to", "until", type=_DAY, help="Last day (UTC).")
@click.option("--importer", help="DID of the importer; for a regulator.")
@click.option("--purpose", help="Why you read it; regulators and auditors have to say.")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@remote_options(required=False)
def export(
    *, as_json: bool, path: Path, as_table: bool, since: datetime | None, until: datetime | None, importer: str | None,
    purpose: str | None, url: str | None, token: str | None, **named: str | None,
) -> None:  # fmt: skip
    """Write the screenings into a new file, newest first; at most 100,000, so narrow a long record by its days."""
    if path.exists():
        raise InvalidInput(f"{path} exists; an export is written into a new file")
    form = "csv" if as_table else "jsonl"
    if url:
        days = {"from": since and since.date().isoformat(), "to": until and until.date().isoformat()}
        asked = {"format": form, "importer": importer, "list": named.pop("list_id"), **days, **named}
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        headers = {"X-Purpose": purpose} if purpose else {}
        data = Remote(url, token).raw("GET", f"/v1/screenings/export?{query}", headers=headers)
        row = _write(path, iter([data]))
    else:
        row = _from_here(path, form, since, until, named)
    Output("json" if as_json or not as_table else "text").one(
        row, f"{path}: {row['bytes']} bytes, sha256 {row['sha256']}"
    )


def _from_here(
    path: Path, form: str, since: datetime | None, until: datetime | None, named: dict[str, str | None]
) -> dict[str, object]:
    from traceability.services.access import TERMINAL
    from traceability.services.screening_export import FORMS
    from traceability.services.screenings import Wanted, every

    wanted = Wanted(**named, since=since and since.date(), until=until and until.date())  # type: ignore[arg-type]  # texts by their names
    with local.reading() as service:
        return _write(path, FORMS[form][0](every(service, TERMINAL, wanted)))


def _write(path: Path, parts: Iterator[bytes]) -> dict[str, object]:
    """Write a file whole or not at all."""
    kept, size, hashed = path.with_name(f"{path.name}.part"), 0, sha256()
    try:
        with kept.open("xb") as stream:
            for part in parts:
                stream.write(part)
                hashed.update(part)
                size += len(part)
        kept.rename(path)
    finally:
        kept.unlink(missing_ok=True)
    return {"file": str(path), "bytes": size, "sha256": hashed.hexdigest()}

"""Sites: registered places, from JSON or a table, signed here (epcis.md 4)."""

import re
from pathlib import Path
from typing import Any

import click

from traceability import strict_json
from traceability.cli import keyfiles
from traceability.cli.output import Output, output
from traceability.cli.remote import Refused, Remote, remote_options
from traceability.cli.sign import detached_headers
from traceability.errors import InvalidInput, Problem

COLUMNS = ("uri", "name", "country", "subdivision", "latitude", "longitude", "valid_from", "valid_to")
_PLACE = re.compile(r"^sites\[(\d{1,6})\](?:\.(\w{1,100}))?")
_NUMBERS = ("latitude", "longitude")


@click.group()
def sites() -> None:
    """Registered places of your party."""


@sites.command()
@click.argument("file", type=click.Path(path_type=Path))
@keyfiles.key_option
@remote_options()
@output()
def register(out: Output, file: Path, keyfile: Path, url: str, token: str | None) -> None:
    """Register the sites of FILE (json, xlsx or csv with the columns uri, name, country, ...); all or none."""
    key, _ = keyfiles.load(keyfile)
    body, numbers = read_sites(file.read_bytes(), file.name)
    headers = detached_headers(body, key)
    try:
        recorded = Remote(url, token).send("POST", "/v1/sites", body, headers)["sites"]
    except Refused as error:
        raise (_in_rows(error, numbers) if numbers and error.problems else error) from None
    for row in recorded:
        done = {name: row[name] for name in ("uri", "state", "receipt")}
        out.row(done, f"{row['uri']} is {row['state']}")


def read_sites(data: bytes, name: str) -> tuple[bytes, list[int]]:
    """Return the bytes to sign: those of a JSON file as they are, a table written as JSON; and of a table its rows.

    Raises:
        InvalidInput: the file is no JSON and no table of sites; each problem names its row and column.

    """
    if name.lower().endswith(".json") or data.lstrip()[:1] in (b"{", b"["):
        value = strict_json.loads(data)
        return data if isinstance(value, dict) else strict_json.dumps({"sites": value}), []
    from traceability.events.sheet_files import read_file

    rows = read_file(data, name)
    if not rows:
        raise InvalidInput(f"{name}: the table is empty; expected the columns {', '.join(COLUMNS)}")
    header = [cell.strip() for cell in rows[0].cells]
    unknown = [cell for cell in header if cell and cell not in COLUMNS]
    if unknown or "uri" not in header or "country" not in header:
        raise InvalidInput(
            f"{name}: expected columns of {', '.join(COLUMNS)}, with uri and country; got {', '.join(header)}"
        )
    problems: list[Problem] = []
    found = [_site(header, row.cells, row.number, problems) for row in rows[1:]]
    if problems:
        raise InvalidInput(f"{name}: {problems[0].path}: {problems[0].message}. Nothing was sent", problems=problems)
    return strict_json.dumps({"sites": found}), [row.number for row in rows[1:]]


def _in_rows(error: Refused, numbers: list[int]) -> InvalidInput:
    """Tell what the service found wrong by row and column, as the table has them."""

    def place(found: re.Match[str]) -> str:
        row = numbers[int(found[1])] if int(found[1]) < len(numbers) else "?"
        return f"row {row}" + (f", column {found[2]}" if found[2] else "")

    problems = [Problem(_PLACE.sub(place, problem.path), problem.message) for problem in error.problems]
    return InvalidInput(f"{problems[0].path}: {problems[0].message}. Nothing was recorded", problems=problems)


def _site(header: list[str], cells: tuple[str, ...], number: int, problems: list[Problem]) -> dict[str, Any]:
    site: dict[str, Any] = {}
    for column, text in zip(header, cells, strict=False):
        if not column or not text:
            continue
        site[column] = text
        if column in _NUMBERS:
            try:
                site[column] = float(text)
            except ValueError:
                problems.append(Problem(f"row {number}, column {column}", f"expected degrees; got {text[:40]!r}"))
    return site

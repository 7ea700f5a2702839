"""The screening record as files for an audit: CSV with a line for each hit, or a JSON line for each screening."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import orjson

from traceability.services.screenings import Found, shown
from traceability.services.spreadsheet import plain

COLUMNS = (
    "screening", "at", "as_of", "known_at", "kind", "subject", "party", "country", "importer", "asked_by", "status",
    "outcome", "lists", "matcher", "threshold", "settings_hash", "list", "list_version", "entry", "listed_name",
    "match_basis", "score", "alignment", "ledger_entry",
)  # fmt: skip


def jsonl(rows: Iterable[Found]) -> Iterator[bytes]:
    """Yield a line for each screening."""
    for row in rows:
        yield orjson.dumps(shown(row)) + b"\n"


def table(rows: Iterable[Found]) -> Iterator[bytes]:
    """Yield the lines of a CSV table (RFC 4180, UTF-8), the header first; a screening without hits has one line."""
    yield _line(COLUMNS)
    for row in rows:
        said = shown(row)
        for hit in said["hits"] or [{}]:
            yield _line(_cells(said, hit))


FORMS: Mapping[str, tuple[Callable[[Iterable[Found]], Iterator[bytes]], str]] = {
    "csv": (table, "text/csv; charset=utf-8"),
    "jsonl": (jsonl, "application/x-ndjson"),
}
"""What writes each form, and its media type."""


def _cells(said: Mapping[str, Any], hit: Mapping[str, Any]) -> list[Any]:
    lists = "; ".join(f"{one['list_id']} {one['version'] or 'none'} {one['state']}" for one in said["lists"])
    steps = hit.get("explanation", ())
    alignment = "; ".join(f"{step['how']}: {step['query']} = {step['listed']}" for step in steps)
    return [
        said["id"], said["at"], said["as_of"], said["known_at"], said["kind"], said["subject"]["name"],
        said["party_id"], said["subject"].get("country"), said["importer"], said["asked_by"], said["status"],
        said["outcome"], lists, said["matcher"], said["threshold"], said["settings_hash"], hit.get("list_id"),
        hit.get("list_version"), hit.get("entry_key"), hit.get("listed_name"), hit.get("match_basis"),
        hit.get("score"), alignment, said["entry_index"],
    ]  # fmt: skip


def _line(cells: Iterable[Any]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerow(["" if cell is None else plain(str(cell)) for cell in cells])
    return out.getvalue().encode()

"""The supplier's sheet: rows of a spreadsheet become EPCIS 2.0 events, each row checked, nothing half-imported."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from traceability import strict_json
from traceability.errors import InvalidInput, TooLarge
from traceability.events import formats, sheet_kinds
from traceability.events.capture_rules import CAPTURE_LIMIT
from traceability.events.model import CRM_IRI, CRM_PREFIX
from traceability.events.sheet_columns import BY_NAME
from traceability.events.sheet_files import FORMULA, Row, read_file
from traceability.events.sheet_kinds import KINDS, Kind
from traceability.events.sheet_template import template_csv, template_xlsx

__all__ = ["RowError", "document", "read_rows", "row_count", "template_csv", "template_xlsx"]

_EPCIS_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
_NAME_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, f"{CRM_IRI}sheet")
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?")


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing wrong in a sheet: the row as the spreadsheet numbers it, the column's header, and what to mend."""

    row: int
    column: str
    message: str

    def as_dict(self) -> dict[str, Any]:
        """Return the shape in which the command line and the API answer it."""
        return {"row": self.row, "column": self.column, "message": self.message}


def read_rows(data: bytes, name: str, *, party: str = "") -> tuple[list[dict[str, Any]], list[RowError]]:
    """Return the custody events of a filled-in template, or what is wrong with it: one of the two lists is empty.

    The eventID is made from the party and the content of the row, so importing a file again makes the same events.

    Args:
        data: the XLSX or CSV file.
        name: the file's name, for messages.
        party: identifier of the party whose sheet it is.

    Raises:
        TooLarge: the file is over a limit, or has more rows than one capture takes events.
        InvalidInput: the file cannot be read at all, or holds no row.

    """
    header, rows = _table(data, name)
    if errors := _header_errors(header):
        return [], errors
    events: list[dict[str, Any]] = []
    errors = []
    rows_by_id: dict[str, int] = {}
    for row in rows:
        event, wrong = _read_row(header, row, party)
        errors.extend(wrong)
        if event is not None:
            first = rows_by_id.setdefault(event["eventID"], row.number)
            if first != row.number:
                errors.append(RowError(row.number, "what", f"says the same as row {first}: remove it, or correct it"))
            events.append(event)
    return ([], errors) if errors else (events, [])


def row_count(data: bytes, name: str) -> int:
    """Return how many rows a sheet holds besides its header; raises as ``read_rows`` does."""
    return len(_table(data, name)[1])


def document(events: Sequence[dict[str, Any]], created: datetime) -> dict[str, Any]:
    """Return the EPCISDocument around events, created at an aware time; write it with ``strict_json.dumps``.

    Raises:
        ValueError: ``created`` has no time zone.

    """
    if created.tzinfo is None:
        raise ValueError(f"a creation date needs a time zone; got {created.isoformat()} without one")
    return {
        "@context": [_EPCIS_CONTEXT, {CRM_PREFIX: CRM_IRI}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": created.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "epcisBody": {"eventList": list(events)},
    }


def _table(data: bytes, name: str) -> tuple[Row, list[Row]]:
    rows = read_file(data, name)
    if not rows:
        raise InvalidInput(f"{name}: the sheet is empty: start from the template")
    if len(rows) == 1:
        raise InvalidInput(f"{name}: there is no row below the header")
    if len(rows) - 1 > CAPTURE_LIMIT:
        raise TooLarge(
            f"{name}: an import is one capture of at most {CAPTURE_LIMIT} events, so that all of it is recorded or "
            f"nothing; the file has {len(rows) - 1} rows: split it"
        )
    return rows[0], rows[1:]


def _header_errors(header: Row) -> list[RowError]:
    names = [cell for cell in header.cells if cell]
    errors = [
        RowError(header.number, name[:80], "is no column of the template: remove it, or correct its header")
        for name in names
        if name not in BY_NAME
    ]
    errors += [RowError(header.number, name, "stands twice") for name in sorted(BY_NAME) if names.count(name) > 1]
    errors += [RowError(header.number, name, "is missing") for name in ("what", "when") if name not in names]
    return errors


def _read_row(header: Row, row: Row, party: str) -> tuple[dict[str, Any] | None, list[RowError]]:
    texts: dict[str, str] = {}
    for index, text in enumerate(row.cells):
        if text:
            name = header.cells[index] if index < len(header.cells) else ""
            if not name:
                return None, [RowError(row.number, f"column {index + 1}", "holds something, and has no header")]
            texts[name] = text
    kind = KINDS.get(texts.get("what", ""))
    if kind is None:
        got = repr(texts["what"][:60]) if texts.get("what", FORMULA) != FORMULA else "nothing that can be read"
        return None, [RowError(row.number, "what", f"expected one of {', '.join(KINDS)}; got {got}")]
    values, errors = _values(kind, texts, row.number)
    moment = _moment(texts, row.number, errors)
    if errors or moment is None:
        return None, errors
    if lacking := sheet_kinds.missing(kind, values):
        return None, [RowError(row.number, "batch" if "bags" not in values else "bags", lacking)]
    event = sheet_kinds.event(kind, values, moment, party)
    return {"eventID": _event_id(event, party)} | event, []


def _values(kind: Kind, texts: dict[str, str], number: int) -> tuple[dict[str, Any], list[RowError]]:
    values: dict[str, Any] = {}
    errors = [RowError(number, name, f"is needed for {texts['what']}") for name in kind.needs if name not in texts]
    for name, text in texts.items():
        if name not in kind.columns:
            errors.append(RowError(number, name, f"is not used for {texts['what']}: leave it empty"))
            continue
        try:
            if text == FORMULA:
                raise ValueError("holds a formula: paste its value")
            values[name] = BY_NAME[name].read(text)
        except ValueError as error:
            errors.append(RowError(number, name, str(error)))
    return values, errors


def _moment(texts: dict[str, str], number: int, errors: list[RowError]) -> tuple[str, str] | None:
    """Return the event's time with its zone, and the zone; a time without zone is not guessed."""
    match = _MOMENT.fullmatch(texts.get("when", ""))
    if match is None:
        if texts.get("when") != FORMULA:
            errors.append(RowError(number, "when", "expected a date and time such as 2026-02-01T09:00"))
        return None
    given = {_zone(zone) for zone in (match[4], texts.get("zone")) if zone}
    if len(given) != 1:
        message = "is needed" if not given else "differs from the zone in when"
        errors.append(RowError(number, "zone", f"{message}: write the difference to UTC such as +02:00"))
        return None
    zone = given.pop()
    text = f"{match[1]}T{match[2]}{match[3] or ':00'}{zone}"
    if not formats.is_zone_offset(zone) or not formats.is_date_time(text) or not _in_calendar(text):
        errors.append(RowError(number, "when", f"{text[:40]} is no date and time with a zone up to 14:00"))
        return None
    return text, zone


def _zone(text: str) -> str:
    return "+00:00" if text in ("Z", "UTC") else text


def _in_calendar(text: str) -> bool:
    try:
        datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:
        return False
    return True


def _event_id(event: dict[str, Any], party: str) -> str:
    content = strict_json.dumps(event).decode()
    return f"urn:uuid:{uuid.uuid5(_NAME_SPACE, f'{party} {content}')}"

"""The earlier lots of a year whose row has reached its threshold: what is to be completed of each.

Reg. (EU) 2017/821 Art. 1(3): the obligations apply to the volume of the calendar year. The facts of a lot hold the
volume before it alone (facts.md 7), so by itself a lot that came before the crossing stays below. Here its rules are
run once more with the volume of its year: what they raise besides is told in a note of its assessment, which says how
to come to it again, and the state is no better than what is missing.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlmodel import Session

from traceability.diligence.definitions.annex_i import annex_row, threshold
from traceability.diligence.definitions.numbers import plain, total
from traceability.diligence.engine import Assessment, Finding
from traceability.diligence.engine import assess as run_rules
from traceability.diligence.status import INFO_REQUIRED, state_rank, status_of
from traceability.diligence.tables import AnnexRow
from traceability.services.facts.importer import YearVolume, kilograms, latest_record, position, released, year_volume
from traceability.storage.tables import Shipment
from traceability.texts import phrase

OWED: Final = "back_fill"
"""Kind of the note on a lot of which something is missing."""
DONE: Final = "back_filled"
"""Kind of the note on a lot that has all that the obligations ask of it."""

_BELOW: Final = "CMR-02-BELOW"


def back_fill(
    session: Session, owner_id: str, shipment_id: str, facts: Mapping[str, Any], result: Assessment
) -> list[dict[str, Any]]:
    """Return the note on a shipment record that is below by itself, and whose year has reached the threshold.

    There is none where the importer signed neither that the row's year is complete nor an opening balance.
    """
    own = latest_record(session, owner_id, shipment_id)
    row = None if own is None else annex_row(own.record)
    if own is None or row is None or all(item.code != _BELOW for item in result.findings):
        return []
    year = released(own).year
    volume = year_volume(session, owner_id, row.row_id, year)
    limit = threshold(row, year_day(year, date.fromisoformat(facts["as_of"])))
    if volume is None or volume.total < limit:
        return []
    others = total((volume.opening, *(kilograms(lot) for lot in volume.lots if lot.id != own.id)))
    stated = {"importer_ytd_kg": {row.row_id: plain(others)}}
    known = {item.code for item in result.findings}
    new = [item for item in run_rules({**facts, **stated}).findings if item.code not in known]
    return [_note(row, year, volume, limit, _serious(new), owner_id) | stated]


def year_day(year: int, as_of: date) -> date:
    """Return the day by which a year's threshold is read: ``as_of``, or the day of the year that is next to it."""
    return max(date(year, 1, 1), min(as_of, date(year, 12, 31)))


def _serious(findings: list[Finding]) -> list[Finding]:
    """Return what is missing: the findings that count for the state, so no advisory gap and nothing minor."""
    return [item for item in findings if state_rank(status_of([item])) <= state_rank(INFO_REQUIRED)]


def _note(
    row: AnnexRow, year: int, volume: YearVolume, limit: Decimal, missing: list[Finding], owner_id: str
) -> dict[str, Any]:
    by = volume.crossing(limit)
    is_own = by is not None and by.importer_id == owner_id
    codes = ", ".join(item.code for item in missing)
    said = phrase(
        f"the volume of row {row.row_id} in {year} has reached the threshold: {plain(volume.total)} kg of "
        f"{plain(limit)} kg"
    )
    said = said if by is None else _with(said, by, is_own=is_own)
    missed = phrase(f"to be completed: {codes}") if missing else phrase("no rule says that anything of it is missing")
    return {
        "kind": OWED if missing else DONE,
        "message": phrase(f"{said}. The obligations apply to this earlier lot too; {missed}"),
        "crossing": by.shipment_id if by and is_own else None,
        "findings": [item.to_dict() for item in missing],
        "review": status_of(missing) not in {INFO_REQUIRED, status_of(())},
    }


def _with(said: str, by: Shipment, *, is_own: bool) -> str:
    """Return with which lot it was reached; one under another record of the importer is not named to this one."""
    day = position(by)[0].isoformat()
    if is_own:
        return phrase(f"{said}, with the shipment record {by.shipment_id} of {day}")
    return phrase(f"{said}, with a shipment under another record of the importer of {day}")

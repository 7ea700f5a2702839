"""Notices of remedial action and their answers, as officers recorded them (Reg. (EU) 2017/821 Art. 16(3))."""

from collections.abc import Iterable, Iterator
from typing import Any

from traceability.diligence.reports.model import Column, Gap, Section, Table
from traceability.services.reports.records import LAW, Records, number
from traceability.storage.tables import CaseVersion

ARTICLE = f"{LAW} Art. 16(3)"
_MEND = "notices of authorities, POST /v1/notices"
_COLUMNS = (
    Column("notice", "Notice"), Column("authority", "Authority"), Column("country", "Country"),
    Column("received", "Received"), Column("due", "Due"), Column("status", "Status"), Column("answered", "Answered"),
    Column("said", "What answered it"), Column("entry", "Ledger entry"),
)  # fmt: skip


def remedial(had: Records) -> Section:
    """Return the notices of remedial action that are open or were received in the period, with their answers."""
    found = _notices(had)
    said = f"Notices of remedial action recorded: {len(found)}. One that was not recorded here is not counted."
    return Section("Remedial plan", (said,), (_table(found),) if found else (), law=ARTICLE)


def remedial_gaps(had: Records) -> Iterator[Gap]:
    """Yield what is not recorded: whether there is a notice at all, and the answer to each that is open."""
    found = _notices(had)
    if not found:
        yield Gap("whether an authority has asked for remedial action: no notice is recorded", ARTICLE, _MEND)
    for row in found:
        if row.record["status"] == "open":
            due = row.record.get("due", "a day that is not known")
            yield Gap(f"the answer to {_named(row.record)}, due on {due}", ARTICLE, _MEND)


def _notices(had: Records) -> list[CaseVersion]:
    first, last = (day.isoformat() for day in had.period)
    return [
        row
        for row in had.notices
        if row.record.get("kind") == "remedial_notice"
        and (row.record["status"] == "open" or first <= _received(row.record) <= last)
    ]


def _table(found: Iterable[CaseVersion]) -> Table:
    lines = tuple(
        (
            _named(row.record), row.record["authority"], row.record["authority_country"], _received(row.record),
            row.record.get("due", "not known"), row.record["status"], row.record.get("answered_on"),
            row.record.get("reason"), row.entry_index,
        )
        for row in found
    )  # fmt: skip
    return Table("remedial_notices", f"{number(len(lines), 'notice')} of remedial action", _COLUMNS, lines)


def _named(record: dict[str, Any]) -> str:
    return f"notice {record['reference']}" if "reference" in record else f"the notice of {record['issued_on']}"


def _received(record: dict[str, Any]) -> str:
    found: str = record.get("received_on", record["issued_on"])
    return found

"""An extract of the log of reads: who read which private records, when, under which mandate and for what purpose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from traceability.diligence.reports.model import About, Column, Gap, Report, Section, Table
from traceability.diligence.retention import ACCESS

KIND, TITLE, ARTICLE = "access-log", "Extract of the log of reads", "GDPR Art. 5, 30"
LONGEST = 10_000
"""Reads that one extract holds."""
_COLUMNS = (
    Column("at", "Read at", "UTC"), Column("actor", "Who"), Column("role", "Role"), Column("action", "Kind of read"),
    Column("subject", "What"), Column("whose", "Whose private records"), Column("purpose", "Purpose stated"),
    Column("mandate", "Mandate"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One read: when (UTC), by whom, what, whose records it showed, with which purpose under which mandate."""

    at: datetime
    actor: str
    role: str
    action: str
    subject: str
    whose: tuple[str, ...]
    purpose: str | None
    mandate: str | None


def extract(about: About, reads: Sequence[ReadLine], left_out: int) -> Report:
    """Return the extract of a period, oldest first; ``reads`` came newest first.

    ``left_out`` counts the older reads of the period that are not in it.
    """
    rows = tuple(_line(one) for one in reversed(reads))
    said = f"Reads of the period in this extract: {len(rows)}; left out for their number: {left_out}."
    kept = f"A read is kept for {ACCESS.years} years; older ones may be erased, on the dpo's word."
    table = Table("reads", "Reads", _COLUMNS, rows, _NOTE)
    return Report(
        kind=KIND, title=TITLE, law=ARTICLE, party_id=about.party_id, party_name=about.party_name, period=about.period,
        as_of=about.as_of, sections=(Section("Reads", (said, kept), (table,)),),
        gaps=_gaps(about, left_out), audience="authority",
    )  # fmt: skip


_NOTE = (
    "Logged are reads under a mandate, of personal values and of who reported a grievance, and comparisons of names "
    "with lists, before each was answered. What a party's own people read of its records is not logged."
)


def _line(one: ReadLine) -> tuple[str | None, ...]:
    return (
        f"{one.at:%Y-%m-%dT%H:%M:%SZ}", one.actor, one.role, one.action, one.subject,
        ", ".join(one.whose) or "nobody's", one.purpose, one.mandate or "none: its own right",
    )  # fmt: skip


def _gaps(about: About, left_out: int) -> tuple[Gap, ...]:
    found = []
    if left_out:
        said = f"{left_out} older reads of the period: an extract holds {LONGEST}"
        found.append(Gap(said, ARTICLE, "the extract of shorter periods, with from and to"))
    if about.period[0] <= about.as_of <= about.period[1]:
        said = f"reads after {about.as_of}: the period is not over"
        found.append(Gap(said, "the period asked for", "ask again after its last day"))
    return tuple(found)

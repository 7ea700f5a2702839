"""What people said about list hits, and whether it still holds: asked once, not every time (screening.md 7).

A verdict is about one subject and one list entry and is never applied to another. It survives new versions of the list
and of the matcher. It is asked for again when what tells who either side is has changed, or at its review date; "not
the same" then stops to count, "same" goes on counting until somebody says otherwise: what is unknown is not clear.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from traceability.services.facts.decided import in_force_since
from traceability.services.screening_record import screened_by
from traceability.storage.tables import CaseVersion, Decision, Screening


@dataclass(frozen=True, slots=True)
class Asked:
    """A subject and a list entry that met: the subject's key and party, and the hash of who the entry is, if known."""

    list_id: str
    entry_key: str
    subject_key: str
    party_id: str | None = None
    identity: str | None = None

    @property
    def key(self) -> str:
        """Return what a decision names."""
        return f"{self.list_id}|{self.entry_key}|{self.subject_key}"


@dataclass(frozen=True, slots=True)
class Recalled:
    """What counts of an earlier verdict: rejected, confirmed or nothing; and why it is to be confirmed again."""

    disposition: str | None = None
    again: str | None = None
    decision: Decision | None = None


NOTHING = Recalled()


@dataclass(frozen=True, slots=True)
class Contested:
    """What a party contests and nobody has answered: one hit, or without one every hit of the party; since which entry.

    ``on`` is the day it came.
    """

    hit: str | None
    party: str | None
    since: int
    on: str

    def is_about(self, row: Decision) -> bool:
        """Tell whether a verdict on a hit is about what is contested."""
        if self.hit is not None:
            return row.subject == self.hit
        return self.party is not None and (row.sides or {}).get("party") == self.party

    def opens(self, row: Decision) -> bool:
        """Tell whether a verdict has to be given again: that it is the listed party, said before it was contested."""
        return row.disposition == "confirmed" and in_force_since(row) < self.since and self.is_about(row)


class Memory:
    """The verdicts of one importer on list hits, as they hold on a day."""

    def __init__(self, rows: Iterable[Decision], today: date, contested: Sequence[Contested] = ()) -> None:
        newest = {row.subject: row for row in sorted(rows, key=in_force_since)}
        self._by_key: Mapping[str, Decision] = newest
        ordered = sorted(newest.values(), key=in_force_since)
        self._by_party = {where: row for row in ordered if (where := _where(row)) is not None}
        self._today = today
        self._contested = contested

    def recall(self, asked: Asked) -> Recalled:
        """Return the verdict on a hit, with why it is asked for again where that is so."""
        row = self._by_key.get(asked.key)
        if row is not None:
            again = self._again(row, asked)
            counts = again is None or row.disposition == "confirmed"
            return Recalled(row.disposition if counts else None, again, row)
        party = asked.party_id and self._by_party.get((asked.list_id, asked.entry_key, asked.party_id))
        return Recalled(None, f"{_said(party)} it was called or described otherwise", party) if party else NOTHING

    def _again(self, row: Decision, asked: Asked) -> str | None:
        known = (row.sides or {}).get("entry")
        if known and asked.identity and known != asked.identity:
            return f"{_said(row)} the list named this entry or its identifiers otherwise"
        if row.review_on is not None and row.review_on <= self._today:
            return f"the verdict of {row.proposed_at.date()} was to be looked at again on {row.review_on}"
        told = next((one for one in self._contested if one.opens(row)), None)
        return None if told is None else f"the party contests it since {told.on}"


def memory(session: Session, owner_id: str, today: date, *, alone: bool = True) -> Memory:
    """Return what an importer's officers have said about hits; ``alone=False`` without what one rejected alone."""
    query = select(Decision).where(
        Decision.owner_id == owner_id, Decision.subject_kind == "hit", Decision.state == "in_force"
    )
    newest = {row.subject: row for row in sorted(session.exec(query), key=in_force_since)}
    counted = (row for row in newest.values() if alone or row.needs_second or row.disposition != "rejected")
    return Memory(counted, today, contests_open(session, owner_id))


def contests_open(session: Session, owner_id: str) -> list[Contested]:
    """Return what parties contest with an importer and nobody has answered."""
    query = select(CaseVersion).where(
        CaseVersion.owner_id == owner_id, CaseVersion.kind == "contest", col(CaseVersion.latest).is_(True)
    )
    return [
        Contested(row.record.get("hit"), row.record.get("addressee"), row.entry_index, row.record["thread"][-1]["on"])
        for row in session.exec(query)
        if row.record.get("status") == "contested" and "finding" not in row.record
    ]


def sides(session: Session, hit: str, runs: Sequence[int]) -> dict[str, Any] | None:
    """Return the two sides of a hit as the runs showed it: the party and key of the subject, and who the entry is.

    Args:
        session: a session.
        hit: list, entry and subject key, as decisions name a hit.
        runs: where the entries of the runs stand that show it.

    """
    list_id, entry_key, subject_key = hit.split("|", 2)
    for run in sorted(runs, reverse=True):
        query = select(Screening).where(screened_by(run), Screening.subject_key == subject_key)
        for row in session.exec(query):
            for found in row.hits:
                if (found["list_id"], found["entry_key"]) == (list_id, entry_key):
                    return {"party": row.party_id, "subject": subject_key, "entry": found.get("identity")}
    return None


def _where(row: Decision) -> tuple[str, str, str] | None:
    party = (row.sides or {}).get("party")
    if not party:
        return None
    list_id, entry_key, _ = row.subject.split("|", 2)
    return list_id, entry_key, party


def _said(row: Decision) -> str:
    return f"when it was judged on {row.proposed_at.date()} ({row.disposition}),"

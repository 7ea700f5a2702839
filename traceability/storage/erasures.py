"""Whether the body of a ledger entry was erased, proved by the ledger itself: for receipts, packs, pages and fsck."""

from dataclasses import dataclass
from typing import Any

import orjson
from sqlmodel import Session

from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry
from traceability.storage.tables import ErasedEntry, Erasure, LedgerEntry

_BODIES = "bodies"


@dataclass(frozen=True, slots=True)
class ErasedBody:
    """The erasure entry that refers to a target, and the entry before it that keeps its last verdict."""

    target: int
    erasure: int
    verdict_entry: int
    verdict: str
    at: int
    """Milliseconds since 1970 UTC, of the erasure entry."""

    def as_dict(self) -> dict[str, str | int]:
        """Return what a reader is told of it."""
        return {"entry": self.erasure, "verdict_entry": self.verdict_entry, "verdict": self.verdict}


def erased(session: Session, index: int) -> ErasedBody | None:
    """Return the erasure that excuses the missing body of an entry; None where there is none that is proved.

    Proved is: a row of ``erased_entry`` names an entry of kind erasure whose ``ref`` holds the index and whose body is
    the hash of its stored record, and another such entry for the verdict. A row alone excuses nothing.
    """
    row = session.get(ErasedEntry, index)
    if row is None:
        return None
    done, said = _record(session, row.erasure_index, index), _record(session, row.verdict_index, index)
    if done is None or said is None or done[1].get("what") != _BODIES or said[1].get("what") != "verdict":
        return None
    verdicts = {one["entry"]: one["verdict"] for one in said[1]["verdicts"]}
    if index not in verdicts or done[1].get("verdict_entry") != row.verdict_index:
        return None
    return ErasedBody(index, row.erasure_index, row.verdict_index, verdicts[index], done[0].at)


def _record(session: Session, place: int, target: int) -> tuple[Entry, dict[str, Any]] | None:
    """Return an erasure entry that refers to the target, with its record."""
    stored, kept = session.get(LedgerEntry, place), session.get(Erasure, place)
    if stored is None or kept is None:
        return None
    entry = Entry.parse(bytes(stored.body))
    if entry.kind != "erasure" or target not in entry.ref or entry.body != digest(kept.record.encode()):
        return None
    return entry, orjson.loads(kept.record)

"""One entry of a list through its versions: which had it, under which names, and whether it was listed on a day.

Listed on a day means what a screening for that day goes by: the newest version that speaks for it, and the dates the
entry states there. Where versions contradict each other about a day, or none speaks for it, the answer is unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlmodel import Session, col, select

from traceability.errors import NotFound
from traceability.lists.coverage import coverage
from traceability.lists.diff import payload_hash
from traceability.lists.entries import ListEntry, from_payload
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.list_order import in_force, place, version_of, versions
from traceability.storage.tables import ListEntryRow, ListVersionRow
from traceability.texts import phrase

Listed = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A version and the entry as it stands in it; None where the version does not have it."""

    version: ListVersionRow
    entry: ListEntry | None


@dataclass(frozen=True, slots=True)
class OnDay:
    """Whether an entry was listed on a day, by which version, and why it is said."""

    on: date
    listed: Listed
    version: ListVersionRow
    why: str


def entry_history(service: Service, actor: Actor, list_id: str, entry_key: str) -> list[Kept]:
    """Return every version of a list, the oldest first, each with the entry as it stands there.

    Raises:
        NotFound: no such list, or no version of it had such an entry.

    """
    actor.require("read_entries", scope="read")
    with service.store.read() as session:
        rows = versions(session, [list_id]).get(list_id, [])
        found = _of(session, [row.id or 0 for row in rows], entry_key)
    if not found:
        raise NotFound(f"no version of the list {list_id[:60]!r} has an entry {entry_key[:200]!r}")
    return [Kept(row, found.get(row.id or 0)) for row in rows]


def _of(session: Session, version_ids: Sequence[int], entry_key: str) -> dict[int, ListEntry]:
    query = select(ListEntryRow.version_id, ListEntryRow.payload).where(
        col(ListEntryRow.version_id).in_(version_ids), ListEntryRow.entry_key == entry_key
    )
    return {version_id: from_payload(payload) for version_id, payload in session.exec(query)}


def listed_on(kept: Sequence[Kept], on: date) -> OnDay:
    """Return whether an entry was listed on a day."""
    rows = [one.version for one in kept]
    chosen = in_force(rows, on)
    now = next(one for one in kept if one.version is chosen)
    if now.entry is None:
        return _left(kept, chosen, on)
    first = place(chosen)[0]
    if now.entry.in_force(on):
        if on < first and now.entry.valid_from is None:
            why = phrase(
                f"the oldest version here speaks for {first.isoformat()}, and does not say since when it was listed"
            )
            return OnDay(on, "unknown", chosen, why)
        return OnDay(
            on, "yes", chosen, f"it stands in the version that speaks for {first.isoformat()}{_dates(now.entry)}"
        )
    return OnDay(on, "no", chosen, f"the version that speaks for {first.isoformat()} has it only{_dates(now.entry)}")


def _left(kept: Sequence[Kept], chosen: ListVersionRow, on: date) -> OnDay:
    """Return the answer where the version for the day does not have the entry."""
    said = phrase(f"the version that speaks for {place(chosen)[0].isoformat()} does not have it")
    later = [one.entry for one in kept if place(one.version) > place(chosen) and one.entry is not None]
    claims = [one for one in later if one.valid_from is not None and one.in_force(on)]
    if claims:
        return OnDay(on, "unknown", chosen, phrase(f"{said}, a later one does{_dates(claims[0])}"))
    cover = coverage(version_of(chosen), on=place(chosen)[0], required=False)
    if on < place(chosen)[0]:
        return OnDay(on, "unknown", chosen, phrase(f"{said}, and no version here speaks for that day"))
    if cover.state != "full":
        return OnDay(on, "unknown", chosen, phrase(f"{said}, but {cover.sentence}"))
    return OnDay(on, "no", chosen, said)


def _dates(entry: ListEntry) -> str:
    since = f" from {entry.valid_from.isoformat()}" if entry.valid_from else ""
    until = f" until {entry.valid_to.isoformat()}" if entry.valid_to else ""
    return since + until


def entry_shown(kept: Sequence[Kept], on: date | None) -> dict[str, Any]:
    """Return an entry's history as the API and the pages show it; dates are ISO 8601."""
    last = next(one.entry for one in reversed(kept) if one.entry is not None)
    gone = kept[-1].version if kept[-1].entry is None else None
    return {
        "list_id": kept[0].version.list_id,
        "entry_key": last.entry_key,
        "name": last.name,
        "kind": last.kind,
        "in_newest": gone is None,
        "versions": [_version(one, one.entry) for one in kept if one.entry is not None],
        "names": _names(kept),
        "on": None if on is None else _day(listed_on(kept, on)),
    }


def _version(one: Kept, entry: ListEntry) -> dict[str, Any]:
    return {
        "id": one.version.id,
        "version": one.version.version,
        "speaks_for": place(one.version)[0].isoformat(),
        "valid_from": entry.valid_from and entry.valid_from.isoformat(),
        "valid_to": entry.valid_to and entry.valid_to.isoformat(),
        "payload_hash": payload_hash(entry),
    }


def _names(kept: Sequence[Kept]) -> list[dict[str, Any]]:
    """Return each name with the versions it stands in: an alias may come and go while the entry stays."""
    found: dict[tuple[str, str], list[int]] = {}
    for one in kept:
        for name in one.entry.names if one.entry else ():
            found.setdefault((name.text, name.quality), []).append(one.version.id or 0)
    return [{"text": text, "quality": quality, "versions": ids} for (text, quality), ids in found.items()]


def _day(answer: OnDay) -> dict[str, Any]:
    return {
        "date": answer.on.isoformat(),
        "listed": answer.listed,
        "why": answer.why,
        "version": {"id": answer.version.id, "version": answer.version.version},
    }

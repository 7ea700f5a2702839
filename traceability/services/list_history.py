"""The versions of a list, what each changed, and the entries of one: read a page at a time, whatever a list holds."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.clock import latest_date
from traceability.errors import InvalidQuery, NotFound
from traceability.lists.age import age
from traceability.lists.diff import ListDiff, diff, payload_hash
from traceability.lists.entries import ListEntry, from_payload
from traceability.lists.fold import fold
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.list_order import place, version_of, versions
from traceability.storage.tables import ListEntryRow, ListVersionRow

PAGE = 200
_SCANNED = 5_000  # entries read for one page of those that bear a name
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, and after which key the next page goes on; None at the end."""

    rows: Sequence[ListEntry]
    after: str | None


@dataclass(frozen=True, slots=True)
class Delta:
    """What one version changed against another: counts of all, the entries of one page, where the next goes on."""

    before: ListVersionRow | None
    after: ListVersionRow
    added: int
    removed: int
    changed: int
    page: ListDiff
    next_after: str | None


def history(service: Service, list_id: str) -> list[ListVersionRow]:
    """Return a list's versions, the newest first.

    Raises:
        NotFound: no such list was ever loaded.

    """
    with service.store.read() as session:
        return _versions(session, list_id)[::-1]


def _versions(session: Session, list_id: str) -> list[ListVersionRow]:
    found = versions(session, [list_id]).get(list_id)
    if not found:
        raise NotFound(f"no list {list_id[:60]!r} is loaded")
    return found


def _named(rows: Sequence[ListVersionRow], wanted: str) -> ListVersionRow:
    """Return the version with this number, else the newest with this name."""
    for row in reversed(rows):
        if str(row.id) == wanted:
            return row
    for row in reversed(rows):
        if row.version == wanted:
            return row
    known = ", ".join(f"{row.id} ({row.version[:40]})" for row in rows[-5:])
    raise NotFound(f"{rows[0].list_id} has no version {wanted[:120]!r}; the newest are {known}")


def entries(  # what narrows a page
    service: Service, actor: Actor, list_id: str, version: str, *,
    as_of: date | None = None, name: str = "", after: str = "",
) -> Page:  # fmt: skip
    """Return a page of a version's entries in the order of their keys.

    Args:
        service: the service.
        actor: whoever may read what stands in lists.
        list_id: the list.
        version: its number or name.
        as_of: only what is in force on that day, by the dates the version states.
        name: only entries with a name that holds this, in whatever case and accents.
        after: the key after which the page begins.

    Raises:
        NotFound: no such list or version.
        InvalidQuery: a name of nothing that can be looked for.

    """
    actor.require("read_entries", scope="read")
    wanted = fold(name)
    if name and not wanted:
        raise InvalidQuery("name: expected letters or digits to look for")
    with service.store.read() as session:
        row = _named(_versions(session, list_id), version)
        return _page(_in_order(session, row, as_of, after), wanted)


def _in_order(session: Session, version: ListVersionRow, as_of: date | None, after: str) -> Iterator[ListEntry]:
    """Yield entries by key, read in chunks: the order of the database's own comparison of texts."""
    while True:
        query = select(ListEntryRow.entry_key, ListEntryRow.payload).where(ListEntryRow.version_id == version.id)
        if as_of is not None:
            query = query.where(
                sa.or_(col(ListEntryRow.valid_from).is_(None), col(ListEntryRow.valid_from) <= as_of),
                sa.or_(col(ListEntryRow.valid_to).is_(None), col(ListEntryRow.valid_to) >= as_of),
            )
        query = query.where(col(ListEntryRow.entry_key) > after) if after else query
        found = session.exec(query.order_by(col(ListEntryRow.entry_key)).limit(_CHUNK)).all()
        yield from (from_payload(payload) for _, payload in found)
        if len(found) < _CHUNK:
            return
        after = found[-1][0]


def _page(found: Iterable[ListEntry], wanted: str) -> Page:
    rows: list[ListEntry] = []
    last = ""
    for number, entry in enumerate(found):
        if len(rows) == PAGE or number == _SCANNED:
            return Page(rows, last)
        last = entry.entry_key[:200]
        if not wanted or any(wanted in fold(name.text) for name in entry.names):
            rows.append(entry)
    return Page(rows, None)


def delta(service: Service, actor: Actor, list_id: str, old: str = "", new: str = "", *, after: str = "") -> Delta:
    """Return what changed from one version of a list to another: without names, from the last but one to the newest.

    Raises:
        NotFound: no such list or version.

    """
    actor.require("read_entries", scope="read")
    with service.store.read() as session:
        rows = _versions(session, list_id)
        newer = _named(rows, new) if new else rows[-1]
        before = [row for row in rows if place(row) < place(newer)]
        older = _named(rows, old) if old else before[-1] if before else None
        return _delta(session, older, newer, after)


def _delta(session: Session, older: ListVersionRow | None, newer: ListVersionRow, after: str) -> Delta:
    """Compare by hashes, so that never more than a page of entries is held beside them."""
    old, new = _hashes(session, older), _hashes(session, newer)
    changed = {key for key in old.keys() & new.keys() if old[key] != new[key]}
    touched = sorted((old.keys() ^ new.keys()) | changed)
    page = [key for key in touched if key > after][:PAGE]
    more = bool(page) and page[-1] != touched[-1]
    return Delta(
        before=older, after=newer, added=len(new.keys() - old.keys()), removed=len(old.keys() - new.keys()),
        changed=len(changed), page=diff(_some(session, older, page), _some(session, newer, page)),
        next_after=page[-1] if more else None,
    )  # fmt: skip


def _hashes(session: Session, version: ListVersionRow | None) -> dict[str, bytes]:
    """Return the hash of what each entry of a version says; the entries are read one after another."""
    if version is None:
        return {}
    query = select(ListEntryRow.payload).where(ListEntryRow.version_id == version.id)
    read = (from_payload(payload) for payload in session.exec(query.execution_options(yield_per=_CHUNK)))
    return {entry.entry_key[:200]: bytes.fromhex(payload_hash(entry)) for entry in read}


def _some(session: Session, version: ListVersionRow | None, keys: Sequence[str]) -> list[ListEntry]:
    if version is None or not keys:
        return []
    query = select(ListEntryRow.payload).where(ListEntryRow.version_id == version.id)
    found = session.exec(query.where(col(ListEntryRow.entry_key).in_(keys)))
    return [from_payload(payload) for payload in found]


def version_shown(row: ListVersionRow) -> dict[str, Any]:
    """Return a version as the API, the command line and the pages show it; dates are ISO 8601."""
    return {
        "id": row.id,
        "version": row.version,
        "speaks_for": place(row)[0].isoformat(),
        "published_at": row.published_at and row.published_at.isoformat(),
        "retrieved_at": row.retrieved_at and row.retrieved_at.isoformat(),
        "loaded_at": row.loaded_at.isoformat(),
        "rows": row.row_count,
        "for_review": row.for_review,
        "coverage": row.coverage,
        "state": row.state,
        "source_url": row.source_url,
        "source_sha256": row.source_sha256,
        "entry_index": row.entry_index,
        "delta": row.delta,
    }


def history_shown(service: Service, actor: Actor, list_id: str) -> dict[str, Any]:
    """Return a list's versions, newest first, with how old the newest is and what its age means.

    What each version led to counts everybody's records: it is for who may know of all of them.
    """
    rows = history(service, list_id)
    now = age(version_of(rows[0]), on=latest_date(service.clock()))
    return {
        "list_id": list_id,
        "name": now.name,
        "title": rows[0].title,
        "publisher": rows[0].publisher,
        "age_days": now.age_days,
        "max_age_days": rows[0].max_age_days,
        "level": now.level,
        "sentence": now.sentence,
        "versions": [_for(actor, version_shown(row)) for row in rows],
    }


def _for(actor: Actor, version: dict[str, Any]) -> dict[str, Any]:
    whole = actor.may("count_everybody")
    return version if whole else {name: said for name, said in version.items() if name != "delta"}


def delta_shown(found: Delta, actor: Actor) -> dict[str, Any]:
    """Return what changed as the API and the command line show it to somebody."""
    return {
        "list_id": found.after.list_id,
        "from": found.before and _for(actor, version_shown(found.before)),
        "to": _for(actor, version_shown(found.after)),
        "counts": {"added": found.added, "removed": found.removed, "changed": found.changed},
        "added": [entry.payload() for entry in found.page.added],
        "removed": [entry.payload() for entry in found.page.removed],
        "changed": [
            {
                "entry_key": change.after.entry_key,
                "name": change.after.name,
                "fields": [
                    {"field": name, "before": before, "after": after} for name, (before, after) in change.fields.items()
                ],
            }
            for change in found.page.changed
        ],
        "next_after": found.next_after,
    }

"""Risk lists: loading versions into the database, and the book of those in force that rules and screenings read."""

import hashlib
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.errors import Conflict, InvalidInput, NotFound
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.lists.codes import is_reference, named, use
from traceability.lists.coverage import Coverage, coverage
from traceability.lists.entries import ListEntry, ListVersion, closed, from_payload
from traceability.lists.goods import Rule, rules
from traceability.lists.match import NameIndex
from traceability.lists.places import Places
from traceability.lists.readers.reading import Review
from traceability.lists.seedfile import ManifestRow, read_list, read_manifest, read_review
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.list_order import all_in_force, in_force, place, version_of, versions
from traceability.services.list_review import rows_for, waiting
from traceability.services.whole import lines_digest, version_bytes
from traceability.storage.jobs import enqueue
from traceability.storage.store import Transaction
from traceability.storage.tables import ListEntryRow, ListVersionRow

_ENTRIES: Any = ListEntryRow.__table__  # type: ignore[attr-defined]  # SQLModel tables carry it, its types do not say so
_CHUNK = 2000
_DROPPED = 10  # one in so many entries may leave a list without a word


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading one table did; ``added``, ``removed`` and ``altered`` count entries against the version in force."""

    list_id: str
    version: str
    rows: int
    coverage: str
    changed: bool
    added: int
    removed: int
    altered: int
    for_review: int


Watch = Callable[[str], None]
"""Told the id of a list whenever one more step of loading it is done."""


def unwatched(_list_id: str) -> None:
    """Watch nothing."""


def load_folder(
    service: Service, actor: Actor, folder: Path, dropping: Collection[str] = (), watch: Watch = unwatched
) -> list[Loaded]:
    """Load every list of a folder with a manifest, all of them or none; a table that is in force changes nothing.

    Args:
        service: opened to write.
        actor: an admin.
        folder: tables with their manifest.
        dropping: the lists of which it is known that many of the entries in force are left out.
        watch: told the id of each list once it is stored.

    Raises:
        InvalidInput: a table is not what its manifest says, or outside its expected size; nothing is loaded, and the
            versions in force stay.
        Conflict: the same, of a table that leaves out more than a tenth of what is in force and is not named.

    """
    actor.require("administer", scope="write")
    if dropping:  # entries that held somebody are let go
        actor.require("pass_lists", scope="write")
    manifest = read_manifest(folder)
    if not manifest:
        raise InvalidInput(f"{folder.name}: the manifest names no list")
    tables = [(row, *read_list(folder, row)) for row in manifest]
    rows = [[entry_row(entry) for entry in entries] for _, _, entries in tables]
    questions = [read_review(folder, row) for row in manifest]

    def change(tx: Transaction) -> list[Loaded]:
        now = tx.now  # it locks the log first: of two who load the same, the second finds it in force
        done = []
        for (row, version, _), payloads, review in zip(tables, rows, questions, strict=True):
            is_stored = _is_stored(tx.session, row, version)
            changes = (0, 0, 0) if is_stored else compared(tx.session, row.list_id, payloads)
            changed = _load(tx, now, row, version, payloads, may_drop=row.list_id in dropping, review=review)
            done.append(
                Loaded(row.list_id, version.version, row.rows, version.coverage, changed, *changes, row.for_review)
            )
            watch(row.list_id)
        return done

    return service.store.write(change)


def _load(
    tx: Transaction, now: datetime, row: ManifestRow, version: ListVersion, payloads: Sequence[Mapping[str, Any]],
    *, may_drop: bool, review: Sequence[Review] = (),
) -> bool:  # fmt: skip
    """Store one table as the version in force; return False where it was stored before.

    The same table fetched on a later day is stored again: that the list has not changed until then is its age.
    """
    if _is_stored(tx.session, row, version):
        return False
    stored = _version_row(row, version, loaded_at=now)
    if not may_drop:
        _refuse_drop(tx.session, stored, {str(item["entry_key"]) for item in payloads})
    waits = rows_for(tx.session, row.list_id, review)
    whole = version_bytes(stored, lines_digest(payloads), waits)
    stored.entry_index = tx.log.append(Entry(kind="list-version", body=digest(whole), at=milliseconds(now)))
    tx.session.execute(
        sa.update(ListVersionRow).where(col(ListVersionRow.list_id) == row.list_id).values(state="superseded")
    )
    tx.session.add(stored)
    tx.session.flush()
    for start in range(0, len(payloads), _CHUNK):
        chunk = [{"version_id": stored.id, **item} for item in payloads[start : start + _CHUNK]]
        tx.connection.execute(sa.insert(_ENTRIES), chunk)
    for one in waits:
        one.version_id = stored.id or 0
        tx.session.add(one)
    # A key of its own: a version that waits already would otherwise do the work of this one, which is another.
    enqueue(tx, "list_changed", f"{row.list_id}|{stored.id}", list_id=row.list_id, version_id=stored.id)
    return True


def _is_stored(session: Session, row: ManifestRow, version: ListVersion) -> bool:
    same = select(col(ListVersionRow.retrieved_at)).where(
        ListVersionRow.list_id == row.list_id, ListVersionRow.table_sha256 == row.table_sha256
    )
    days = session.exec(same).all()
    new = version.retrieved_at
    return bool(days) and (new is None or any(day is not None and day >= new for day in days))


def _newest(session: Session, list_id: str) -> ListVersionRow | None:
    rows = versions(session, [list_id]).get(list_id)
    return rows[-1] if rows else None


def compared(session: Session, list_id: str, payloads: Sequence[Mapping[str, Any]]) -> tuple[int, int, int]:
    """Return how many entries a table adds to the newest version of its list, leaves out, and says otherwise."""
    newest = _newest(session, list_id)
    query = select(ListEntryRow.entry_key, ListEntryRow.payload).where(
        ListEntryRow.version_id == (newest.id if newest else None)
    )
    old = {key: _said(payload) for key, payload in session.exec(query)}
    new = {str(item["entry_key"]): _said(item["payload"]) for item in payloads}
    both = old.keys() & new.keys()
    return len(new) - len(both), len(old) - len(both), sum(old[key] != new[key] for key in both)


def _said(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an entry says, whatever file it was read from."""
    return {name: value for name, value in payload.items() if name != "source_key"}


def _refuse_drop(session: Session, new: ListVersionRow, keys: AbstractSet[str]) -> None:
    """Refuse a table that leaves out much of what is in force: whoever was on it would be clear from now on.

    A list that was cut short, or exchanged for another, passes every check of its own manifest.
    """
    newest = _newest(session, new.list_id)
    if newest is None or place(new) < (place(newest)[0], 0):
        return
    query = select(ListEntryRow.entry_key, ListEntryRow.name).where(ListEntryRow.version_id == newest.id)
    there = dict(session.exec(query).all())
    gone = sorted(name for key, name in there.items() if key not in keys)
    if len(gone) * _DROPPED > len(there):
        some = "; ".join(name[:60] for name in gone[:3])
        raise Conflict(
            f"{new.list_id}: this table leaves out {len(gone)} of the {len(there)} entries of the version in force "
            f"({newest.version}), such as {some}. Nothing was loaded. Compare it with what the publisher says; where "
            f"they really left the list, load it again with --dropping {new.list_id} (over HTTP ?dropping="
            f"{new.list_id})"
        )


def _version_row(row: ManifestRow, version: ListVersion, *, loaded_at: datetime) -> ListVersionRow:
    return ListVersionRow(
        list_id=row.list_id, version=version.version, title=row.title, publisher=version.publisher,
        published_at=version.published_at, retrieved_at=version.retrieved_at, loaded_at=loaded_at,
        source_url=version.source_url, source_sha256=version.sha256, table_sha256=row.table_sha256,
        row_count=version.row_count, expected_min=version.expected_min, expected_max=version.expected_max,
        coverage=version.coverage, max_age_days=version.max_age_days, terms=version.terms[:500], state="active",
        entry_index=0, for_review=row.for_review, sources=[asdict(source) for source in version.sources],
    )  # fmt: skip


def entry_row(entry: ListEntry) -> dict[str, Any]:
    """Return a line of a list as the table keeps it, but for its version."""
    return {
        "entry_key": entry.entry_key[:200],
        "kind": entry.kind,
        "code": entry.code and entry.code[:20],
        "name": entry.name[:500],
        "valid_from": entry.valid_from,
        "valid_to": entry.valid_to,
        "payload": entry.payload(),
    }


@dataclass(frozen=True)
class ListBook:
    """The versions in force on a day with their entries: one newest version per list (facts.md 9)."""

    versions: Mapping[str, ListVersion]
    entries: Mapping[str, Sequence[ListEntry]]
    fingerprint: str
    ids: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def has_names(self) -> bool:
        """Return whether there is any name to screen against: without, nothing was screened."""
        return any(self.parties(list_id) for list_id in self.entries)

    @cached_property
    def names(self) -> NameIndex:
        """Return the index over every name list; built at first use and kept with the book."""
        return NameIndex.build(entry for list_id in self.entries for entry in self.parties(list_id))

    def parties(self, list_id: str) -> Sequence[ListEntry]:
        """Return the entries of a list that names are compared with: standing in a table for reference says nothing."""
        entries = () if is_reference(list_id) else self.entries[list_id]
        return [entry for entry in entries if entry.kind == "party"]

    @cached_property
    def places(self) -> Places:
        """Return the names of countries and their parts, as the tables and area lists of the book give them."""
        return Places.build(entry for entries in self.entries.values() for entry in entries if entry.code)

    @cached_property
    def goods(self) -> Mapping[str, Sequence[Rule]]:
        """Return the rules about goods that each list makes; empty for a list that makes none."""
        return {list_id: rules(self.versions[list_id], entries) for list_id, entries in self.entries.items()}

    @cached_property
    def _by_key(self) -> Mapping[tuple[str, str], ListEntry]:
        return {(name, one.entry_key): one for name, entries in self.entries.items() for one in entries}

    def entry(self, list_id: str, entry_key: str) -> ListEntry:
        """Return one line of a list; raises KeyError where the book has none of that key."""
        return self._by_key[list_id, entry_key]

    def coverage(self, on: date, required: frozenset[str]) -> list[Coverage]:
        """Return how each list stood on a day: the required ones, and every other that was asked.

        Tables that are there for reference only are asked by nobody.
        """
        asked = sorted(required | {list_id for list_id in self.versions if not is_reference(list_id)})
        return [
            coverage(self.versions.get(list_id), on=on, required=list_id in required, list_id=list_id)
            for list_id in asked
        ]


class Books:
    """Keeps the last few books of a process; a new list version makes a new fingerprint and so a new book."""

    _KEPT = 3

    def __init__(self) -> None:
        self._books: dict[str, ListBook] = {}
        self._lock = threading.Lock()

    def at(self, session: Session, as_of: date) -> ListBook:
        """Return the book for a day."""
        chosen = all_in_force(session, as_of)
        waits = waiting(session, [row.id or 0 for row in chosen])
        said = "|".join(f"{row.id}/{waits.get(row.id or 0, 0)}" for row in chosen)
        fingerprint = hashlib.sha256(said.encode()).hexdigest()
        with self._lock:
            if fingerprint not in self._books:
                while len(self._books) >= self._KEPT:
                    del self._books[next(iter(self._books))]
                self._books[fingerprint] = _book(session, chosen, waits, fingerprint)
            return self._books[fingerprint]


def version_in_force(service: Service, list_id: str, on: date) -> ListVersionRow:
    """Return a list's version in force on a day.

    Raises:
        NotFound: no such list is loaded.

    """
    with service.store.read() as session:
        rows = versions(session, [list_id]).get(list_id)
    if not rows:
        raise NotFound(f"no list {list_id[:60]!r} is loaded")
    return in_force(rows, on)


def _book(session: Session, chosen: Sequence[ListVersionRow], waits: Mapping[int, int], fingerprint: str) -> ListBook:
    versions = {row.list_id: version_of(row, waits.get(row.id or 0, 0)) for row in chosen}
    ids = {row.list_id: row.id or 0 for row in chosen}
    entries = {row.list_id: _entries(session, row) for row in chosen}
    return ListBook(versions, entries, fingerprint, ids)


def _entries(session: Session, version: ListVersionRow) -> list[ListEntry]:
    """Return a version's entries and those of earlier ones, closed on the day before the version that dropped them."""
    earlier = select(ListVersionRow).where(ListVersionRow.list_id == version.list_id)
    steps = sorted((row for row in session.exec(earlier) if place(row) < place(version)), key=place)
    gone: dict[str, ListEntry] = {}
    before: list[ListEntry] = []
    for row in [*steps, version]:
        current = _read(session, row.id)
        keys = {entry.entry_key for entry in current}
        last = place(row)[0] - timedelta(days=1)
        gone |= {entry.entry_key: closed(entry, last) for entry in before if entry.entry_key not in keys}
        gone = {key: entry for key, entry in gone.items() if key not in keys}
        before = current
    return [*before, *gone.values()]


def _read(session: Session, version_id: int | None) -> list[ListEntry]:
    rows = session.exec(select(ListEntryRow.payload).where(ListEntryRow.version_id == version_id))
    return [from_payload(payload) for payload in rows]


def status(service: Service, on: date, *, whole: bool = True) -> list[dict[str, Any]]:
    """Return every list's version in force with its age and coverage, for people and `lists status`.

    ``whole`` tells besides what each led to, which counts everybody's records.
    """
    with service.store.read() as session:
        rows = all_in_force(session, on)
        waits = waiting(session, [row.id or 0 for row in rows])
    found = []
    for row in rows:
        now = coverage(version_of(row, waits.get(row.id or 0, 0)), on=on, required=False)
        found.append(
            {
                "list_id": row.list_id,
                "name": named(row.list_id, row.title),
                "title": row.title,
                "use": use(row.list_id),
                "publisher": row.publisher,
                "version": row.version,
                "published_at": row.published_at and row.published_at.isoformat(),
                "retrieved_at": row.retrieved_at and row.retrieved_at.isoformat(),
                "rows": row.row_count,
                "for_review": row.for_review,
                "coverage": now.state,
                "age_days": now.age_days,
                "max_age_days": row.max_age_days,
                "sentence": now.sentence,
                "source_url": row.source_url,
                "source_sha256": row.source_sha256,
                "sources": row.sources,
                "entry_index": row.entry_index,
                **({"delta": row.delta} if whole else {}),
            }
        )
    return found

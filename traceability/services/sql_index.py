"""The same matching as `lists.match.NameIndex`, over the tables by which names are looked up: nothing is built.

For a process that must not hold an index. Entries come from the book of the day, so that what is asked is what was in
force then; names of entries that the book does not hold are passed over.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from traceability.lists.candidates import KEPT
from traceability.lists.entries import ListEntry, Name
from traceability.lists.match import Listed, NameIndex, known_of
from traceability.lists.nameform import forms_of
from traceability.lists.orgforms import default_forms
from traceability.services.lists import ListBook
from traceability.services.name_postings import TEXT, is_indexed, versions_of
from traceability.storage.ids import id_set
from traceability.storage.postings import SqlPostings
from traceability.storage.tables import MatchName

_NAME: Any = MatchName.__table__  # type: ignore[attr-defined]  # SQLModel tables carry it, its types do not say so
_Entries = Mapping[tuple[str, str], ListEntry]


def index_of(session: Session, book: ListBook, lists: Collection[str] | None = None) -> NameIndex:
    """Return what answers for some lists of a book, or all: the tables where they hold all of it, else memory.

    The index in memory answers too where it has been made already: it is quicker.
    """
    if "names" not in vars(book):
        versions = versions_of(session, [name for name in book.entries if book.parties(name)])
        if is_indexed(session, "L", *versions):
            return sql_index(session, book, lists)
    return book.names if lists is None else book.names.narrowed(lists)


def sql_index(session: Session, book: ListBook, lists: Collection[str] | None = None) -> NameIndex:
    """Return an index over the tables, good as long as the session is."""
    names = [name for name in book.entries if lists is None or name in lists]
    entries = {(one.list_id, one.entry_key): one for name in names for one in book.parties(name)}
    looked_up = _LookedUp(session.connection(), entries, lists)
    return NameIndex(looked_up, _Folds(looked_up), _Numbers(looked_up), looked_up, default_forms())


class _LookedUp(Sequence[Listed]):
    """Names as they are needed, those of one answer in one statement; also the port for candidates."""

    def __init__(self, connection: sa.Connection, entries: _Entries, lists: Collection[str] | None) -> None:
        self.connection, self.entries = connection, entries
        self.postings = SqlPostings(connection, "L", lists)
        self._names: dict[int, Listed] = {}

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, number: Any) -> Any:
        return self._names[number]

    def nearest(self, keys: Sequence[str], kept: int = KEPT) -> Sequence[int]:
        """Return the candidates that the book holds."""
        return self.fetch(self.postings.nearest(keys, kept))

    def fetch(self, numbers: Sequence[int]) -> list[int]:
        """Read these names; return those the book holds, in the same order."""
        missing = [number for number in numbers if number not in self._names]
        query = sa.select(_NAME).where(_NAME.c.id.in_(id_set(missing, self.connection.dialect.name)))
        for row in self.connection.execute(query) if missing else ():
            entry = self.entries.get((row.list_id, row.owner))
            for listed in _listed(entry, row) if entry is not None else ():
                self._names[row.id] = listed
        return [number for number in numbers if number in self._names]


def _listed(entry: ListEntry, row: Any) -> Iterator[Listed]:
    """Yield the name as the entry bears it in this book; an older version's name may be another, or gone."""
    name = next((one for one in entry.names if one.text[:TEXT] == row.text), None)
    if name is not None and entry.schema[:20] == row.kind:
        forms = list(forms_of(name.text, entry.schema, default_forms()))
        yield Listed(entry, Name(name.text, name.quality), forms[row.form], known_of(entry))


class _Folds(Mapping[str, Sequence[int]]):
    """The names by their folded form."""

    def __init__(self, looked_up: _LookedUp) -> None:
        self._looked_up = looked_up

    def __getitem__(self, folded: str) -> Sequence[int]:
        return self._looked_up.fetch(self._looked_up.postings.equal(folded))

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class _Numbers(Mapping[tuple[str, str, str], Sequence[ListEntry]]):
    """The entries by identifier."""

    def __init__(self, looked_up: _LookedUp) -> None:
        self._looked_up = looked_up

    def __getitem__(self, key: tuple[str, str, str]) -> Sequence[ListEntry]:
        found = self._looked_up.fetch(self._looked_up.postings.bearing([f"i:{'|'.join(key)}"[:400]]))
        return list({id(entry): entry for entry in (self._looked_up[number].entry for number in found)}.values())

    def __iter__(self) -> Iterator[tuple[str, str, str]]:
        return iter(())

    def __len__(self) -> int:
        return 0

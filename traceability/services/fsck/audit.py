"""What every check of an audit needs: one snapshot, the log's keys and salt, the entries, and the report."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from traceability.ledger.encoding import b64u, digest
from traceability.ledger.entry import milliseconds
from traceability.services.fsck.pages import Unreadable, rows
from traceability.services.fsck.report import Report
from traceability.storage.erasures import erased
from traceability.storage.files import FileStore
from traceability.storage.ids import chunks
from traceability.storage.tables import LedgerEntry, PartyKey

#: Our tables by name, as SQLAlchemy has them.
TABLES: Mapping[str, Any] = SQLModel.metadata.tables
_KEY: Any = TABLES[str(PartyKey.__tablename__)]
_PARTY: Any = TABLES["party"]
_ERASURES = 100
_ENTRY: Any = TABLES[str(LedgerEntry.__tablename__)]
_SAID = sa.select(_ENTRY.c.index, _ENTRY.c.body).where(_ENTRY.c.index.in_(sa.bindparam("some", expanding=True)))
_TOLD = 80


@dataclass(frozen=True, slots=True)
class Said:
    """What an entry says (see `ledger.entry.Entry`); no form is checked: its bytes are held to the signed roots."""

    kind: str
    body: str
    at: int
    v: int = 1
    jws: str | None = None
    alg: str | None = None
    key: str | None = None
    who: str | None = None
    n: int | None = None
    eid: str | None = None
    ref: Sequence[int] = ()

    @classmethod
    def of(cls, data: bytes) -> "Said | None":
        """Read an entry; None where it is none."""
        try:
            said = cls(**orjson.loads(data))
        except (TypeError, orjson.JSONDecodeError):
            return None
        return replace(said, ref=tuple(said.ref)) if said.ref else said


class Stopped(Exception):  # nothing went wrong
    """The audit was given up because the process ends; nothing was found out."""


@dataclass(slots=True)
class Audit:
    """One audit under way."""

    session: Session
    who: Callable[[str], str]
    """Pseudonym of a party under the ledger's salt."""
    files: FileStore
    report: Report
    later: Callable[[], AbstractContextManager[Session]]
    """Opens a newer snapshot: for what is not in the database, and may have gone since ours was taken."""
    is_stopped: Callable[[], bool] = lambda: False
    """Tells whether to give up; asked again and again while rows are read."""
    keys: dict[str, Any] = field(default_factory=dict)
    """Registered keys by id; few beside everything else."""
    dids: dict[str, str] = field(default_factory=dict)
    """DIDs of the parties by their ids."""
    by_thumbprint: dict[str, Any] = field(default_factory=dict)
    erased: set[int] = field(default_factory=set)
    """Indices of the entries whose bodies an ``erasure`` entry says are gone; see `is_excused`."""
    repeated: dict[int, frozenset[str] | None] = field(default_factory=dict)
    """By erasure, the captures without an entry whose bytes it took; None where it names nothing at all."""
    spelled: set[int] = field(default_factory=set)
    """Ids of the items that some event names in the spelling of their row: one number for each item."""

    def load_erasures(self) -> None:
        """Read once the bodies of which entries were erased: where record and entry of an erasure say so.

        Entries of that kind also stand for last verdicts and for personal values that went; these excuse nothing.
        """
        for some in batched(self.rows("erasure", ("entry_index",)), _ERASURES):
            entries = self.entries(row.entry_index for row in some)
            for row in some:
                said = entries.get(row.entry_index)
                if said is None or said.kind != "erasure" or said.body != digest(row.record.encode()):
                    self.problem("erasure", row.entry_index, "record: it is not what its ledger entry stands for")
                elif (record := orjson.loads(row.record)).get("what") == row.what == "bodies":
                    self.erased.update(said.ref)
                    nothing = not said.ref and "repeated" not in record  # as it was recorded before
                    self.repeated[row.entry_index] = None if nothing else frozenset(record.get("repeated", ()))

    def is_excused(self, index: int | None) -> bool:
        """Return whether the body that an entry stands for may be missing: it was erased, and the log says so.

        The one place that decides it, for captures, records and files alike. Nothing but an ``erasure`` entry that
        refers to the entry, and whose record says that bodies went, excuses anything: nobody can add one afterwards
        without it being seen.
        """
        return index is not None and index in self.erased

    def is_repetition_gone(self, row: Any) -> bool:
        """Return whether a capture without an entry, of what was there already, may have lost its bytes.

        The erasure that it names took them, or those of all its events.
        """
        if row.entry_index is not None or row.erased_index not in self.repeated:
            return False
        named = self.repeated[row.erased_index]
        return named is None or row.id in named or self.erased.issuperset(one["index"] for one in row.events)

    def was_erased_since(self, index: int) -> bool:
        """Return whether the body that an entry stands for was erased after our snapshot, as the log by now proves.

        Asked only of what is outside the database: everything in it is read from the one snapshot.
        """
        with self.later() as session:
            return erased(session, index) is not None

    def load_keys(self) -> None:
        """Read the registered keys once, and the DIDs of their parties."""
        parties = sa.select(_PARTY.c.id, _PARTY.c.did)
        self.dids = {row[0]: row[1] for row in self.session.connection().execute(parties)}
        for row in self.rows("party_key"):
            self.keys[row.id] = self.by_thumbprint[row.thumbprint] = row

    def rows(
        self, table: str, order: Sequence[str] | None = None, *, size: int = 500, where: Any = None, again: bool = False
    ) -> Iterator[Any]:
        """Yield the rows of a table that can be read, in bounded memory; each other one is a problem.

        Rows that are looked at ``again``, to compare others with them, are neither counted nor told of twice.

        Raises:
            Stopped: the process ends.

        """
        for row in rows(self.session, TABLES[table], order, size=size, where=where):
            if self.is_stopped():
                raise Stopped
            if not isinstance(row, Unreadable):
                self.report.saw(table, 0 if again else 1)
                yield row
            elif not again:
                self.problem(table, None, f"the row {row.key} cannot be read: {row.told}")

    def entries(self, indices: Iterable[int | None]) -> dict[int, Said]:
        """Return the entries that stand at these indices and can be read; the check of the log tells of others."""
        found: dict[int, Said] = {}
        for some in chunks({index for index in indices if isinstance(index, int)}):
            for index, body in self.session.connection().execute(_SAID, {"some": some}):
                said = Said.of(bytes(body)) if isinstance(body, bytes) else None
                if said is not None:
                    found[index] = said
        return found

    def problem(self, table: str, index: int | None, what: str) -> None:
        """Note a problem."""
        self.report.add(table, index, what)

    def same(self, table: str, index: int | None, expected: Mapping[str, Any], row: Any) -> bool:
        """Compare by column what should be stored with the row; every difference is a problem of its own."""
        different = [name for name, value in expected.items() if value != getattr(row, name)]
        for name in different:
            told = f"{name}: expected {_short(expected[name])}; stored is {_short(getattr(row, name))}"
            self.problem(table, index, told)
        return not different

    def stands_for(self, table: str, index: int | None, entry: Said | None, expected: Mapping[str, Any]) -> bool:
        """Check that an entry says of a row what its columns give (names of `Said`; ``kind`` may be several)."""
        if entry is None:
            self.problem(table, index, "the row names no entry of the log, or one that cannot be read")
            return False
        kinds = expected.get("kind", entry.kind)
        if entry.kind not in ((kinds,) if isinstance(kinds, str) else kinds):
            self.problem(table, index, f"the row names an entry of kind {entry.kind}")
            return False
        left_out = ("kind", "body", "jws") if self.is_excused(index) else ("kind",)
        wrong = [name for name, value in expected.items() if name not in left_out and getattr(entry, name) != value]
        for name in wrong:
            self.problem(table, index, f"the entry's {name} is not what the row gives: {_MEANS[name]}")
        return not wrong

    def key_fields(self, key_id: str | None) -> dict[str, Any]:
        """Return what an entry says of a registered key."""
        key = self.keys.get(key_id or "")
        return {"alg": key and key.alg, "key": key and key.thumbprint}


_MEANS = {
    "body": "the bytes or the record were changed",
    "jws": "the signature was changed",
    "alg": "another key",
    "key": "another key",
    "who": "another party",
    "at": "another moment",
    "ref": "another earlier entry",
    "n": "another position",
    "eid": "another event id",
}


def batched(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Yield items in lists, so that their entries are read together."""
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def moment_of(moment: datetime) -> int | None:
    """Return a moment as entries have it, in milliseconds; None for one that we do not write, with more digits."""
    return None if moment.microsecond % 1000 else milliseconds(moment)


def hash_of(sha256: str) -> str | None:
    """Return a hash in the form that entries have it in; None where it is none in lower-case hexadecimal."""
    try:
        return b64u(bytes.fromhex(sha256)) if sha256 == sha256.lower() else None
    except ValueError:
        return None


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _TOLD else f"{text[:_TOLD]}..."

"""Candidates from SQL: the adapter of ``lists.candidates`` over plain tables, the same on SQLite and PostgreSQL."""

import json
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, Literal

import orjson
import sqlalchemy as sa

from traceability.lists.candidates import KEPT, MOST_BORNE, chosen
from traceability.lists.postings import Postings
from traceability.storage.ids import chunks
from traceability.storage.rows import insert_rows
from traceability.storage.tables import MatchName

Side = Literal["L", "P"]
NAMES: Final = ""
"""The key that counts the names of a side."""
_NAME: Any = MatchName.__table__  # type: ignore[attr-defined]  # SQLModel tables carry it, its types do not say so
_ROWS: Final = {
    "sqlite": "(SELECT value ->> 0 AS a, value ->> 1 AS b FROM json_each(:rows))",
    "postgresql": (
        "(SELECT e ->> 0 AS a, CAST(e ->> 1 AS bigint) AS b FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS e)"
    ),
}
_COUNT: Final = (
    "INSERT INTO match_key (side, key, borne) SELECT :side, a, b FROM {rows} r WHERE true "
    "ON CONFLICT (side, key) DO UPDATE SET borne = match_key.borne + excluded.borne RETURNING id, key"
)
# A posting goes over as one number: a list of numbers is read several times as quickly as a list of pairs.
_BITS: Final = 32
_POST: Final = "INSERT INTO match_posting (key_id, name_id) SELECT p >> 32, p & 4294967295 FROM {packed}"
_PACKED: Final = {
    "sqlite": "(SELECT value AS p FROM json_each(:packed))",
    "postgresql": "unnest(CAST(translate(:packed, '[]', '{}') AS bigint[])) AS p",
}
_GIVEN_OUT: Final = "SELECT nextval(pg_get_serial_sequence('match_name', 'id')) FROM generate_series(1, :many)"
_ADD_NAME: Final = sa.insert(_NAME)
# Cross joins are written in the order they are to run in: SQLite would read every key of a side to find twenty.
_BORNE: Final = "SELECT k.key, k.borne, k.id FROM {rows} r CROSS JOIN match_key k WHERE k.side = :side AND k.key = r.a"
_SHARED: Final = (
    "SELECT p.name_id FROM {rows} r CROSS JOIN match_posting p WHERE p.key_id = CAST(r.a AS bigint) "
    "{among}GROUP BY p.name_id ORDER BY sum(r.b) DESC, p.name_id LIMIT :kept"
)
_AMONG: Final = "AND EXISTS (SELECT 1 FROM match_name n WHERE n.id = p.name_id AND n.list_id IN :lists) "
_HELD: Final = (
    "SELECT p.key_id, {numbers} FROM {rows} r CROSS JOIN match_posting p WHERE p.key_id = CAST(r.a AS bigint) "
    "GROUP BY p.key_id"
)
_NUMBERS: Final = {
    "sqlite": "group_concat(p.name_id, ',')", "postgresql": "string_agg(CAST(p.name_id AS text), ',')"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Keyed:
    """A name to be kept with its keys."""

    list_id: str
    owner: str
    text: str
    kind: str
    form: int
    folded: str
    keys: tuple[str, ...]

    def row(self, side: Side) -> dict[str, Any]:
        """Return the row of the name itself."""
        # Written out: `dataclasses.asdict` would copy all keys of the name first.
        return {
            "side": side, "list_id": self.list_id, "owner": self.owner, "text": self.text, "kind": self.kind,
            "form": self.form, "folded": self.folded,
        }  # fmt: skip


class SqlPostings:
    """The SQL adapter of `candidates.Candidates` for one side; names are known by the ids of their rows.

    With ``lists`` only names of these lists are candidates: others take no place among them.
    """

    def __init__(self, connection: sa.Connection, side: Side, lists: Collection[str] | None = None) -> None:
        self._connection, self._side = connection, side
        self._lists = None if lists is None else sorted(lists)
        self._dialect = connection.dialect.name

    def nearest(self, keys: Sequence[str], kept: int = KEPT) -> Sequence[int]:
        """Return the ids of the names that share most with ``keys``; of equals the earlier name first."""
        if not keys:
            return ()
        asked = [[key, 0] for key in (NAMES, *keys)]
        found = {key: (borne, number) for key, borne, number in self._run(_BORNE, asked, side=self._side)}
        names = found.pop(NAMES, (0, 0))[0]
        weights = chosen({key: borne for key, (borne, _) in found.items()}, names)
        rows = [[str(found[key][1]), weight] for key, weight in weights]
        return self._shared(rows, kept) if rows else ()

    def _shared(self, rows: Sequence[Sequence[Any]], kept: int) -> list[int]:
        """Return the names that share most with weighted keys, given by their ids."""
        if self._lists is None:
            return [number for (number,) in self._run(_SHARED.replace("{among}", ""), rows, kept=kept)]
        statement = _SHARED.replace("{among}", _AMONG)
        return [number for (number,) in self._run(statement, rows, kept=kept, lists=self._lists)]

    def held(self, keys: Iterable[str]) -> Postings:
        """Return in memory what answers for any of these keys, and like the tables: for many names asked at once."""
        asked = [[key, 0] for key in (NAMES, *keys)]
        found = {key: (borne, number) for key, borne, number in self._run(_BORNE, asked, side=self._side)}
        names = found.pop(NAMES, (0, 0))[0]
        wanted = {number: key for key, (borne, number) in found.items() if borne <= MOST_BORNE}
        statement = _HELD.replace("{numbers}", _NUMBERS[self._dialect])
        rows = self._run(statement, [[str(number), 0] for number in sorted(wanted)]) if wanted else []
        return Postings({wanted[key]: array("I", map(int, numbers.split(","))) for key, numbers in rows}, names)

    def equal(self, *folded: str) -> Sequence[int]:
        """Return the ids of the names whose folded form is one of these."""
        found: list[int] = []
        for some in chunks(folded):
            query = sa.select(_NAME.c.id).where(_NAME.c.side == self._side, _NAME.c.folded.in_(some))
            found += self._connection.execute(query.order_by(_NAME.c.id)).scalars()
        return found

    def bearing(self, keys: Sequence[str]) -> Sequence[int]:
        """Return the ids of every name that bears one of the keys, however many bear it."""
        found = self._run(_BORNE, [[key, 0] for key in keys], side=self._side) if keys else []
        rows = [[str(number), 0] for _, _, number in found]
        return self._shared(rows, 1 << 62) if rows else ()

    def add(self, names: Iterable[Keyed]) -> int:
        """Keep names with their keys; return how many there were."""
        chunk = list(names)
        if not chunk:
            return 0
        numbers = self._numbers(len(chunk))
        rows = [{"id": number, **one.row(self._side)} for number, one in zip(numbers, chunk, strict=True)]
        insert_rows(self._connection, _ADD_NAME, rows)
        ids = self._ids({**Counter(chain.from_iterable([one.keys for one in chunk])), NAMES: len(chunk)})
        pairs = zip(numbers, chunk, strict=True)
        self._post(sorted([ids[key] << _BITS | number for number, one in pairs for key in one.keys]))
        return len(chunk)

    def _post(self, packed: Sequence[int]) -> None:
        statement = _POST.replace("{packed}", _PACKED[self._dialect])
        self._connection.execute(sa.text(statement), {"packed": orjson.dumps(packed).decode()})

    def _numbers(self, many: int) -> list[int]:
        """Return ids for so many names, ascending: given out by PostgreSQL; on SQLite nobody else writes meanwhile."""
        if self._dialect == "postgresql":
            return sorted(self._connection.execute(sa.text(_GIVEN_OUT), {"many": many}).scalars())
        last = self._connection.execute(sa.select(sa.func.max(_NAME.c.id))).scalar() or 0
        return list(range(last + 1, last + 1 + many))

    def _ids(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Count the keys; in one order everywhere, so that two who do so at once never wait for each other."""
        rows = [list(item) for item in sorted(counts.items())]
        return {key: number for number, key in self._run(_COUNT, rows, side=self._side)}

    def _run(self, statement: str, rows: Sequence[Sequence[Any]], **values: Any) -> Any:
        text = sa.text(statement.format(rows=_ROWS[self._dialect]))
        if "lists" in values:
            text = text.bindparams(sa.bindparam("lists", expanding=True))
        return self._connection.execute(text, {"rows": json.dumps(rows, ensure_ascii=False), **values})


def clear(connection: sa.Connection, side: Side) -> None:
    """Forget every name of a side."""
    for statement in (
        "DELETE FROM match_posting WHERE key_id IN (SELECT id FROM match_key WHERE side = :side)",
        "DELETE FROM match_key WHERE side = :side",
        "DELETE FROM match_name WHERE side = :side",
        "DELETE FROM match_indexed WHERE side = :side",
    ):
        connection.execute(sa.text(statement), {"side": side})

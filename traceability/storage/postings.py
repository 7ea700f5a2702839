"""Candidates from SQL: the adapter of ``lists.candidates`` over plain tables, the same on SQLite and PostgreSQL."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from sys import maxsize
from typing import TYPE_CHECKING, Any, Final, Literal

import orjson
import sqlalchemy as sa

from traceability.lists.candidates import KEPT, MOST_BORNE, chosen
from traceability.lists.misspelt import Vocabulary, asked_parts, doubtful, key_of, parts_of, word_of
from traceability.lists.postings import Postings, likeliest
from traceability.storage.ids import chunks
from traceability.storage.rows import insert_rows
from traceability.storage.tables import MatchName, MatchWord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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
    "ON CONFLICT (side, key) DO UPDATE SET borne = match_key.borne + excluded.borne RETURNING id, key, borne"
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
_ADD_WORD: Final = sa.insert(MatchWord)
# Cross joins are written in the order they are to run in: SQLite would read every key of a side to find twenty.
_BORNE: Final = "SELECT k.key, k.borne, k.id FROM {rows} r CROSS JOIN match_key k WHERE k.side = :side AND k.key = r.a"
# What a key or a part has comes as one text: a row for each would cost ten times as much to hand over and to sum up.
_HELD: Final = (
    "SELECT r.a, (SELECT {joined} FROM match_posting p WHERE p.key_id = CAST(r.a AS bigint) {among}) FROM {rows} r"
)
_AMONG: Final = "AND EXISTS (SELECT 1 FROM match_name n WHERE n.id = p.name_id AND n.list_id IN :lists)"
_WORDS: Final = "SELECT r.a, (SELECT {joined} FROM match_word w WHERE w.side = :side AND w.part = r.a) FROM {rows} r"
_JOINED: Final = {"sqlite": "group_concat({of}, ' ')", "postgresql": "string_agg(CAST({of} AS text), ' ')"}


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
        found = self._borne((NAMES, *keys))
        names = found.pop(NAMES, (0, 0))[0]
        counts = {key: borne for key, (borne, _) in found.items()}
        meant = self._borne(self._meant(doubtful(keys, counts)) - counts.keys())
        found |= meant
        weights = dict(chosen({key: borne for key, (borne, _) in found.items()}, names, meant))
        held = self._held({found[key][1]: key for key in weights})
        return likeliest([(held[key], weight) for key, weight in weights.items() if key in held], kept)

    def _held(self, wanted: Mapping[int, str]) -> "dict[str, NDArray[np.uint32]]":
        """Return the names that bear each of these keys, given with their ids; of the lists that are asked."""
        import numpy as np

        rows = [[str(number), 0] for number in sorted(wanted)]
        if not rows:
            return {}
        among, lists = ("", {}) if self._lists is None else (_AMONG, {"lists": self._lists})
        statement = _HELD.replace("{joined}", self._joined("p.name_id")).replace("{among}", among)
        return {
            wanted[int(number)]: np.fromstring(names, np.uint32, sep=" ")
            for number, names in self._run(statement, rows, **lists)
            if names
        }

    def _joined(self, column: str) -> str:
        return _JOINED[self._dialect].replace("{of}", column)

    def _borne(self, keys: Iterable[str]) -> dict[str, tuple[int, int]]:
        """Return of the keys that are borne by how many names, and their ids."""
        asked = [[key, 0] for key in keys]
        found = self._run(_BORNE, asked, side=self._side) if asked else ()
        return {key: (borne, number) for key, borne, number in found}

    def _meant(self, words: Iterable[str]) -> set[str]:
        """Return the keys of what these words may have been meant to be."""
        asked = list(words)
        parts = [[part, 0] for part in {part for word in asked for part in asked_parts(word)}]
        statement = _WORDS.replace("{joined}", self._joined("w.word"))
        found = self._run(statement, parts, side=self._side) if parts else ()
        vocabulary = Vocabulary({part: words.split() for part, words in found if words})
        return {key_of(other) for word in asked for other in vocabulary.meant(word)}

    def held(self, keys: Iterable[str]) -> Postings:
        """Return in memory what answers for any of these keys, and like the tables: for many names asked at once.

        But it is asked from the other side, where each word may be what somebody's misspelt one was meant to be,
        however many bear it.
        """
        asked = {NAMES, *keys}
        asked |= self._meant(filter(None, map(word_of, asked)))
        found = self._borne(asked)
        names = found.pop(NAMES, (0, 0))[0]
        wanted = {number: key for key, (borne, number) in found.items() if borne <= MOST_BORNE}
        return Postings(self._held(wanted), names, maxsize)

    def equal(self, *folded: str) -> Sequence[int]:
        """Return the ids of the names whose folded form is one of these."""
        found: list[int] = []
        for some in chunks(folded):
            query = sa.select(_NAME.c.id).where(_NAME.c.side == self._side, _NAME.c.folded.in_(some))
            found += self._connection.execute(query.order_by(_NAME.c.id)).scalars()
        return found

    def bearing(self, keys: Sequence[str]) -> Sequence[int]:
        """Return the ids of every name that bears one of the keys, however many bear it."""
        held = self._held({number: key for key, (_, number) in self._borne(keys).items()})
        return sorted({number for numbers in held.values() for number in numbers.tolist()})

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
        found = list(self._run(_COUNT, rows, side=self._side))
        self._add_words([word for _, key, borne in found if borne == counts[key] and (word := word_of(key))])
        return {key: number for number, key, _ in found}

    def _add_words(self, words: Iterable[str]) -> None:
        """Keep words that nobody bore before by how they begin and end."""
        rows = [{"side": self._side, "part": part, "word": word} for word in words for part in parts_of(word)]
        insert_rows(self._connection, _ADD_WORD, rows)

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
        "DELETE FROM match_word WHERE side = :side",
        "DELETE FROM match_indexed WHERE side = :side",
    ):
        connection.execute(sa.text(statement), {"side": side})

"""Names against every list of parties in force: the one place that asks the index, whoever asks and whatever it is."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import orjson

from traceability.errors import Conflict, InvalidInput
from traceability.lists import candidates
from traceability.lists.answer import answer, candidate
from traceability.lists.coverage import Coverage
from traceability.lists.diff import identity_hash
from traceability.lists.match import Hit, Query
from traceability.lists.required import required_lists
from traceability.lists.version import MATCHER_VERSION
from traceability.services.context import Service
from traceability.services.lists import ListBook
from traceability.services.sql_index import index_of

_FEW: Final = 50
"""Up to so many names are looked up in the tables; for more it is quicker to hold an index in memory."""


@dataclass(frozen=True, slots=True)
class Matched:
    """What asking several names gave, in their order, and how complete the lists asked were on that day."""

    book: ListBook
    as_of: date
    hits: tuple[tuple[Hit, ...], ...]
    coverage: tuple[Coverage, ...]
    review_from: Decimal

    def coverage_rows(self) -> list[dict[str, Any]]:
        """Return how complete each list was, as JSON."""
        return [
            {
                "list_id": item.list_id,
                "version": item.version,
                "state": item.state,
                "published_at": item.published_at and item.published_at.isoformat(),
                "age_days": item.age_days,
                "rows": self.book.versions[item.list_id].row_count if item.version is not None else 0,
                "sentence": item.sentence,
            }
            for item in self.coverage
        ]

    def answers(self, queries: Sequence[tuple[str | None, Query]], limit: int | None = None) -> list[dict[str, Any]]:
        """Return what is said of each query, with at most ``limit`` candidates each; ids come with the queries."""
        return [
            answer(query, hits, [self._candidate(hit) for hit in hits[:limit]], key, self.review_from)
            for (key, query), hits in zip(queries, self.hits, strict=True)
        ]

    def _candidate(self, hit: Hit) -> dict[str, Any]:
        return candidate(hit, self.book.versions[hit.list_id].version, self.review_from)


def match_many(
    service: Service, queries: Sequence[Query], as_of: date, lists: Collection[str] | None = None
) -> Matched:
    """Compare each query with the lists of parties in force on a day.

    Args:
        service: opened to read.
        queries: the names with what else is known.
        as_of: the day whose law counts.
        lists: ids of the lists to ask; None for all of them.

    Raises:
        InvalidInput: one of ``lists`` is not loaded, or is no list of parties.
        Conflict: no list of parties is loaded, so nothing could be asked.

    """
    with service.store.read() as session:
        book = service.books.at(session, as_of)
        asked = _asked(book, lists)
        if len(queries) > _FEW:
            book.names  # noqa: B018  # made once; then it answers
        index = index_of(session, book, None if lists is None else asked)
        found = [index.match(query, as_of=as_of) for query in queries]
    hits = tuple(tuple(hit for hit in some if hit.list_id in asked) for some in found)
    covered = tuple(coverage_of(book, as_of, asked, everything=lists is None))
    return Matched(book, as_of, hits, covered, service.settings.review_from)


def ask(book: ListBook, query: Query, as_of: date) -> list[Hit]:
    """Return the entries of all lists in force on a day that a query meets, the surest first."""
    return book.names.match(query, as_of=as_of)


def coverage_of(book: ListBook, as_of: date, asked: Collection[str], *, everything: bool) -> list[Coverage]:
    """Return how the lists asked stood; where all are, the required ones that are missing are told of as well."""
    required = required_lists("party") if everything else frozenset[str]()
    return [item for item in book.coverage(as_of, required) if item.list_id in asked or item.state == "missing"]


def _asked(book: ListBook, lists: Collection[str] | None) -> frozenset[str]:
    named = party_lists(book)
    if not named:
        raise Conflict(
            "no list of parties is loaded, so no name can be compared: load them with `traceability lists load`"
        )
    unknown = sorted(set(lists or ()) - named)
    if unknown:
        said = ", ".join(one[:60] for one in unknown[:5])
        raise InvalidInput(f"there is no list {said} of parties; loaded are {', '.join(sorted(named))}")
    return named if lists is None else frozenset(lists)


def party_lists(book: ListBook) -> frozenset[str]:
    """Return the ids of the lists that name parties."""
    return frozenset(name for name, entries in book.entries.items() if any(one.kind == "party" for one in entries))


def known_at(book: ListBook) -> datetime | None:
    """Return when the newest list in use was loaded here: what was not known before it could not be met."""
    return max((one.loaded_at for one in book.versions.values() if one.loaded_at is not None), default=None)


def identities(book: ListBook, hits: Sequence[Hit]) -> tuple[str, ...]:
    """Return of each hit the hash of what tells who its entry is."""
    return tuple(identity_hash(book.entry(hit.list_id, hit.entry_key)) for hit in hits)


@lru_cache(maxsize=8)
def settings_hash(review_from: Decimal) -> str:
    """Return the SHA-256 (hex) of the settings a comparison depends on, with the version of the matcher."""
    said = {
        "matcher": MATCHER_VERSION,
        "review_from": f"{review_from:f}",
        "kept": candidates.KEPT,
        "most_borne": candidates.MOST_BORNE,
        "most_postings": candidates.MOST_POSTINGS,
    }
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()

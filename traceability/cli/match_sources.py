"""Where names are compared: a table of one's own, the lists of the database here, or a service at an address."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import click

from traceability.cli import local
from traceability.cli.name_lists import told
from traceability.cli.remote import Remote
from traceability.config import load_settings
from traceability.lists.answer import answer, candidate
from traceability.lists.match import NameIndex, Query
from traceability.lists.readers.mapped_csv import read_mapped

_AT_ONCE = 1000
Asked = Sequence[tuple[str | None, Query]]


class Source(Protocol):
    """Answers names in their order, each row as ``match --json`` prints it."""

    def rows(self, queries: Asked) -> Iterator[dict[str, Any]]:
        """Yield the row of each query."""
        ...


class _File:
    def __init__(self, path: Path, as_of: date) -> None:
        read = read_mapped(path.read_bytes(), path.name)
        for row in read.rejected:
            click.echo(told(path, row), err=True)
        lost = [row for row in read.rejected if row.lost]
        state = "partial" if lost else "full"
        said = f"{path.name} is {state}" + (f" ({len(lost)} rows could not be read)" if lost else "")
        self._cover = {
            "list_id": path.name, "version": None, "state": state, "rows": len(read.entries), "sentence": said,
        }  # fmt: skip
        self._index, self._as_of = NameIndex.build(read.entries), as_of
        self._review_from = load_settings().review_from

    def rows(self, queries: Asked) -> Iterator[dict[str, Any]]:
        for key, query in queries:
            hits = self._index.match(query, as_of=self._as_of)
            shown = [candidate(hit, None, self._review_from) for hit in hits]
            yield answer(query, hits, shown, key, self._review_from) | {"coverage": [self._cover]}


class _Database:
    def __init__(self, service: Any, list_id: str | None, as_of: date) -> None:
        from traceability.services.matching import match_many

        self._match, self._lists = match_many, None if list_id is None else [list_id]
        self._service, self._as_of = service, as_of

    def rows(self, queries: Asked) -> Iterator[dict[str, Any]]:
        for some in _chunks(queries):
            found = self._match(self._service, [query for _, query in some], self._as_of, self._lists)
            coverage = found.coverage_rows()
            yield from (row | {"coverage": coverage} for row in found.answers(some))


class _Service:
    def __init__(self, remote: Remote, list_id: str | None, as_of: date | None) -> None:
        self._remote = remote
        self._common = {
            "lists": None if list_id is None else [list_id], "as_of": as_of and as_of.isoformat(), "limit": 50,
        }  # fmt: skip

    def rows(self, queries: Asked) -> Iterator[dict[str, Any]]:
        for some in _chunks(queries):
            body = {**self._common, "queries": [_sent(*one) for one in some]}
            found = self._remote.post("/v1/match", body)
            yield from (row | {"coverage": found["coverage"]} for row in found["answers"])


@contextmanager
def source(
    against: str | None, as_of: date | None, today: date, url: str | None, token: str | None
) -> Iterator[Source]:
    """Open what names are compared with: a file where ``against`` names one, else the service at ``url``, else here."""
    if against and (against.lower().endswith(".csv") or Path(against).is_file()):
        yield _File(Path(against), as_of or today)
    elif url:
        yield _Service(Remote(url, token), against, as_of)
    else:
        with local.reading() as service:
            yield _Database(service, against, as_of or today)


def _chunks(queries: Asked) -> Iterator[Asked]:
    yield from (queries[start : start + _AT_ONCE] for start in range(0, len(queries), _AT_ONCE))


def _sent(key: str | None, query: Query) -> dict[str, Any]:
    identifiers = [{"scheme": one.scheme, "value": one.value, "country": one.country} for one in query.identifiers]
    return {
        "id": key, "name": query.name, "schema": query.schema or None, "country": query.country,
        "identifiers": identifiers, "birth_dates": [text for text in query.born.split("|") if text],
    }  # fmt: skip

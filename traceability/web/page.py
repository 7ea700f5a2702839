"""A page and its twins: one description, printed as HTML, as JSON, and as CSV without formulas."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from flask import Response, current_app, render_template, request

from traceability.errors import NotFound, TraceabilityError
from traceability.services.spreadsheet import plain
from traceability.web.language import N_, current, gettext

PER_PAGE = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a table: its text is the same in all three forms.

    ``mark`` names a ``words.Mark`` that adds icon and colour; ``href`` makes the text a link; ``whole`` is the long
    form of a shortened identifier.
    """

    text: str
    href: str | None = None
    mark: str | None = None
    whole: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key in JSON, its header, and its kind: text, number, time or id."""

    key: str
    label: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Pick:
    """A box that ticks a row for a form elsewhere on the page: the form's id, what it sends, and the row's name."""

    form: str
    value: str
    name: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row, with the anchor other places link to, and the box that ticks it where a form takes several."""

    cells: Mapping[str, Cell]
    anchor: str | None = None
    pick: Pick | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a page; ``empty`` says what to do next where there is nothing in it."""

    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    empty: str = N_("Nothing here yet.")

    @property
    def number(self) -> int:
        """Return the page of the table the address asks for, from 1; beyond the end it is the last one."""
        asked = request.args.get(f"{self.name}-page", "1")
        return min(int(asked), self.pages) if asked.isascii() and asked.isdigit() and asked.strip("0") else 1

    @property
    def pages(self) -> int:
        """Return how many pages of 200 rows there are."""
        return max(1, -(-len(self.rows) // PER_PAGE))

    @property
    def shown(self) -> Sequence[Row]:
        """Return the rows of the page that is shown; the twins always have all."""
        return self.rows[(self.number - 1) * PER_PAGE : self.number * PER_PAGE]

    def as_json(self) -> list[dict[str, str]]:
        """Return every row as an object of the texts of its cells."""
        return [{column.key: row.cells[column.key].text for column in self.columns} for row in self.rows]

    def as_csv(self) -> str:
        """Return every row as CSV (RFC 4180), the header first."""
        out = io.StringIO(newline="")
        writer = csv.writer(out)
        writer.writerow([gettext(column.label) for column in self.columns])
        writer.writerows([plain(row.cells[column.key].text) for column in self.columns] for row in self.rows)
        return out.getvalue()


@dataclass(frozen=True, slots=True)
class Page:
    """What a view returns: ``data`` is in the JSON twin and in the template, ``context`` only in the template."""

    title: str
    template: str
    tables: Sequence[Table] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)


class RowsOf(Sequence[Row]):
    """Rows of which each is made when it is looked at: a page shows 200 of what may be 100,000."""

    def __init__(self, items: Sequence[Any], make: Callable[[Any], Row]) -> None:
        """Keep the items and what makes a row of one."""
        self._items, self._make = items, make

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, wanted: int) -> Row: ...
    @overload
    def __getitem__(self, wanted: slice) -> Sequence[Row]: ...
    def __getitem__(self, wanted: int | slice) -> Row | Sequence[Row]:
        if isinstance(wanted, slice):
            return [self._make(item) for item in self._items[wanted]]
        return self._make(self._items[wanted])


def table(
    name: str, caption: str, columns: Sequence[Column], rows: Iterable[Mapping[str, Any] | Row], empty: str
) -> Table:
    """Return a table; cells may be given as text, None (an empty cell) or as a ``Cell``."""
    made = [row if isinstance(row, Row) else Row(cells_of(row)) for row in rows]
    return Table(name, caption, columns, made, empty)


def cells_of(values: Mapping[str, Any]) -> dict[str, Cell]:
    """Return values as cells."""
    return {
        key: value if isinstance(value, Cell) else Cell("" if value is None else str(value))
        for key, value in values.items()
    }


def respond(page: Page, form: str, error: TraceabilityError | None = None) -> Response:
    """Return a page in one of its forms: html, json or csv.

    Raises:
        NotFound: the CSV of a table that the page does not have.

    """
    if form == "json":
        answer = _json(page)
    elif form == "csv":
        answer = _csv(page)
    else:
        tables = {one.name: one for one in page.tables}
        html = render_template(page.template, page=page, tables=tables, error=error, **page.data, **page.context)
        answer = Response(html, status=error.status if error else 200, content_type="text/html; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Language"] = current()
    return answer


def _json(page: Page) -> Response:
    """Return the JSON twin, members in the order in which the page shows them."""
    body = {"title": gettext(page.title), **page.data, "tables": {one.name: one.as_json() for one in page.tables}}
    return Response(current_app.json.dumps(body, sort_keys=False), content_type="application/json")


def _csv(page: Page) -> Response:
    name = request.args.get("table", page.tables[0].name if page.tables else "")
    for one in page.tables:
        if one.name == name:
            answer = Response(one.as_csv(), content_type="text/csv; charset=utf-8")
            answer.headers["Content-Disposition"] = f'attachment; filename="{one.name}.csv"'
            return answer
    raise NotFound(f"this page has no table {name[:60]!r}")

"""A report's tables as CSV (RFC 4180), none of whose cells a spreadsheet runs."""

import csv
import io
from collections.abc import Iterator

from traceability.diligence.reports.model import Report, Table
from traceability.services.reports.render import said
from traceability.services.spreadsheet import plain


def as_csv(report: Report) -> bytes:
    """Return the tables; of several each begins with a line of its title, after an empty line."""
    tables = [table for section in report.sections for table in section.tables]
    if not tables:
        tables = said.appended(report)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for number, table in enumerate(tables):
        if len(tables) > 1:
            writer.writerows(
                [[plain(said.text(table.title))]] if number == 0 else [[], [plain(said.text(table.title))]]
            )
        writer.writerows(lines(table))
    return out.getvalue().encode()


def one_table(table: Table) -> bytes:
    """Return one table as a CSV file."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(lines(table))
    return out.getvalue().encode()


def lines(table: Table) -> Iterator[list[str]]:
    """Yield the header and the rows of a table; an unknown cell says so, a number stays one."""
    yield [plain(said.text(said.heading(column))) for column in table.columns]
    for row in table.rows:
        yield [plain(said.text(cell)) if isinstance(cell, str) else said.text(cell) for cell in row]

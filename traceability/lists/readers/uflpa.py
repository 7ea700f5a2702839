"""The UFLPA Entity List as the Department of Homeland Security publishes it: a saved page, or the appendix of a notice.

One table of two columns stands under each clause of section 2(d)(2)(B) of Public Law 117-78. One company may stand
under two clauses with two dates: these are two entries. Aliases stand in brackets, in several wordings; what is said
about subsidiaries is a rule, not a name.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from traceability.errors import InvalidInput
from traceability.lists.entries import ListEntry, names
from traceability.lists.readers.html_tables import Table, tables
from traceability.lists.readers.reading import Reading, key_of
from traceability.lists.readers.uflpa_names import Named, read_names

LIST_ID = "us-uflpa"
_CLAUSE: Final = re.compile(r"2\(d\)\(2\)\(B\)\((i|ii|iii|iv|v)\)")
_LONGEST: Final = 4000
_COLUMNS: Final = ("name of entity", "effective date")


def read(data: bytes) -> Reading:
    """Return one entry per company and clause, and per subsidiary that is named.

    Raises:
        InvalidInput: the page holds no table of the list under a clause; a page that refuses robots answers so.

    """
    reading = Reading(LIST_ID)
    clause = ""
    for table in tables(data):
        clause = next(iter(reversed(_CLAUSE.findall(table.before))), clause)
        if _is_list(table):
            _read_table(table, clause, reading)
    if not reading.entries and not reading.review:
        expected = "a page with tables 'Name of Entity', 'Effective Date' under clauses of section 2(d)(2)(B)"
        raise InvalidInput(f"expected {expected}; found none: save the page from a browser")
    return reading


def _is_list(table: Table) -> bool:
    heads = [cell.lower() for cell in table.rows[0]] if table.rows else []
    return len(heads) >= len(_COLUMNS) and all(
        head.startswith(name) for head, name in zip(heads, _COLUMNS, strict=False)
    )


def _read_table(table: Table, clause: str, reading: Reading) -> None:
    for row in table.rows[1:]:
        day = _day(row[1]) if len(row) == len(_COLUMNS) else None
        if day is None or not 0 < len(row[0]) <= _LONGEST or not clause:
            why = "expected a name, a date such as August 9, 2024, and a clause above the table"
            reading.ask(f"{clause} {' | '.join(row)}"[:80], "row", " | ".join(row), why, lost=True)
            continue
        reading.entries.extend(_entries(read_names(row[0]), f"({clause})", day, reading))


def _entries(found: Named, clause: str, day: date, reading: Reading) -> Iterator[ListEntry]:
    key = key_of(LIST_ID, found.name, clause)
    if found.rule:
        rule = f"{found.name} {found.rule}"
        reading.ask(key, "subsidiaries", rule, "a rule, not a name: not all subsidiaries are named", lost=True)
    for raw, reason in found.questions:
        reading.ask(key, "names", raw, reason, lost=True)
    listed = (*names("primary", [found.name]), *names("strong", found.aliases), *names("former", found.former))
    extra = {"schema": "Organization", "clause": clause}
    yield ListEntry(LIST_ID, key, "party", names=listed, valid_from=day, extra=extra)
    for name in found.subsidiaries:
        key = key_of(LIST_ID, name, clause)
        more = extra | {"subsidiary_of": found.name}
        yield ListEntry(LIST_ID, key, "party", names=names("primary", [name]), valid_from=day, extra=more)


def _day(text: str) -> date | None:
    for form in ("%B %d, %Y", "%Y-%m-%d", "%m/%d/%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  # a calendar date has no zone
        except ValueError:
            continue
    return None

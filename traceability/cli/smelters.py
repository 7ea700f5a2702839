"""Smelters of reporting templates (CMRT, EMRT): a declaration against a look-up, and two revisions of a look-up."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from traceability.cli import local
from traceability.cli.errors import FOUND
from traceability.cli.output import Output, output
from traceability.clock import latest_date
from traceability.errors import NotFound

if TYPE_CHECKING:  # a workbook's reader is imported only by what reads one
    from collections.abc import Sequence

    from traceability.lists.entries import ListEntry

_WORKBOOK = ".xlsx"
_PATH = click.Path(path_type=Path)


@click.group()
def smelters() -> None:
    """Smelters that suppliers declare. A look-up says who is meant, never that a smelter conforms to anything."""


@smelters.command()
@click.argument("workbook", type=_PATH)
@click.option(
    "--against", required=True, metavar="LOOKUP.xlsx|LIST_ID", help="A look-up, as a workbook or loaded here."
)
@output()
def check(out: Output, *, workbook: Path, against: str) -> None:
    """Compare each row of a declaration's smelter list; exit code 1 where a person has to look at one."""
    from traceability.lists.readers import smelter_book
    from traceability.lists.smelters import LookUp

    look_up = LookUp.build(_entries(against))
    for declared in smelter_book.read(workbook.read_bytes()).declared:
        found = look_up.check(declared)
        row: dict[str, Any] = asdict(found) | {"score": None if found.score is None else float(found.score)}
        named = f"{found.cid} {found.listed_name}" if found.cid else "no smelter"
        reason = f" ({found.reason})" if found.reason else ""
        text = f"row {found.row}: {found.stated or 'nothing stated'}: {found.how}, {named}{reason}"
        out.row(row, text, code=FOUND if found.review else 0)


@smelters.command()
@click.argument("before", metavar="OLD.xlsx|LIST_ID")
@click.argument("after", metavar="NEW.xlsx|LIST_ID")
@output(listed=False)
def changes(out: Output, *, before: str, after: str) -> None:
    """Tell what changed between two revisions of a look-up; exit code 1 where ids were removed or renamed."""
    from traceability.lists import smelters as rules

    found = rules.changes(_entries(before), _entries(after))
    renamed = [{"cid": cid, "before": old, "after": new} for cid, old, new in found.renamed]
    lines = [*(f"added {cid}" for cid in found.added), *(f"removed {cid}" for cid in found.removed)]
    lines += [f"renamed {cid}: {old} is now {new}" for cid, old, new in found.renamed]
    row = {"added": list(found.added), "removed": list(found.removed), "renamed": renamed}
    out.one(row, "\n".join(lines) or "no id was added, removed or renamed", code=FOUND if found.rescreen else 0)


def _entries(where: str) -> "Sequence[ListEntry]":
    """Return the smelters of a look-up: of a workbook, else of the list of that id in force here."""
    if where.lower().endswith(_WORKBOOK) or Path(where).is_file():
        from traceability.lists.places import Places
        from traceability.lists.readers import smelter_book

        # names and ids are compared, so that no table of countries is needed
        return smelter_book.entries(smelter_book.read(Path(where).read_bytes()), where, Places.build([])).entries
    with local.reading() as service, service.store.read() as session:
        book = service.books.at(session, latest_date(local.clock()()))
        found = [entry for entry in book.entries.get(where, ()) if entry.kind == "smelter"]
    if not found:
        raise NotFound(f"no list {where[:60]!r} with smelters is loaded here; give its id, or a workbook (.xlsx)")
    return found

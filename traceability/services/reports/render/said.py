"""What every format says of a report in the same words: that it is a draft, its period, its gaps and its lists."""

from datetime import date
from decimal import Decimal
from unicodedata import category

from traceability.diligence.reports.model import Bar, Cell, Column, Gap, Map, Report, Table

UNKNOWN = "not recorded"
_KEPT = "\n"
_AUDIENCES = {
    "public": "the public",
    "authority": "an authority that asks for it",
    "customer": "the immediate buyer",
    "own": "the party itself",
}


def draft(report: Report) -> str:
    """Return the mark that a report bears until a person has published or sent it."""
    return (
        f"DRAFT of {report.as_of.isoformat()}, put together by machine from the records. It is for "
        f"{_AUDIENCES[report.audience]} once a person has read it, added what is missing, and published or sent it."
    )


def not_yet(report: Report) -> str | None:
    """Return that the law does not apply yet on the day of the report; None where it does."""
    if report.applicable_from is None or report.as_of >= report.applicable_from:
        return None
    return (
        f"NOT YET APPLICABLE: this law applies from {report.applicable_from.isoformat()}. Until then nothing in it is "
        "a duty, and what is named as not recorded is no breach of it."
    )


def head(report: Report) -> list[str]:
    """Return what stands above everything else."""
    ahead = not_yet(report)
    return [draft(report), *([ahead] if ahead else [])]


def bound(report: Report) -> str:
    """Return what has to be known to read a report."""
    missing = f"Asked for and not recorded: {len(report.gaps)}, named at the end. " if report.gaps else ""
    return (
        f"Law: {report.law}. {missing}Numbers are those of the records on that day. What a rule raises is an indicator "
        "for a person to look at; that none was raised says nothing more than that."
    )


def on_map(one: Map) -> str:
    """Return a map in words: its places by number, and the journeys between them."""
    places = "; ".join(f"{point.number} {point.label}" for point in one.points)
    journeys = ", ".join(f"{start} to {end}" for start, end in one.journeys)
    return f"{one.title}: {places or 'no place has coordinates'}." + (f" Journeys: {journeys}." if journeys else "")


def period(report: Report) -> str:
    """Return the period in words, both days included."""
    return f"{report.period[0].isoformat()} to {report.period[1].isoformat()}"


def heading(column: Column) -> str:
    """Return a column's heading with its unit."""
    return f"{column.heading} ({column.unit})" if column.unit else column.heading


def text(value: Cell) -> str:
    """Return a cell as people read it: what is unknown says so, characters that show nothing are named."""
    if value is None:
        return UNKNOWN
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    return visible(str(value))


def visible(said: str) -> str:
    """Return a text in which control, direction and half characters are named, so that none hides or breaks a file."""
    if said.isascii() and said.isprintable():
        return said
    return "".join(one if one in _KEPT or category(one)[0] != "C" else f"[U+{ord(one):04X}]" for one in said)


def cut(said: str, longest: int) -> str:
    """Return a text of at most so many characters; what was cut off is said to be."""
    if len(said) <= longest:
        return said
    mark = f" [cut: {len(said)} characters in all; the JSON of this report has them]"
    return said[: longest - len(mark)] + mark


def bar(one: Bar) -> str:
    """Return a bar in words."""
    line = "" if one.line is None else f", held against the line of {one.line:f} %"
    return f"{text(one.label)}: {one.percent:f} %{line}"


def gaps(found: tuple[Gap, ...]) -> Table:
    """Return the gaps as a table."""
    columns = (Column("what", "Not recorded"), Column("law", "Asked for by"), Column("mend", "Where to record it"))
    return Table("gaps", "What is not recorded", columns, tuple((one.what, one.law, one.mend) for one in found))


def lists(report: Report) -> Table:
    """Return the versions of lists that were used as a table."""
    columns = (Column("list", "List"), Column("version", "Version used"))
    return Table("list_versions", "Versions of lists used", columns, tuple(sorted(report.list_versions.items())))


def appended(report: Report) -> list[Table]:
    """Return the tables at the end of every report: its gaps, and the lists, where there are any."""
    return [one for one in (gaps(report.gaps), lists(report)) if one.rows]

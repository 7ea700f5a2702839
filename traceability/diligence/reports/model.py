"""A report: sections of plain sentences and tables, with its law, its period, and what it does not know.

None says that anything is in order: the strongest word is that no rule raised a finding.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

Cell = str | Decimal | int | date | None
"""What stands in a table: None is printed as unknown, never as nothing."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in data, its heading for people, and its unit where it has one (kg, %, working days)."""

    name: str
    heading: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; ``name`` is the file or sheet it becomes, ``note`` what has to be known to read it."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A share (percent, 0 to 100) under a label, with the line it is held against."""

    label: str
    percent: Decimal
    line: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A place on a map by the number under which a table has it, and where it lies (WGS 84, degrees)."""

    number: int
    label: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Map:
    """Places and the journeys between them, each the numbers of the two points it goes from and to."""

    title: str
    points: tuple[Point, ...]
    journeys: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report; ``law`` is the article that asks for it where it has one of its own."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    bars: tuple[Bar, ...] = ()
    law: str = ""
    maps: tuple[Map, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """Something the law asks for that is not recorded: what, by which article, and where it would be recorded."""

    what: str
    law: str
    mend: str


@dataclass(frozen=True, slots=True)
class About:
    """Whose report it is, over which period (both days included, UTC), and as of which day."""

    party_id: str
    party_name: str
    period: tuple[date, date]
    as_of: date


@dataclass(frozen=True, slots=True)
class Report:
    """One report of one party over a period (both days included, UTC), as of a day.

    ``data`` is what is attached for machines beside the sections; ``list_versions`` maps a list to the version used.
    ``applicable_from`` is the day from which the law applies, where that may lie ahead; before it nothing is a duty.
    """

    kind: str
    title: str
    law: str
    party_id: str
    party_name: str
    period: tuple[date, date]
    as_of: date
    sections: tuple[Section, ...]
    gaps: tuple[Gap, ...] = ()
    list_versions: Mapping[str, str] = field(default_factory=dict)
    audience: Literal["public", "authority", "customer", "own"] = "authority"
    data: Mapping[str, Any] = field(default_factory=dict)
    applicable_from: date | None = None

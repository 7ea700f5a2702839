"""The files that can be read into a list: each format with its reader, the list it makes, and where it is found.

Two published formats have no reader, because no real sample was found: OFAC's advanced XML and the EU's XML of
financial sanctions. A file of theirs is refused with these words; nothing is guessed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from traceability.errors import InvalidInput
from traceability.lists.entries import Kind
from traceability.lists.places import Places
from traceability.lists.readers import (
    cahra,
    csl,
    dol,
    mapped_book,
    mapped_csv,
    ofac,
    opensanctions,
    own_areas,
    seen,
    smelter_book,
    uflpa,
    un,
    wro,
)
from traceability.lists.readers.mapped import ReadResult
from traceability.lists.readers.reading import Reading

Gathering = Literal["offered", "asked", "by_hand"]
"""Fetched always; only when it is named, since its terms bind; or never: a person saves it."""
_CSV: Final = "text/csv"
_XML: Final = "application/xml"
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OFAC: Final = "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports"
_OPENSANCTIONS: Final = "https://data.opensanctions.org/datasets/latest/sanctions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a reader needs besides the bytes; ``retrieved`` is the day the file was taken from its publisher.

    ``list_id``, ``kind`` and ``columns`` (ours -> theirs) are of an operator's own list alone.
    """

    places: Places
    materials: Mapping[str, str]
    retrieved: date
    list_id: str = ""
    kind: Kind = "party"
    columns: Mapping[str, str] = field(default_factory=dict)


Read = Callable[[Mapping[str, bytes], Given], Reading]


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a format; ``address`` is where a program may fetch it, else the page where a person finds it."""

    name: str
    address: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One form of a list; ``list_id`` is empty where the operator names the list.

    ``version`` tells the publisher's version from the first file, where the file states one.
    """

    format_id: str
    list_id: str
    parts: tuple[Part, ...]
    gathering: Gathering
    read: Read
    version: Callable[[bytes], str] | None = None


def _one(read: Callable[[bytes, Given], Reading]) -> Read:
    return lambda files, given: read(next(iter(files.values())), given)


def _own(read: Callable[[bytes, Given], ReadResult]) -> Read:
    def reading(files: Mapping[str, bytes], given: Given) -> Reading:
        result = read(next(iter(files.values())), given)
        made = Reading(given.list_id, list(result.entries))
        for row in result.rejected:
            made.ask(f"line {row.line}", "row", row.raw, row.reason, lost=row.lost)
        return made

    return reading


def _single(
    format_id: str, list_id: str, gathering: Gathering, address: str, media_type: str, read: Read,
    version: Callable[[bytes], str] | None = None,
) -> Format:  # fmt: skip
    parts = (Part("", address, media_type),)
    return Format(format_id=format_id, list_id=list_id, parts=parts, gathering=gathering, read=read, version=version)


_ALL: Final = (
    _single(
        "un-xml", "un-sc", "offered", "https://scsanctions.un.org/resources/xml/en/consolidated.xml", _XML,
        _one(lambda data, given: un.read(data, given.places)), un.published,
    ),
    Format(
        format_id="ofac-csv", list_id=ofac.LIST_ID, gathering="offered",
        parts=tuple(Part(name, f"{_OFAC}/{name.upper()}.CSV", _CSV) for name in ofac.FILES),
        read=lambda files, given: ofac.read(files, given.places),
    ),
    _single(
        "csl-csv", csl.LIST_ID, "offered",
        "https://data.trade.gov/downloadable_consolidated_screening_list/v1/consolidated.csv", _CSV,
        _one(lambda data, given: csl.read(data, given.places)),
    ),
    _single(
        "uflpa-html", uflpa.LIST_ID, "by_hand", "https://www.dhs.gov/uflpa-entity-list", "text/html",
        _one(lambda data, _given: uflpa.read(data)),
    ),
    _single(
        "uflpa-seen-csv", seen.UFLPA, "by_hand", "each row names the page it was read in", _CSV,
        _one(lambda data, _given: seen.read_uflpa(data)),
    ),
    _single(
        "cbp-csv", wro.LIST_ID, "by_hand", "https://www.cbp.gov/document/stats/withhold-release-orders-findings", _CSV,
        _one(lambda data, given: wro.read(data, given.places, given.retrieved, wro.parted_before())),
    ),
    _single(
        "cbp-seen-csv", seen.WRO, "by_hand", "https://www.cbp.gov/document/stats/withhold-release-orders-findings",
        _CSV, _one(lambda data, given: seen.read_wro(data, given.places)),
    ),
    _single(
        "dol-xml", dol.LIST_ID, "by_hand", "https://github.com/USDepartmentofLabor/Child-Labor-Android", _XML,
        _one(lambda data, given: dol.read(data, given.places, given.materials)),
    ),
    _single(
        "cahra-json", cahra.LIST_ID, "by_hand", "https://www.cahraslist.net/", "application/json",
        _one(lambda data, _given: cahra.read(data)), cahra.version,
    ),
    _single(
        "cahra-csv", cahra.LIST_ID, "by_hand", "https://www.cahraslist.net/", _CSV,
        _one(lambda data, _given: cahra.read_csv(data)),
    ),
    _single(
        "opensanctions-csv", opensanctions.LIST_ID, "asked", f"{_OPENSANCTIONS}/targets.simple.csv", _CSV,
        _one(lambda data, given: opensanctions.read_simple(data, given.places)),
    ),
    _single(
        "opensanctions-ftm", opensanctions.LIST_ID, "by_hand", f"{_OPENSANCTIONS}/entities.ftm.json",
        "application/json+ftm", _one(lambda data, given: opensanctions.read_lines(data, given.places)),
    ),
    _single(
        "smelter-book", "rmi-smelter-look-up", "by_hand", "https://www.responsiblemineralsinitiative.org/", _XLSX,
        _one(lambda data, given: smelter_book.entries(smelter_book.read(data), "rmi-smelter-look-up", given.places)),
    ),
    _single(
        "areas-csv", "", "by_hand", "", _CSV,
        _one(lambda data, given: own_areas.read(data, given.list_id)),
    ),
    _single(
        "csv", "", "by_hand", "", _CSV,
        _own(lambda data, given: mapped_csv.read_mapped(data, given.list_id, kind=given.kind, columns=given.columns)),
    ),
    _single(
        "xlsx", "", "by_hand", "", _XLSX,
        _own(lambda data, given: mapped_book.read_book(data, given.list_id, kind=given.kind, columns=given.columns)),
    ),
)  # fmt: skip
FORMATS: Final[Mapping[str, Format]] = {item.format_id: item for item in _ALL}
OWN: Final = frozenset({"csv", "xlsx", "areas-csv"})
"""Formats of an operator's own lists: the operator says what the file is about."""
UNREAD: Final[Mapping[str, str]] = {
    "ofac-advanced-xml": "OFAC's advanced XML: no real sample was found to build a reader from. Load the four CSV "
    "files of the SDN list instead (format ofac-csv)",
    "eu-fsf-xml": "the EU's XML of consolidated financial sanctions: no real sample was found to build a reader from. "
    "Load a table of the names as csv or xlsx with a map of columns, or OpenSanctions' copy if its licence allows",
}
"""Published formats without a reader, and what to do instead."""
_MARKS: Final = ((b"ADVANCED_XML", "ofac-advanced-xml"), (b"/fpi/fsd/export", "eu-fsf-xml"))
_HEAD: Final = 4096


def format_of(format_id: str) -> Format:
    """Return a format by its id.

    Raises:
        InvalidInput: there is no such format, or it is one that no reader was built for.

    """
    if format_id in UNREAD:
        raise InvalidInput(f"there is no reader for {UNREAD[format_id]}")
    if format_id not in FORMATS:
        raise InvalidInput(f"expected a format of {', '.join(FORMATS)}; got {format_id[:60]!r}")
    return FORMATS[format_id]


def refuse_unread(data: bytes) -> None:
    """Refuse a file that shows itself to be of a format without a reader, whatever it was called.

    Raises:
        InvalidInput: it is one.

    """
    head = data[:_HEAD]
    for mark, format_id in _MARKS:
        if mark in head:
            raise InvalidInput(f"there is no reader for {UNREAD[format_id]}")


def formats_for(name: str) -> list[Format]:
    """Return the formats of a list, or the one of that id; none where the name is neither."""
    return [item for item in _ALL if name in (item.format_id, item.list_id)]

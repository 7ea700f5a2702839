"""Smelters and refiners of a period as dated evidence, in the field names of the trade (Reg. (EU) 2017/821 Art. 4(g)).

Our own sheet, not the workbook of any initiative. That a smelter stands in a look-up says who is meant, nothing else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from traceability.diligence.definitions.annex_i import annex_row
from traceability.diligence.definitions.smelters import reference_date
from traceability.diligence.reports.model import Cell, Column, Gap, Report, Section, Table
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.list_order import in_force, versions
from traceability.services.reports.records import LAW, Records, number, read
from traceability.services.reports.registry import Query, report
from traceability.storage.tables import ListEntryRow, ListVersionRow

TITLE = "Smelters and refiners"
ARTICLE = f"{LAW} Art. 4(g)(iii)-(v), 6(2)"
_LOOK_UP = "rmi-smelter-look-up"
_COLUMNS = (
    Column("metal", "Metal"), Column("look_up", "Smelter Look-up"), Column("name", "Smelter Name"),
    Column("country", "Smelter Country"), Column("cid", "Smelter Identification"),
    Column("source", "Source of Smelter Identification Number"), Column("address", "Smelter Address"),
    Column("processed_on", "Processed on"), Column("evidence", "Evidence"), Column("scheme", "Scheme"),
    Column("valid_from", "Evidence from"), Column("valid_to", "Evidence until"), Column("document", "Report provided"),
    Column("on_the_day", "Evidence covers the day of processing"), Column("origins", "Countries of origin stated"),
    Column("street", "Smelter Street (look-up)"), Column("city", "Smelter City (look-up)"),
    Column("state", "Smelter State or Province (look-up)"),
)  # fmt: skip
_PLACE = ("street", "city", "state")
_NOT_KEPT = (
    Gap(
        "contacts at smelters: names and addresses of persons, which no law here asks for; none is kept",
        "templates of the trade", "ask the smelter: a request for information",
    ),
    Gap(
        "the mines behind each smelter: records state countries of origin by smelter, and mines by batch alone",
        "templates of the trade", "the chain of each batch: its evidence pack",
    ),
)  # fmt: skip
Line = tuple[Cell, ...]


@report(
    "smelters", TITLE, ARTICLE, audience="customer", right="read_shipments", formats=("json", "csv", "xlsx", "docx")
)
def smelters(service: Service, actor: Actor, query: Query) -> Report:
    """Return the list; it names no shipment, supplier, weight or person."""
    with service.store.read() as session:
        had = read(session, actor, query)
        return of(had, lines(session, had, query.as_of), query, known_version(session, query.as_of))


def of(had: Records, found: list[Line], query: Query, version: str | None) -> Report:
    """Return the list of lines that were read."""
    table = Table("smelters", "Smelters and refiners stated for metals of the period", _COLUMNS, tuple(found), _NOTE)
    missing = sum(1 for one in had.covered if _is_metal(one.record) and not one.record.get("smelters"))
    gaps = [
        Gap(
            f"the smelters of {number(missing, 'consignment')} of metal", f"{LAW} Art. 4(g)(iii)", "the shipment record"
        )
    ]
    undated = sum(1 for one in found if one[7] is None)
    dates = Gap(
        f"the day of processing in {number(undated, 'line')}", ARTICLE, "the shipment record: smelters, processed_on"
    )
    placeless = sum(1 for one in found if not any((one[6], *one[-3:])))
    places = Gap(
        f"the address in {number(placeless, 'line')}: neither the record nor the look-up gives it",
        f"{LAW} Art. 4(g)(iii)", "the shipment record: smelters, address",
    )  # fmt: skip
    no_list = Gap("a look-up list of smelters: none is loaded", ARTICLE, "traceability lists load, by an admin")
    said = f"{number(len(found), 'line')}; a smelter has one for each piece of evidence."
    return Report(
        kind="smelters", title=TITLE, law=ARTICLE, party_id=had.party.did, party_name=had.party.name,
        period=query.period, as_of=query.as_of, sections=(Section("Smelters", (said,), (table,), law=ARTICLE),),
        gaps=(*(gaps if missing else []), *([dates] if undated else []), *([places] if placeless else []),
              *(_NOT_KEPT if found else ()), *([] if version else [no_list])),
        list_versions={"smelter look-up": version} if version else {}, audience="customer",
    )  # fmt: skip


_NOTE = (
    "Evidence is dated: it says what covered the smelter on the day the metal was processed, by the dates of the "
    "papers alone. A look-up says who is meant; standing in it speaks neither for nor against a smelter."
)


def known_version(session: Session, on: date) -> str | None:
    """Return the version of the look-up that is in force; None where none is loaded."""
    row = _version(session, on)
    return row.version if row else None


def lines(session: Session, had: Records, on: date) -> list[Line]:
    """Return the lines of the sheet, each once, in the order of metal, name and evidence."""
    version = _version(session, on)
    stated = [
        (metal, one) for record in had.covered for metal in _metal(record.record) for one in _smelters(record.record)
    ]
    ids = {one["smelter_id"] for _, one in stated if one.get("smelter_id")}
    known = _known(session, version, ids)
    found = dict.fromkeys(line for metal, one in stated for line in _lines(metal, one, known, version, on))
    return sorted(found, key=lambda line: tuple(str(cell) for cell in line))


def _smelters(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = record.get("smelters", [])
    return found


def _metal(record: Mapping[str, Any]) -> list[str]:
    row = annex_row(record)
    return [row.metal] if row else []


def _is_metal(record: Mapping[str, Any]) -> bool:
    row = annex_row(record)
    return row is not None and row.part == "B"


def _version(session: Session, on: date) -> ListVersionRow | None:
    found = versions(session, [_LOOK_UP]).get(_LOOK_UP)
    return in_force(found, on) if found else None


@dataclass(frozen=True, slots=True)
class _Listed:
    """What the look-up says of a smelter."""

    name: str
    place: tuple[Cell, ...]


_NOBODY = _Listed("", (None, None, None))


def _known(session: Session, version: ListVersionRow | None, ids: set[str]) -> dict[str, _Listed]:
    """Return what the look-up says, by smelter id."""
    if version is None or not ids:
        return {}
    asked = select(ListEntryRow.entry_key, ListEntryRow.name, ListEntryRow.payload).where(
        ListEntryRow.version_id == version.id, ListEntryRow.kind == "smelter", col(ListEntryRow.entry_key).in_(ids)
    )
    return {
        key: _Listed(name, tuple(payload.get("extra", {}).get(one) for one in _PLACE))
        for key, name, payload in session.exec(asked)
    }


def _lines(
    metal: str, one: Mapping[str, Any], known: Mapping[str, _Listed], version: ListVersionRow | None, on: date
) -> Iterator[Line]:
    cid = one.get("smelter_id")
    source = None if cid is None else f"look-up {version.version}" if version and cid in known else "as stated"
    listed = known.get(cid or "", _NOBODY)
    about = (
        metal, listed.name or None, one.get("name"), one.get("country"), cid, source, one.get("address"),
        one.get("processed_on"),
    )  # fmt: skip
    origins = ", ".join(one.get("countries_of_origin", [])) or None
    evidence = one.get("assurances", [])
    for item in evidence:
        yield (*about, *_evidence(item, reference_date(one, on), dated="processed_on" in one), origins, *listed.place)
    if not evidence:
        yield (*about, "none stated", None, None, None, "no", "no evidence", origins, *listed.place)


def _evidence(item: Mapping[str, Any], day: date, *, dated: bool) -> tuple[Cell, ...]:
    """Return what the evidence is and whether its dates cover the day; without a day that is not known."""
    first, last = item.get("valid_from"), item.get("valid_to")
    before = first is not None and day.isoformat() < first
    after = last is not None and day.isoformat() > last
    covers = None if not dated else "not yet" if before else "ended before" if after else "yes, by its dates"
    given = "yes" if item.get("document_id") else "no"
    return item["kind"].replace("_", " "), item.get("scheme"), first, last, given, covers

"""Kilograms of a calendar year per row of Annex I (Reg. (EU) 2017/821 Art. 1(3)), counted as the rules count them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlmodel import Session

from traceability.diligence.definitions.annex_i import annex_row, threshold
from traceability.diligence.definitions.numbers import plain, total
from traceability.diligence.reports.model import Bar, Column, Gap, Report, Section, Table
from traceability.diligence.tables import AnnexRow, annex_rows
from traceability.services.access import Actor
from traceability.services.back_fill import year_day
from traceability.services.context import Service
from traceability.services.facts.importer import counts, kilograms, opening_balance
from traceability.services.reports.records import LAW, PROFILE, Records, number, read
from traceability.services.reports.registry import Query, report

TITLE = "Annual volumes per row of Annex I"
ARTICLE = f"{LAW} Art. 1(2), 1(3), Annex I"
_TENTH = Decimal("0.1")
_COLUMNS = (
    Column("row_id", "Row"), Column("part", "Part"), Column("metal", "Mineral or metal"), Column("cn", "CN codes"),
    Column("consignments", "Consignments recorded"), Column("recorded_kg", "Recorded and counted", "kg"),
    Column("exempt_kg", "Recycled or old stock, proved", "kg"), Column("opening_kg", "Opening balance as signed", "kg"),
    Column("total_kg", "Volume of the year", "kg"), Column("threshold_kg", "Threshold", "kg"),
    Column("percent", "Of the threshold", "%"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowVolume:
    """One row's volume in a year, and the threshold it is compared with.

    ``total`` is unknown where the importer signed no opening balance for the year. Of an importer with several records
    ``elsewhere`` are the kilograms recorded and counted under the others, and ``opening`` is what all of them signed.
    """

    row: AnnexRow
    threshold: Decimal
    consignments: int
    recorded: Decimal
    exempt: Decimal
    opening: Decimal | None
    unweighed: int
    elsewhere: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal | None:
        """Return the volume of the year in kilograms; None where it is not known."""
        return None if self.opening is None else total((self.opening, self.recorded, self.elsewhere))

    @property
    def percent(self) -> Decimal | None:
        """Return the volume as a share of the threshold."""
        return None if self.total is None else (self.total * 100 / self.threshold).quantize(_TENTH)


@report(
    "annual-volume", TITLE, ARTICLE, audience="authority", parameters=("year",), formats=("json", "csv", "xlsx", "pdf")
)
def annual_volume(service: Service, actor: Actor, query: Query) -> Report:
    """Return the statement of one calendar year."""
    with service.store.read() as session:
        had = read(session, actor, query)
        return of(had, row_volumes(session, had, query.first.year, query.as_of), query)


def of(had: Records, found: list[RowVolume], query: Query) -> Report:
    """Return the statement of records that were read."""
    table = Table("annual_volume", f"Volumes of {query.first.year}", _COLUMNS, tuple(map(_line, found)), _NOTE)
    bars = tuple(
        Bar(f"{one.row.metal}, row {one.row.row_id}, of the threshold", one.percent, Decimal(100))
        for one in found
        if one.percent is not None
    )
    said = (
        f"With consignments or a signed opening balance in {query.first.year}: {number(len(found), 'row')} of Annex I."
    )
    section = Section("Volumes", (said, *_said_elsewhere(had, found)), (table,), bars, ARTICLE)
    return Report(
        kind="annual-volume", title=TITLE, law=ARTICLE, party_id=had.party.did, party_name=had.party.name,
        period=query.period, as_of=query.as_of, sections=(section,),
        gaps=(*had.limits, *gaps(found, query.first.year)), audience="authority",
    )  # fmt: skip


def _said_elsewhere(had: Records, found: list[RowVolume]) -> Iterator[str]:
    if had.also:
        counted = ", ".join(f"row {one.row.row_id} {plain(one.elsewhere)} kg" for one in found if one.elsewhere)
        yield (
            f"This importer has other records here, which are read as one with this: {', '.join(_named(had))}. The "
            f"volume of the year and its opening balance count what stands under them: {counted or 'nothing recorded'}."
        )


def _named(had: Records) -> Iterator[str]:
    for one in had.also:
        yield f"{one.did} ({number(one.erased, 'record')} erased)" if one.erased else one.did


_NOTE = (
    "The volume of the year is the signed opening balance and the net weights of the consignments released in it, "
    "without recycled metal and stock whose exemption its papers prove. The Regulation applies from the threshold on: "
    "a volume equal to it is not below it. Where no opening balance was signed the volume is not known, however small."
)


def row_volumes(session: Session, had: Records, year: int, as_of: date) -> list[RowVolume]:
    """Return each row of Annex I with consignments or a signed opening balance, in the order of the Annex.

    The threshold is that of the day asked; of a year that is over, or is to come, that of its day next to it.
    """
    day = year_day(year, as_of)
    profiles = [had.profile, *(one.profile for one in had.also)]
    stated = set[str]().union(*(one.volume_statements for one in profiles if one))
    elsewhere = _elsewhere(session, had)
    by_row: dict[str, list[tuple[bool, str | None]]] = {}
    for one in had.shipments:
        row = annex_row(one.record)
        if row is not None:
            counted = counts(session, one, row.row_id)
            by_row.setdefault(row.row_id, []).append((counted, one.record.get("net_weight_kg")))
    known = by_row.keys() | elsewhere.keys()
    rows = (row for row in annex_rows() if row.row_id in known or f"{row.row_id}/{year}" in stated)
    return [
        replace(_volume(row, day, by_row.get(row.row_id, []), opening_balance(profiles, row.row_id, year)),
                elsewhere=elsewhere.get(row.row_id, Decimal(0)))
        for row in rows
    ]  # fmt: skip


def _elsewhere(session: Session, had: Records) -> dict[str, Decimal]:
    """Return by row what is recorded under the other records of the importer and counts."""
    found: dict[str, Decimal] = {}
    for lot in (lot for one in had.also for lot in one.shipments):
        row = annex_row(lot.record)
        if row is not None and counts(session, lot, row.row_id):
            found[row.row_id] = total((found.get(row.row_id, Decimal(0)), kilograms(lot)))
    return found


def _volume(row: AnnexRow, day: date, weights: list[tuple[bool, str | None]], opening: Decimal | None) -> RowVolume:
    counted = total(Decimal(kg or "0") for is_counted, kg in weights if is_counted)
    exempt = total(Decimal(kg or "0") for is_counted, kg in weights if not is_counted)
    unweighed = sum(kg is None for _, kg in weights)
    return RowVolume(row, threshold(row, day), len(weights), counted, exempt, opening, unweighed)


def _line(one: RowVolume) -> tuple[str | int | Decimal | None, ...]:
    row = one.row
    return (
        row.row_id, row.part, row.metal, ", ".join(row.prefixes), one.consignments, one.recorded, one.exempt,
        one.opening, one.total, one.threshold, one.percent,
    )  # fmt: skip


def gaps(found: list[RowVolume], year: int) -> Iterator[Gap]:
    """Yield what is not known of these volumes: a year that was not signed, consignments without a weight."""
    for one in found:
        if one.opening is None:
            said = f"the volume of row {one.row.row_id} ({one.row.metal}) in {year}: no opening balance was signed"
            yield Gap(said, f"{LAW} Art. 1(3)", f"{PROFILE}: volumes, with opening_kg")
        if one.unweighed:
            said = f"the net weight of {number(one.unweighed, 'consignment')} of row {one.row.row_id}, counted as 0 kg"
            yield Gap(said, f"{LAW} Art. 1(3)", "the shipment record: net_weight_kg")

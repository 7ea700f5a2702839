"""The importer's own part of the facts: its profile, and yearly volumes only where it signed for them (facts.md 7).

Art. 1(3) of Reg. (EU) 2017/821 counts per importer: records that are read as one are one importer, whose volume is the
sum of what stands under each of them, and is known only where each has signed for the year.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate, pairwise
from typing import Any

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from traceability.custody.facts import identifier
from traceability.diligence.definitions.annex_i import annex_row, recycled_proofs, stock_proofs
from traceability.diligence.definitions.items import Item
from traceability.diligence.definitions.numbers import total
from traceability.events.identifiers import normalise
from traceability.services.facts.chain import People
from traceability.services.facts.papers import documents, papers
from traceability.services.same import importers_of
from traceability.storage.tables import ImporterProfile, Party, Shipment

_EXEMPT = ("recycled", "pre_2013_stock")
_OUR_FIELDS = ("released_on",)


def latest_profile(session: Session, importer_id: str) -> ImporterProfile | None:
    """Return the importer's newest statement about itself."""
    query = select(ImporterProfile).where(ImporterProfile.importer_id == importer_id)
    return session.exec(query.order_by(col(ImporterProfile.id).desc()).limit(1)).one_or_none()


def importer(session: Session, party: Party, people: People) -> dict[str, Any]:
    """Return the ``importer`` section."""
    section: dict[str, Any] = {"party_id": people.read_as(party).did, "name": party.name, "country": party.country}
    eori = next((claim.value for claim in people.claims.get(party.id, []) if claim.kind == "eori"), None)
    if eori:
        section["eori"] = eori
    profile = latest_profile(session, party.id)
    return section | (profile.profile if profile else {})


def shipment_facts(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a shipment record as the facts carry it, without the fields only we know."""
    facts = {name: value for name, value in record.items() if name not in _OUR_FIELDS}
    if "batch_ids" in facts:
        facts["batch_ids"] = list(dict.fromkeys(identifier(normalise(batch)) for batch in facts["batch_ids"]))
    return facts


def year_to_date(session: Session, party: Party, shipment: Shipment, as_of: date) -> dict[str, str]:
    """Return ``importer_ytd_kg`` with the row of this shipment, or nothing where the importer signed for no year.

    The volume is the opening balance plus the net weights of its other shipments of the row, released in the calendar
    year of ``as_of`` and before this one, without recycled metal and stock whose exemption its papers prove.
    """
    row, group = annex_row(shipment.record), importers_of(session, party.id)
    opening = opening_balance((latest_profile(session, one) for one in group), row.row_id, as_of.year) if row else None
    if row is None or opening is None:
        return {}
    here = position(shipment)
    first, last = date(as_of.year, 1, 1), min(here[0], date(as_of.year, 12, 31))
    earlier = (one for one in _of_row(session, group, row.row_id, first, last) if position(one) < here)
    volume = total((opening, *(kilograms(one) for one in earlier if counts(session, one, row.row_id))))
    return {row.row_id: f"{volume:f}"}


def opening_balance(profiles: Iterable[ImporterProfile | None], row_id: str, year: int) -> Decimal | None:
    """Return in kilograms what the records of one importer sign together; None where one of them signs nothing."""
    said = [one.volume_statements.get(f"{row_id}/{year}") if one else None for one in profiles]
    known = [Decimal(str(one)) for one in said if one is not None]
    return total(known) if len(known) == len(said) else None


def kilograms(lot: Shipment) -> Decimal:
    """Return what a lot adds to its row; one that states no weight adds nothing."""
    return Decimal(str(lot.record.get("net_weight_kg", "0")))


@dataclass(frozen=True, slots=True)
class YearVolume:
    """The volume of one row in a calendar year: the signed opening balance, and the lots that count, in their order."""

    opening: Decimal
    lots: tuple[Shipment, ...]

    @property
    def total(self) -> Decimal:
        """Return all of it in kilograms."""
        return total((self.opening, *map(kilograms, self.lots)))

    def crossing(self, limit: Decimal) -> Shipment | None:
        """Return the lot that reaches a threshold; None where the opening balance has, or none does."""
        sums = accumulate(map(kilograms, self.lots), initial=self.opening)
        steps = zip(self.lots, pairwise(sums), strict=True)
        return next((lot for lot, (before, after) in steps if before < limit <= after), None)


def year_volume(session: Session, importer_id: str, row_id: str, year: int) -> YearVolume | None:
    """Return the volume of a row in a year, of all its lots; None where the importer signed nothing about it."""
    group = importers_of(session, importer_id)
    opening = opening_balance((latest_profile(session, one) for one in group), row_id, year)
    if opening is None:
        return None
    rows = _of_row(session, group, row_id, date(year, 1, 1), date(year, 12, 31))
    lots = sorted((one for one in rows if counts(session, one, row_id)), key=position)
    return YearVolume(opening, tuple(lots))


def latest_record(session: Session, importer_id: str, shipment_id: str) -> Shipment | None:
    """Return the newest version of a shipment record, without its bytes; None of one that is not stored any more."""
    query = _without_bytes().where(Shipment.importer_id == importer_id, Shipment.shipment_id == shipment_id)
    found: Shipment | None = session.exec(query.where(col(Shipment.latest).is_(True))).one_or_none()
    return found


def counts(session: Session, other: Shipment, row_id: str) -> bool:
    """Tell whether a shipment adds to the row: it is of that row, and not exempt; a claim alone exempts nothing."""
    row = annex_row(other.record)
    if row is None or row.row_id != row_id:
        return False
    if not claims_exemption(other.record):
        return True
    found = documents(papers(session, other.importer_id, {("shipment", other.shipment_id)}))
    known = {entry["document_id"]: Item("", entry) for entry in found}
    return not (recycled_proofs(other.record, row, known) or stock_proofs(other.record, known))


def claims_exemption(record: Mapping[str, Any]) -> bool:
    """Tell whether a shipment counts or not by its papers: recycled metal, or stock of before 2013."""
    return record.get("material_class") in _EXEMPT


def later_of_row(session: Session, shipments: Iterable[Shipment]) -> set[tuple[str, str]]:
    """Return the other shipment records whose yearly volume these are part of: of their row and year, after them.

    All are of one importer; of each row and calendar year those count that come after the first of them. Each is named
    by the record of the party it stands under, and its own id.
    """
    since: dict[tuple[str, str, int], tuple[date, int]] = {}
    for one in shipments:
        row = annex_row(one.record)
        if row is not None:
            key = (one.importer_id, row.row_id, released(one).year)
            since[key] = min(since.get(key, position(one)), position(one))
    found: set[tuple[str, str]] = set()
    for (importer_id, row_id, year), first in since.items():
        rows = _of_row(session, importers_of(session, importer_id), row_id, first[0], date(year, 12, 31))
        found |= {(one.importer_id, one.shipment_id) for one in rows if position(one) > first}
    return found


def years_of(shipments: Iterable[Shipment]) -> set[tuple[str, str, int]]:
    """Return importer, row of Annex I and calendar year to whose volumes some shipment records belong."""
    rows = ((one, annex_row(one.record)) for one in shipments)
    return {(one.importer_id, row.row_id, released(one).year) for one, row in rows if row is not None}


def of_year(session: Session, importer_id: str, row_id: str, year: int) -> set[tuple[str, str]]:
    """Return the shipment records of one row and calendar year, named as ``later_of_row`` does."""
    rows = _of_row(session, importers_of(session, importer_id), row_id, date(year, 1, 1), date(year, 12, 31))
    return {(one.importer_id, one.shipment_id) for one in rows}


def _of_row(session: Session, group: Collection[str], row_id: str, first: date, last: date) -> Iterator[Shipment]:
    """Yield the newest versions of one row released from one day to another, both included, without their bytes."""
    query = _without_bytes().where(
        col(Shipment.importer_id).in_(group), col(Shipment.latest).is_(True),
        col(Shipment.released_on).between(first, last),
    )  # fmt: skip
    for one in session.exec(query):
        row = annex_row(one.record)
        if row is not None and row.row_id == row_id:
            yield one


def _without_bytes() -> Any:
    return select(Shipment).options(defer(Shipment.body), defer(Shipment.jws))  # type: ignore[arg-type]  # SQLModel types them as their values


def released(shipment: Shipment) -> date:
    """Return the day that decides the calendar year of a shipment: its release, else when its record came."""
    return release_day(shipment.record, shipment.received_at)


def release_day(record: Mapping[str, Any], received_at: datetime) -> date:
    """Return what ``released`` says of a record that came at a moment (UTC)."""
    stated = record.get("released_on")
    return date.fromisoformat(stated) if stated else received_at.date()


def position(shipment: Shipment) -> tuple[date, int]:
    """Return where a shipment stands among those of its row: by its release, then by its place in the log."""
    return released(shipment), shipment.entry_index

"""The importer's own part of the facts: its profile, and yearly volumes only where it signed for them (facts.md 7)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from traceability.custody.facts import identifier
from traceability.diligence.definitions.annex_i import annex_row, recycled_proofs, stock_proofs
from traceability.diligence.definitions.items import Item
from traceability.events.identifiers import normalise
from traceability.services.facts.chain import People
from traceability.services.facts.papers import documents, papers
from traceability.storage.tables import ImporterProfile, Party, Shipment

_EXEMPT = ("recycled", "pre_2013_stock")
_OUR_FIELDS = ("released_on",)


def latest_profile(session: Session, importer_id: str) -> ImporterProfile | None:
    """Return the importer's newest statement about itself."""
    query = select(ImporterProfile).where(ImporterProfile.importer_id == importer_id)
    return session.exec(query.order_by(col(ImporterProfile.id).desc()).limit(1)).one_or_none()


def importer(session: Session, party: Party, people: People) -> dict[str, Any]:
    """Return the ``importer`` section."""
    section: dict[str, Any] = {"party_id": party.did, "name": party.name, "country": party.country}
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
    row = annex_row(shipment.record)
    profile = latest_profile(session, party.id)
    opening = profile.volume_statements.get(f"{row.row_id}/{as_of.year}") if row and profile else None
    if row is None or opening is None:
        return {}
    total = Decimal(str(opening))
    here = _position(shipment)
    others = select(Shipment).where(Shipment.importer_id == party.id, col(Shipment.latest).is_(True))
    for other in session.exec(others):
        counted = other.shipment_id != shipment.shipment_id and _position(other) < here
        if counted and released(other).year == as_of.year and counts(session, other, row.row_id):
            total += Decimal(str(other.record.get("net_weight_kg", "0")))
    return {row.row_id: f"{total:f}"}


def counts(session: Session, other: Shipment, row_id: str) -> bool:
    """Tell whether a shipment adds to the row: it is of that row, and not exempt; a claim alone exempts nothing."""
    row = annex_row(other.record)
    if row is None or row.row_id != row_id:
        return False
    if other.record.get("material_class") not in _EXEMPT:
        return True
    found = documents(papers(session, other.importer_id, {("shipment", other.shipment_id)}))
    known = {entry["document_id"]: Item("", entry) for entry in found}
    return not (recycled_proofs(other.record, row, known) or stock_proofs(other.record, known))


def released(shipment: Shipment) -> date:
    """Return the day that decides the calendar year of a shipment: its release, else when its record came."""
    stated = shipment.record.get("released_on")
    return date.fromisoformat(stated) if stated else shipment.received_at.date()


def _position(shipment: Shipment) -> tuple[date, int]:
    return released(shipment), shipment.entry_index

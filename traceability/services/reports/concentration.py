"""Concentration of raw materials (Reg. (EU) 2024/1252): the consignments of a period, followed through their chains."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from traceability.diligence.definitions.annex_i import annex_row
from traceability.diligence.reports import concentration
from traceability.diligence.reports.concentration import Consignment
from traceability.diligence.reports.model import About, Report
from traceability.diligence.reports.origins import by_stage
from traceability.services.access import Actor
from traceability.services.assess import newest_ids
from traceability.services.context import Service
from traceability.services.facts.importer import shipment_facts
from traceability.services.reports.records import Records, limits_under, read
from traceability.services.reports.registry import Query, report
from traceability.storage.tables import AssessmentRow, Shipment


@report(concentration.KIND, concentration.TITLE, concentration.ARTICLE, audience="own")
def crma_concentration(service: Service, actor: Actor, query: Query) -> Report:
    """Return the report of the importer's shipment records of the period."""
    with service.store.read() as session:
        had = read(session, actor, query)
        found = _consignments(session, had)
    about = About(had.party.did, had.party.name, query.period, query.as_of)
    importer = had.profile.profile if had.profile else {}
    return concentration.concentration(about, found, importer, limits_under(had, concentration.ARTICLE))


def _consignments(session: Session, had: Records) -> list[Consignment]:
    """Return the consignments; a chain is read from the newest assessment, one after the other."""
    events = {one.shipment_id: _unread(one) for one in had.shipments}
    asked = select(AssessmentRow.subject, AssessmentRow.facts).where(
        AssessmentRow.subject_kind == "shipment", col(AssessmentRow.id).in_(newest_ids(had.party.id)),
        col(AssessmentRow.erased_index).is_(None),
    )  # fmt: skip
    records = {one.shipment_id: one for one in had.shipments}
    for subject, facts in session.exec(asked.execution_options(yield_per=50)):
        if subject in records:
            chain = {"custody_events": facts.get("custody_events", [])}
            events[subject] = _consignment(records[subject].record, chain)
    return list(events.values())


def _unread(one: Shipment) -> Consignment:
    return _consignment(one.record, {})


def _consignment(record: Mapping[str, Any], chain: Mapping[str, Any]) -> Consignment:
    row = annex_row(record)
    materials = tuple(dict.fromkeys(record.get("materials", [row.metal] if row else [])))
    supplier = record.get("supplier", {})
    kg = record.get("net_weight_kg")
    return Consignment(
        materials, None if kg is None else Decimal(kg), by_stage({**chain, "shipment": shipment_facts(record)}),
        supplier.get("party_id") or supplier.get("name"),
    )  # fmt: skip
